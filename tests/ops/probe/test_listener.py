"""What the server behind the tunnel takes for a webhook of Twilio's."""

from urllib.parse import urlencode

import pytest
import requests
from pytest_httpserver import HTTPServer

from ops.probe.errors import ProbeError
from ops.probe.listener import MAXIMUM_BYTES, Listener, Webhook
from tests.ops.probe.laboratory import local_listener

EVENT = {"ConversationSid": "CH1", "StateTo": "inactive", "Reason": "API"}


def test_a_webhook_is_heard_by_its_conversation() -> None:
    """With its new state, its reason, and whether it has a token, however the header is spelled."""
    with local_listener() as listener:
        plain = requests.post(listener.url, data=EVENT, timeout=5)
        token = {"i-twilio-idempotency-token": "a"}
        requests.post(listener.url, data={**EVENT, "StateTo": "closed"}, headers=token, timeout=5)

        heard = listener.heard("CH1"), listener.heard("CH2")

    assert plain.status_code == 204
    assert heard == ([Webhook("CH1", "inactive", "API", False), Webhook("CH1", "closed", "API", True)], [])


def test_nobody_else_is_heard() -> None:
    """A request without the secret, without a length, or longer than any webhook."""
    with local_listener() as listener:
        guessed = requests.post(f"http://127.0.0.1:{listener.port}/guess", data=EVENT, timeout=5)
        long = requests.post(listener.url, data={**EVENT, "More": "x" * MAXIMUM_BYTES}, timeout=5)
        odd = requests.post(listener.url, data=iter([urlencode(EVENT).encode()]), timeout=5)
        heard = listener.heard("CH1")

    assert (guessed.status_code, long.status_code, odd.status_code, heard) == (404, 404, 404, [])


def test_the_way_through_the_tunnel_is_tried(httpserver: HTTPServer) -> None:
    """A tunnel that leads to us passes; one that leads elsewhere, or nowhere, is named."""
    httpserver.expect_request("/").respond_with_data("somebody else")
    with local_listener() as listener:
        listener.check()
    with Listener(httpserver.url_for(""), 0) as elsewhere, pytest.raises(ProbeError, match="does not lead here"):
        elsewhere.check()
    with Listener("http://127.0.0.1:9", 0) as nowhere, pytest.raises(ProbeError, match="ConnectionError"):
        nowhere.check()
