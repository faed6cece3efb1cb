"""What a hosts file does, for one process: `python map_names.py SCRIPT ARGUMENT...` runs a script with it.

Twilio's names are mapped to this machine, and 443, which needs privileges, to the simulator's port. The look-up of
names is replaced on purpose: the client must have no option and no subclass of ours (`tests/test_no_patching.py`).
"""

import os
import runpy
import socket
import sys
from typing import Any

look_up = socket.getaddrinfo


def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
    """Look a name up."""
    if isinstance(host, str) and host.endswith(".twilio.com"):
        host, port = "127.0.0.1", int(os.environ["SIMULATOR_TLS_PORT"])
    return look_up(host, port, *rest, **more)


socket.getaddrinfo = getaddrinfo
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
