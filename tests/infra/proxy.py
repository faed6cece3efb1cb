"""A proxy that tells which hosts somebody wants to reach, and lets nobody through."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Proxy:
    """Hears which hosts are asked for while the block lasts.

    Attributes:
        asked: each host with its port, in the order of asking.
        url: for HTTPS_PROXY.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        proxy = self

        class Answers(BaseHTTPRequestHandler):
            def do_CONNECT(self) -> None:
                proxy.asked.append(self.path)
                self.send_error(502)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self) -> "Proxy":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
