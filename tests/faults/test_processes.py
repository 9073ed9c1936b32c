"""The means of the fault tests do no harm themselves."""

import os
import subprocess
import sys

from tests.faults.processes import with_little_disk


def test_a_process_with_little_disk_leaves_no_half_of_compiled_code(tmp_path):
    """It would be the end of every later process: this one stood for a worker that ended with 1 in a new checkout."""
    (tmp_path / "large.py").write_text(f"words = {[str(number) for number in range(9000)]}\n")
    kept = os.environ | {"PYTHONPYCACHEPREFIX": str(tmp_path / "kept"), "PYTHONPATH": str(tmp_path)}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    load = [sys.executable, "-c", "import large; print(len(large.words))"]
    command, own = with_little_disk(load, 44)
    for environment, line in ((kept | own, command), (kept, load)):
        assert subprocess.run(line, env=environment, capture_output=True, text=True).stdout == "9000\n"
    assert [path.stat().st_size > 44 * 512 for path in tmp_path.rglob("large.*.pyc")] == [True]
