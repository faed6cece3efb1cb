"""With an API key of another account, the function writes nothing and says so."""

import json
from dataclasses import replace
from typing import Any

import pytest

from function.bootstrap import bootstrap
from function.chat import ConversationState
from function.policy import Policy
from function.twilio_api import Account, Attempt, OtherAccountError
from simulator.shared import account as simulated
from tests.world.driving import Twilio
from tests.world.running import settings_for

OURS, THEIRS = "AC" + "1" * 32, "AC" + "2" * 32


def confirm(*answers: Any) -> None:
    """Confirm these answers, one after the other."""
    account = Account(OURS)
    for answer in answers:
        account.confirm("call")
        account.confirm("call", answer if isinstance(answer, str) else json.dumps(answer))


@pytest.mark.parametrize(
    "answer",
    [
        {"sid": "CH1", "account_sid": THEIRS},
        {"conversations": [{"account_sid": THEIRS}], "meta": {"page": 0}},
        {"meta": {}, "first": [], "tasks": [{"sid": "WT1", "account_sid": THEIRS}, {"account_sid": OURS}]},
    ],
)
def test_an_answer_of_another_account_is_refused_by_both_names(answer: object) -> None:
    """It is a resource, or the first row of a list."""
    with pytest.raises(OtherAccountError, match=f"call: the credentials open account {THEIRS}.* {OURS}"):
        confirm(answer)


@pytest.mark.parametrize(
    "answer",
    ["", "<html>", "[]", "3", "null", {}, {"account_sid": None}, {"a": [3]}, {"attributes": THEIRS}, {"b": []}],
)
def test_an_answer_that_names_no_account_proves_nothing(answer: object) -> None:
    """The next answer may."""
    confirm(answer, {"account_sid": OURS})
    with pytest.raises(OtherAccountError):
        confirm(answer, {"account_sid": THEIRS})


def test_attributes_in_a_resource_do_not_name_its_account() -> None:
    """Anybody can write attributes."""
    confirm({"attributes": json.dumps({"account_sid": THEIRS}), "account_sid": OURS})


def test_once_is_enough() -> None:
    """Credentials do not change while a process lives, so later answers are not checked."""
    confirm({"account_sid": OURS}, {"account_sid": THEIRS})


def test_after_an_answer_of_another_account_nothing_is_called_any_more() -> None:
    """Calls that were about to begin are not made either."""
    account = Account(OURS)
    with pytest.raises(OtherAccountError):
        account.confirm("call", json.dumps({"account_sid": THEIRS}))

    with pytest.raises(OtherAccountError, match="arm_timer"):
        account.confirm("arm_timer")


def test_the_function_writes_nothing_with_a_key_of_another_account(twilio: Twilio, policy: Policy) -> None:
    """The first answers show it; neither a later event nor a sweep makes a call."""
    key = simulated.Account()
    chat = twilio.answered()
    twilio.disturb(drop=1.0)
    twilio.advance("PT9M")
    settings = replace(settings_for(twilio, 1, policy), account_sid=OURS)
    settings = replace(settings, api_key_sid=key.api_key_sid, api_key_secret=key.api_key_secret)
    lines: list[str] = []
    function = bootstrap(settings, log=lines.append)
    twilio.clear_log()

    for _ in range(2):
        with pytest.raises(OtherAccountError, match=twilio.account.account_sid):
            function.handler.handle(Attempt.lasting(4), chat.conversation)

    assert {request.method for request in twilio.requests()} == {"GET"}
    assert chat.ours == []
    calls = len(twilio.requests())
    with pytest.raises(OtherAccountError):
        function.api.list_conversations(Attempt.lasting(4), ConversationState.INACTIVE)
    assert len(twilio.requests()) == calls
