"""Entry of `python -m crm.devtools COMMAND`, called by dev.py (and `build` by a production build)."""

import sys

from crm.devtools.commands import main

sys.exit(main(sys.argv[1:]))
