"""What each observation proves, and what it does not: a probe never guesses."""

from collections.abc import Sequence

import pytest

from ops.probe.api import Answer
from ops.probe.experiments import interactions, limits, settings, tasks, timers, webhooks
from ops.probe.experiments.chats import FlexChat
from ops.probe.experiments.interactions import Transfer
from ops.probe.experiments.limits import Refusals
from ops.probe.experiments.tasks import Deletion
from ops.probe.experiments.timers import Restart
from ops.probe.experiments.webhooks import OfRest
from ops.probe.listener import Webhook
from ops.probe.questions import Finding

RESTARTED, UNTOUCHED = Restart(announced=True, fired=False), Restart(announced=False, fired=True)
CONTRADICTORY = [Restart(announced=True, fired=True), Restart(announced=False, fired=False)]
UNANNOUNCED = Restart(announced=None, fired=True)


def answer(status: int, code: int | None = None, **body: object) -> Answer:
    """An answer of Twilio's."""
    return Answer(status, {**body, **({"code": code} if code else {})}, {})


def answers(findings: Sequence[Finding]) -> list[str | None]:
    """What was found."""
    return [finding.answer for finding in findings]


# -- timers ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("update", "reactivation", "expected"),
    [
        (RESTARTED, RESTARTED, "latest_activity"),
        (UNTOUCHED, RESTARTED, "message_or_reactivation"),
        (UNTOUCHED, UNTOUCHED, "message"),
        (RESTARTED, UNTOUCHED, None),
        (CONTRADICTORY[0], RESTARTED, None),
        (RESTARTED, CONTRADICTORY[1], None),
        (UNANNOUNCED, UNTOUCHED, None),
    ],
)
def test_the_origin_of_timers(update: Restart, reactivation: Restart, expected: str | None) -> None:
    """It takes what Twilio announces and what it then does, and both must agree."""
    assert timers.judge_origin(update, reactivation).answer == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (RESTARTED, "restarts_timers"),
        (UNTOUCHED, "quiet"),
        (UNANNOUNCED, None),
        *((odd, None) for odd in CONTRADICTORY),
    ],
)
def test_an_update_of_attributes(seen: Restart, expected: str | None) -> None:
    """The same holds for attributes."""
    assert timers.judge_attributes(seen).answer == expected


@pytest.mark.parametrize(
    ("first_seen", "expected"),
    [
        ([2, 2, 2, 2], "exact"),
        ([2, 2, 2, 5], "late"),
        ([22, 2, 10, 5], "late"),
        ([2, 2, 2, 45], None),
        ([2, 2, 2, None], None),
    ],
)
def test_the_lateness_of_timers(first_seen: list[int | None], expected: str | None) -> None:
    """One late timer is enough for `late`; one that is later than 20 seconds, or never fires, fits no answer."""
    assert timers.judge_lateness(first_seen).answer == expected


# -- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (answer(201), "accepted_without_state"),
        (answer(400, 50382), "refused_without_state"),
        (answer(400, 50375), None),
    ],
)
def test_a_creation_with_timers_and_without_a_state(seen: Answer, expected: str | None) -> None:
    """Only the error that is about it proves a refusal."""
    assert settings.judge_creation(seen).answer == expected


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({"default_closed_timer": None}, "null"),
        ({"default_closed_timer": ""}, "empty"),
        ({"default_closed_timer": "PT0S"}, "zero"),
        ({"default_closed_timer": "P1D"}, None),
        ({}, None),
    ],
)
def test_a_timer_that_was_never_set(shown: dict[str, object], expected: str | None) -> None:
    """A timer that somebody has set, or that is not shown, proves nothing."""
    assert settings.judge_unset_timer(answer(200, **shown)).answer == expected


@pytest.mark.parametrize(
    ("shown", "expected"), [("application/json", "json"), ("", "empty"), (None, "empty"), ("text/plain", None)]
)
def test_the_type_of_a_workflows_document(shown: str | None, expected: str | None) -> None:
    """Another type fits no answer."""
    assert settings.judge_document_type(answer(200, document_content_type=shown)).answer == expected


@pytest.mark.parametrize(
    ("short", "long", "expected"),
    [
        (answer(201), answer(201), "longer"),
        (answer(201), answer(400, 20001), "documented"),
        (answer(201), answer(403), None),
        (answer(400, 20001), answer(400, 20001), None),
    ],
)
def test_the_length_of_a_roles_name(short: Answer, long: Answer, expected: str | None) -> None:
    """A long name must be refused for its length: a short one is accepted."""
    assert settings.judge_role_names(short, long).answer == expected


@pytest.mark.parametrize(
    ("written", "shown", "expected"),
    [
        (
            answer(200, post_webhook_url=settings.NEVER_CALLED),
            answer(200, post_webhook_url=settings.NEVER_CALLED),
            "shared",
        ),
        (answer(200, post_webhook_url=settings.NEVER_CALLED), answer(200, post_webhook_url=None), "separate"),
        (answer(200, post_webhook_url=settings.NEVER_CALLED), answer(200, post_webhook_url="https://a.example"), None),
        (answer(200), answer(200), None),
        (answer(404, 20404), answer(200), None),
        (answer(200, post_webhook_url=settings.NEVER_CALLED), answer(500), None),
    ],
)
def test_the_webhook_of_chat(written: Answer, shown: Answer, expected: str | None) -> None:
    """Chat's API must have taken the URL before its absence elsewhere proves anything."""
    assert settings.judge_chat_webhook(written, shown).answer == expected


# -- limits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codes", "with_pause", "expected"),
    [
        ([20429, 20429], 0, ["general", "missing"]),
        ([50074, 50074], 2, ["product", "sent"]),
        ([50074, 20429], 1, [None, None]),
        ([12345], 0, [None, "missing"]),
        ([None], 0, [None, "missing"]),
        ([], 0, [None, None]),
    ],
)
def test_refusals_by_a_limit(codes: list[int | None], with_pause: int, expected: list[str | None]) -> None:
    """Without a refusal nothing is settled, and refusals that differ fit no answer."""
    assert answers(limits.judge_refusals(Refusals(codes, with_pause, 80, 60.0))) == expected


@pytest.mark.parametrize(
    ("codes", "per_second", "expected"),
    [([20429], 60.0, "as_search"), ([], 60.0, "none"), ([], 5.0, None)],
)
def test_the_limit_of_events(codes: list[int | None], per_second: float, expected: str | None) -> None:
    """Slow reads prove no absence of a limit."""
    assert limits.judge_events(Refusals(codes, 0, 15, per_second)).answer == expected


# -- tasks -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (answer(400, 20001), "bad_request"),
        (answer(409, 20001), "conflict"),
        (answer(400, 20404), None),
        (answer(422, 20001), None),
        (answer(200), None),
    ],
)
def test_the_refusal_of_a_status(seen: Answer, expected: str | None) -> None:
    """It must be the refusal of a status, and not another one."""
    assert tasks.judge_refusal(seen).answer == expected


@pytest.mark.parametrize(
    ("at_once", "later", "expected"),
    [
        ([True, True], [True, True], "immediate"),
        ([False, False], [True, True], "lags"),
        ([True, False], [True, True], "lags"),
        ([False, False], [False, True], None),
    ],
)
def test_the_search_by_attributes(at_once: list[bool], later: list[bool], expected: str | None) -> None:
    """A change that is never found is not behind, but missing."""
    assert tasks.judge_search(at_once, later).answer == expected


@pytest.mark.parametrize(
    ("first_seen", "expected"),
    [(0, "at_once"), (2, None), (10, None), (30, None), (65, "a_minute"), (95, "a_minute"), (None, None)],
)
def test_the_lag_of_events(first_seen: int | None, expected: str | None) -> None:
    """A lag between the answers is reported and fits none."""
    assert tasks.judge_lag(first_seen).answer == expected


@pytest.mark.parametrize(
    ("gone", "events", "expected"),
    [
        (True, {"task.canceled"}, "told_when_overdue"),
        (True, {"task.canceled", "task.system-deleted"}, "told_always"),
        (True, set(), None),
        (False, {"task.canceled"}, None),
    ],
)
def test_the_deletion_of_tasks(gone: bool, events: set[str], expected: str | None) -> None:
    """Silence counts only for a task that is gone, in a log that shows its end."""
    assert tasks.judge_deletion(Deletion(gone, frozenset(events))).answer == expected


# -- interactions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [((200, 200), "allowed"), ((405, 405), "refused"), ((200, 405), None), ((404, 404), None), ((403, 403), None)],
)
def test_reads_of_interactions(statuses: tuple[int, int], expected: str | None) -> None:
    """All are allowed, or all refused with 405; a 404 is something else."""
    asked = {str(number): answer(status) for number, status in enumerate(statuses)}

    assert interactions.judge_reads(asked).answer == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, "missing"),
        ({"flexInteractionSid": "KD1", "flexInteractionChannelSid": "UO1"}, "named"),
        ({"flexInteractionSid": "KD2", "flexInteractionChannelSid": "UO2"}, "missing"),
        ({"flexInteractionSid": "KD1"}, None),
    ],
)
def test_attributes_that_name_the_interaction(attributes: dict[str, object], expected: str | None) -> None:
    """Both SIDs, and those of this chat."""
    chat = FlexChat("Conversations/CH1", "Interactions/KD1", "Channels/UO1", "Tasks/WT1", {})

    assert interactions.judge_flex_attributes(attributes, chat).answer == expected


@pytest.mark.parametrize(
    ("plain", "flex", "expected"),
    [(True, True, "every_conversation"), (True, False, "not_flex"), (False, False, None), (False, True, None)],
)
def test_default_timers(plain: bool, flex: bool, expected: str | None) -> None:
    """A plain conversation must have the default timer before its absence elsewhere proves anything."""
    assert interactions.judge_default_timers(plain=plain, flex=flex).answer == expected


@pytest.mark.parametrize(
    ("shown", "refused", "expected"),
    [
        ({"inactivityProbe": True}, None, "as_is"),
        ({"customerName": "somebody"}, None, "as_made"),
        (None, None, None),
        (None, answer(405), None),
    ],
)
def test_invites(shown: dict[str, object] | None, refused: Answer | None, expected: str | None) -> None:
    """The invite of the changed task must be there."""
    assert interactions.judge_invites(shown, refused).answer == expected


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Transfer("transfer", True, "transfer", True), ["transfer", "transfer"]),
        (Transfer("transfer", True, "active", True), ["transfer", "active"]),
        (Transfer("active", True, "active", True), ["active", None]),
        (Transfer("active", False, "active", True), [None, None]),
        (Transfer("transfer", True, "transfer", False), ["transfer", None]),
        (Transfer("transfer", True, "", True), ["transfer", None]),
        (Transfer("pause", True, "active", True), [None, None]),
        (Transfer("", True, "", True, refusal="405"), [None, None]),
    ],
)
def test_transfers(seen: Transfer, expected: list[str | None]) -> None:
    """A task must have waited; a transfer that the channel never shows cannot be seen to be lost."""
    assert answers(interactions.judge_transfer(seen)) == expected


@pytest.mark.parametrize(
    ("state", "task", "expected"),
    [
        ("active", "completed", "keeps_state"),
        ("inactive", "completed", "sets_inactive"),
        ("active", "assigned", None),
        ("closed", "completed", None),
        ("", "completed", None),
    ],
)
def test_leave(state: str, task: str, expected: str | None) -> None:
    """The agent must have left; a conversation that is closed fits no answer."""
    assert interactions.judge_leave(state, task).answer == expected


@pytest.mark.parametrize(
    ("status", "code", "refusal", "expected"),
    [
        ("closed", None, "", "closes"),
        ("failed", 45360, "", "fails"),
        ("failed", 45354, "", None),
        ("active", None, "", None),
        ("", None, "400, error 20001", None),
    ],
)
def test_closing_a_channel_late(status: str, code: int | None, refusal: str, expected: str | None) -> None:
    """A failure must have the code that is about conversations that cannot be closed."""
    assert interactions.judge_closing(status, code, refusal).answer == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [("active", "leaves_conversation"), ("closed", "closes_conversation"), ("inactive", None)],
)
def test_the_completion_of_a_task(state: str, expected: str | None) -> None:
    """By the state of its conversation."""
    assert interactions.judge_completion(state).answer == expected


# -- webhooks ----------------------------------------------------------------------------------------------------------


def webhook(state_to: str, *, has_token: bool = False) -> Webhook:
    """A webhook that arrived."""
    return Webhook("CH1", state_to, "API", has_token)


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (OfRest([webhook("inactive")], [], []), ["silent", "silent", "missing"]),
        (OfRest([webhook("inactive")], [webhook("active")], []), ["echoed", "silent", "missing"]),
        (OfRest([webhook("inactive")], [], [webhook("inactive")]), ["silent", "echoed", "missing"]),
        (OfRest([webhook("inactive", has_token=True)], [], []), ["silent", "silent", "sent"]),
        (OfRest([webhook("inactive", has_token=True)], [webhook("active")], []), ["echoed", "silent", None]),
        (OfRest([], [], []), [None, None, None]),
        (OfRest([], [webhook("active")], []), [None, None, None]),
    ],
)
def test_webhooks_of_changes_over_rest(heard: OfRest, expected: list[str | None]) -> None:
    """Silence counts only if the webhook that was asked for arrived."""
    assert answers(webhooks.judge_rest(heard)) == expected


@pytest.mark.parametrize(
    ("asked", "closed", "state", "expected"),
    [
        ([webhook("inactive")], [], "closed", "silent"),
        ([webhook("inactive")], [webhook("closed")], "closed", "told"),
        ([webhook("inactive")], [], "active", None),
        ([], [], "closed", None),
    ],
)
def test_webhooks_of_changes_by_flex(
    asked: list[Webhook], closed: list[Webhook], state: str, expected: str | None
) -> None:
    """Flex must have closed the conversation."""
    assert webhooks.judge_flex(asked, closed, state).answer == expected
