"""Where `pulumi up` begins."""

import signal
import sys

import pulumi

from infra.program import deploy
from infra.stack_config import StackConfigError

ALREADY_SAID = 32
"""The exit status by which the language host knows that the reason was shown (pulumi/pulumi,
sdk/python/cmd/pulumi-language-python/main.go, v3.259)."""

# The host sends SIGINT when the engine stops. Python's own handler would print a traceback around the reason.
signal.signal(signal.SIGINT, signal.SIG_DFL)
try:
    deploy()
except StackConfigError as error:
    pulumi.log.error(str(error))
    sys.exit(ALREADY_SAID)
