"""`manage.py rotate_keys` killed with -9 after a chunk: nothing is lost, the next run ends it, the old key may go."""

import base64
import os
import signal
import subprocess
import sys
from urllib.parse import quote

from django.db import connection

from crm.devtools.processes import ROOT
from crm.keyring import INDEX, OPEN_KEYS
from crm.protection.cipher import ciphers
from customers.models import ContactPoint
from customers.tests.factories import make_contact_point, make_customer

SECOND = bytes([2]) * 32
PLAIN = [f"1381234567{number}" for number in range(7)]
CHUNK = 3


def manage(*arguments, ring, **more):
    """A command of manage.py in a process of its own, on the copied database, with these data keys."""
    own = connection.settings_dict
    account = f"{quote(own['USER'])}:{quote(own['PASSWORD'])}"
    entries = {INDEX: OPEN_KEYS[INDEX], **ring}
    environment = os.environ | {
        "BANYAN_ENV": "test",
        "DATABASE_URL": f"postgresql://{account}@{own['HOST']}:{own['PORT']}/{own['NAME']}",
        "DATA_KEYS": " ".join(f"{name}:{base64.b64encode(key).decode()}" for name, key in entries.items()),
        **more,
    }
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60)


def sealed_with() -> dict[int, int]:
    """{number of a key: how many values of contact points it has sealed}."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT get_byte(value, 0), count(*) FROM customers_contactpoint GROUP BY 1")
        return dict(cursor.fetchall())


def values(settings, ring) -> list[str]:
    settings.DATA_KEYS = {int(name): key for name, key in ring.items()}
    ciphers.cache_clear()
    return sorted(point.value for point in ContactPoint.objects.all())


def test_f28_a_rotation_killed_for_good_is_ended_by_the_next_one_and_every_value_opens(
    copy, transactional_db, settings
):
    before, both, new = {"1": OPEN_KEYS["1"]}, {"1": OPEN_KEYS["1"], "2": SECOND}, {"2": SECOND}
    try:
        customer = make_customer()
        for value in PLAIN:
            make_contact_point(customer=customer, value=value)
        assert values(settings, before) == PLAIN
        killed = manage("rotate_keys", f"--chunk={CHUNK}", ring=both, FAILPOINT="after_rotated_chunk")
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert values(settings, both) == PLAIN
        ended = manage("rotate_keys", f"--chunk={CHUNK}", ring=both)
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "No value needs key 1 any more." in ended.stdout
        assert sealed_with() == {2: len(PLAIN)}
        assert values(settings, new) == PLAIN, "without the old key"
        assert manage("check", ring=new).returncode == 0
    finally:
        ciphers.cache_clear()
