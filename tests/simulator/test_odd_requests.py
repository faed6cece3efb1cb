"""Invalid requests: refused in Twilio's format, never a 5xx, never a change."""

from __future__ import annotations

import base64
import http.client
import json
from typing import Any

import pytest

from simulator.app import PRODUCTS

from .conftest import World
from .contract.documents import Operation, operations
from .contract.exercising import Exerciser

MESSAGES = "conversations/v1/Conversations/{conversation}/Messages"


def raw(world: World, request: bytes) -> bytes:
    """Send bytes, and return the answer."""
    host, _, port = world.simulator.url.removeprefix("http://").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.connect()
    connection.sock.sendall(request)
    answer: bytes = connection.sock.recv(65536)
    connection.close()
    return answer


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.name)
def test_an_unsupported_method_is_20004(world: World, operation: Operation) -> None:
    """HTTP 405 with Allow, in Twilio's format."""
    answer = world.call("PUT", Exerciser(world).path(operation), {"FriendlyName": "x"})

    assert (answer.status_code, answer.json()["code"]) == (405, 20004)
    assert operation.route.method in answer.headers["Allow"].split(", ")


def test_head_is_get_without_a_body_and_options_lists_the_methods(world: World) -> None:
    """HTTP defines both."""
    path = f"taskrouter/v1/Workspaces/{world.workspace_sid}"
    get, head, options = (world.call(method, path) for method in ("GET", "HEAD", "OPTIONS"))

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    assert (options.status_code, options.content) == (204, b"")
    assert {"GET", "HEAD", "OPTIONS", "POST"} <= set(options.headers["Allow"].split(", "))


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD"])
@pytest.mark.parametrize(
    "path", ["nowhere/v1/Things", "conversations", "conversations/v9/Services", "flex-api//", "a%00b"]
)
def test_an_unknown_path_is_20404(world: World, method: str, path: str) -> None:
    """The method does not matter."""
    answer = world.call(method, path)

    assert answer.status_code == 404
    assert method == "HEAD" or answer.json()["code"] == 20404


@pytest.mark.parametrize("authorization", ["", "Basic", "Basic !!!", "Basic YQ==", "Bearer x", "Basic /////w=="])
@pytest.mark.parametrize("method", ["GET", "PUT", "OPTIONS"])
def test_credentials_are_checked_first(world: World, method: str, authorization: str) -> None:
    """Without valid ones no answer shows what exists."""
    world.http.auth = None
    answer = world.call(method, "conversations/v1/Configuration", headers={"Authorization": authorization})

    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


@pytest.mark.parametrize(
    "body",
    [b"", b"&&&==", b"Body", b"Body=%", b"Body=%ff%fe", b"\xff\xfe\x00", b"Body=" + b"x" * 10_000, b"{}", b"=" * 5000],
)
@pytest.mark.parametrize(
    "content_type", [None, "application/x-www-form-urlencoded", "application/json", "text/plain", ";;"]
)
def test_a_malformed_body_is_no_crash(world: World, body: bytes, content_type: str | None) -> None:
    """It counts as a form with or without parameters."""
    chat = world.chat()
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = world.http.post(f"{world.simulator.url}/{MESSAGES.format(**chat)}", data=body, headers=headers, timeout=10)

    assert answer.status_code in {201, 400}


@pytest.mark.parametrize(
    "attributes", ["[" * 4000, "NaN", '{"a":Infinity}', '"\\ud800"', "1" * 4000, "{", "null", "[]"]
)
@pytest.mark.parametrize("what", ["message", "conversation", "task"])
def test_odd_attributes_are_no_crash(world: World, what: str, attributes: str) -> None:
    """Nested too deep, not a number, a lone surrogate: refused, or stored and shown."""
    chat = world.chat()
    path = {
        "message": MESSAGES,
        "conversation": "conversations/v1/Conversations/{conversation}",
        "task": f"taskrouter/v1/Workspaces/{world.workspace_sid}/Tasks/{{task}}",
    }[what].format(**chat)

    answer = world.call("POST", path, {"Attributes": attributes})

    assert answer.status_code in {200, 201, 400}
    assert world.call("GET", path).ok
    assert world.truth(chat)["conversation"] == chat["conversation"]


@pytest.mark.parametrize("value", ["-1", "0", "x", "", "99999999999999999999", "1.5", "%00", "٣"])
@pytest.mark.parametrize("name", ["PageSize", "Page", "PageToken"])
@pytest.mark.parametrize("product", ["conversations", "taskrouter"])
def test_odd_paging_is_answered(world: World, product: str, name: str, value: str) -> None:
    """20001, or a page."""
    path = {"conversations": "conversations/v1/Services", "taskrouter": "taskrouter/v1/Workspaces"}[product]
    answer = world.call("GET", path, params={name: value})

    assert answer.status_code in {200, 400}
    assert answer.ok or answer.json()["code"] == 20001


def test_a_page_size_beyond_the_maximum_is_the_maximum(world: World) -> None:
    """A client that asks for 500 gets 100."""
    assert (
        world.call("GET", "conversations/v1/Conversations", params={"PageSize": "500"}).json()["meta"]["page_size"]
        == 100
    )


@pytest.mark.parametrize(
    "line",
    [
        b"GET /conversations/v1/Configuration?\xff\xfe HTTP/1.1",
        b"GET /conversations/v1/%ff%fe HTTP/1.1",
        b"GET /conversations/v1/\xff HTTP/1.1",
        b"GET //conversations/v1/Configuration HTTP/1.1",
        b"GET http://api.twilio.com/ HTTP/1.1",
        b"BREW /conversations/v1/Configuration HTTP/1.1",
    ],
)
def test_bytes_that_are_not_text_are_answered(world: World, line: bytes) -> None:
    """The status is below 500."""
    credentials = base64.b64encode(f"{world.simulator.account_sid}:{world.simulator.auth_token}".encode())
    answer = raw(world, line + b"\r\nHost: localhost\r\nAuthorization: Basic " + credentials + b"\r\n\r\n")

    assert 400 <= int(answer.split()[1]) < 500 or answer.startswith(b"HTTP/1.1 200")


def test_the_log_names_parameters_that_nobody_read(world: World) -> None:
    """Twilio ignores them with a warning (20001): a typo in a timer's name is found here."""
    chat = world.chat()
    world.call(
        "POST", f"conversations/v1/Conversations/{chat['conversation']}", {"Timers.Inactiv": "PT5M", "State": "active"}
    )

    newest = world.control("GET", "requests")["requests"][-1]
    assert (newest["status"], newest["ignored"]) == (200, ["Timers.Inactiv"])


def test_connection_close_is_honoured(world: World) -> None:
    """A client that asks for it gets the header and the end of the connection."""
    host = world.simulator.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request("GET", "/conversations/v1/Configuration", headers={"Connection": "close"})
    response = connection.getresponse()
    response.read()

    assert response.getheader("Connection") == "close"
    assert response.will_close
    assert connection.sock is None


def test_every_product_is_reached_by_host_name(world: World) -> None:
    """Without a path prefix, as an unmodified client calls it."""
    for product in PRODUCTS:
        answer: Any = world.http.get(
            f"{world.simulator.url}/v1/nothing", headers={"Host": f"{product}.twilio.com"}, timeout=10
        )
        assert (answer.status_code, json.loads(answer.text)["message"].split()[3]) == (404, "/v1/nothing")
