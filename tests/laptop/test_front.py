"""The functions' front: what comes in goes on unchanged, what may not pass is refused, a taken port is told."""

import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from laptop.gcp_provider.front import Front
from laptop.ports import PortTakenError, listen


@dataclass
class Backend:
    """A function's process, as far as the front can tell: it keeps what it was asked."""

    port: int = 0
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)


@dataclass
class FakeRoutes:
    """One public function, one private one."""

    open_port: int
    closed_port: int

    def port(self, name: str, location: str = "") -> int | None:
        """Both listen, a third does not, and one only in a region."""
        known = {"open": self.open_port, "closed": self.open_port, "dead": self.closed_port}
        return self.open_port if (location, name) == ("europe-west4", "moved") else known.get(name)

    def locations(self) -> frozenset[str]:
        """One."""
        return frozenset({"europe-west4"})

    def names(self) -> list[str]:
        """Those that answer."""
        return ["closed", "open"]

    def scheduler(self, method: str, path: str) -> tuple[int, dict[str, object]]:
        """None."""
        return 404, {"asked": f"{method} {path}"}

    def functions(self, method: str, path: str) -> tuple[int, dict[str, object]]:
        """None either."""
        return 404, {"listed": f"{method} {path}"}

    def may_call(self, name: str, authorization: str | None) -> bool:
        """All but one by everybody, that one by Scheduler."""
        return name != "closed" or authorization == "Bearer of Scheduler's"


@pytest.fixture
def backend() -> Iterator[Backend]:
    """A server in place of a function, by hand: the libraries' test servers close every connection."""
    found = Backend()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found.connections.add(self.client_address)
            found.seen.append((self.command, self.path, dict(self.headers), body))
            self.send_response(418)
            self.send_header("X-Answer", "yes")
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"hello")

        do_GET = do_PUT = do_POST  # noqa: N815 - http.server's names

        def log_message(self, *_arguments: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def front(backend: Backend) -> Iterator[Front]:
    """The front before that function."""
    with listen(0, purpose="", option="") as unused:
        closed_port = unused.getsockname()[1]
    with Front(0) as opened:
        opened.serve(FakeRoutes(backend.port, closed_port))
        yield opened


def ask(front: Front, method: str, target: str, body: bytes = b"", **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """Ask once, with exactly this target."""
    connection = http.client.HTTPConnection(front.url.removeprefix("http://"), timeout=10)
    connection.request(method, target, body=body, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content, {key.lower(): value for key, value in answer.getheaders()}


@pytest.mark.parametrize(
    ("target", "arrives"),
    [
        ("/open/conversations", "/conversations"),
        ("/open/a%2Fb%20c/%C3%A9?x=1&y=%20&x=2", "/a%2Fb%20c/%C3%A9?x=1&y=%20&x=2"),
        ("/open", "/"),
        ("/open/", "/"),
        ("/open/a//twice/", "/a//twice/"),
        ("/europe-west4/moved/conversations", "/conversations"),
    ],
)
def test_the_functions_name_comes_off_and_the_rest_arrives_as_it_was_sent(
    target: str, arrives: str, front: Front, backend: Backend
) -> None:
    """As behind Google's front end. Escapes are unchanged, because signatures cover the text."""
    status, content, headers = ask(front, "POST", target, b"Body=%26", **{"X-Twilio-Signature": "abc="})
    assert (status, content, headers["x-answer"]) == (418, b"hello", "yes")
    ((method, path, seen, body),) = backend.seen
    assert (method, path, body) == ("POST", arrives, b"Body=%26")
    assert seen["x-twilio-signature"] == "abc="
    assert seen["host"] == front.url.removeprefix("http://")


def test_any_method_and_any_bytes_pass(front: Front, backend: Backend) -> None:
    """Binary and large bodies too."""
    body = bytes(range(256)) * 4096
    ask(front, "PUT", "/open/x", body)
    ask(front, "GET", "/open/x")
    assert [(method, seen) for method, _, _, seen in backend.seen] == [("PUT", body), ("GET", b"")]


def test_an_unknown_function_is_404_and_the_known_ones_are_named(front: Front) -> None:
    """A typo is easy to find."""
    status, content, _ = ask(front, "POST", "/oepn/conversations")
    assert status == 404
    assert json.loads(content) == {"error": "no function is called 'oepn'", "functions": ["closed", "open"]}


def test_a_function_without_public_invoker_is_403_and_not_called(front: Front, backend: Backend) -> None:
    """As Cloud Run does, so that a missing binding is found on the laptop."""
    assert ask(front, "POST", "/closed/conversations")[0] == 403
    assert backend.seen == []


def test_a_function_that_does_not_answer_is_503(front: Front) -> None:
    """The caller still gets an answer."""
    assert ask(front, "POST", "/dead/conversations")[0] == 503


def test_connections_to_the_function_are_kept(front: Front, backend: Backend) -> None:
    """A hundred requests one after the other arrive, each once, over one connection."""
    for number in range(100):
        ask(front, "POST", f"/open/{number}")
    assert [path for _, path, _, _ in backend.seen] == [f"/{number}" for number in range(100)]
    assert len(backend.connections) == 1


def test_a_taken_port_is_named_with_its_holder_and_the_way_out() -> None:
    """One line: which port, for what, who has it, which option to change."""
    with listen(0, purpose="first", option="x") as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTakenError) as refused:
            Front(port).bind()
    message = str(refused.value)
    assert message.startswith(f"port {port} (the functions' front) is taken by process ")
    assert "choose another front port" in message
    assert "\n" not in message
