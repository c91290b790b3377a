"""`python -m aida_orchestrator.codes` prints docs/errors.md."""

import sys

from .page import page

sys.stdout.write(page())
