"""`python -m aida_orchestrator.cli`: the same as `aida`."""

import sys

from . import main

sys.exit(main())
