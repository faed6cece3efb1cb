"""Keeps one function's server alive exactly as long as whoever started it: standard library only, a process of its own.

`python -I function_runner.py COMMAND...` runs COMMAND in a process group of its own until standard input closes (the
starter is gone, even by kill -9, or has let go), then ends the whole group. When COMMAND ends first, so does this,
with its status.
"""

import os
import signal
import subprocess
import sys
import threading

_GRACE_SECONDS = 3.0


def main(command: list[str]) -> int:
    """Run `command` until it ends or standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C in the terminal is the starter's to answer
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
