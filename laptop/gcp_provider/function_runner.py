"""Ends one function's server when the process that started it ends. Standard library only.

`python -I function_runner.py COMMAND...` runs COMMAND in a process group of its own until standard input closes, which
also happens when the starter is killed; then it ends the whole group. When COMMAND ends first, this ends with its
status.
"""

import os
import signal
import subprocess
import sys
import threading

_GRACE_SECONDS = 3.0


def main(command: list[str]) -> int:
    """Run `command` until it ends or standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the starter handles Ctrl-C
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_end_with_starter, args=(child,), daemon=True).start()
    return child.wait()


def _end_with_starter(child: "subprocess.Popen[bytes]") -> None:
    while os.read(0, 1):
        pass
    try:
        os.killpg(child.pid, signal.SIGTERM)
        child.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        pass
    except ProcessLookupError:
        return
    try:
        os.killpg(child.pid, signal.SIGKILL)  # workers that outlived their master
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
