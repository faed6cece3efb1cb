"""Who is who: by evidence, never by a name alone."""

from datetime import UTC, datetime

import pytest

from function.markers import Marker
from function.snapshot import Evidence, Message, Participant, Who, WhoIsWho, Written
from function.treatments import StepKind

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MARKER = Marker(StepKind.WARNING, 1, 3)
PEOPLE = WhoIsWho(
    participants=(
        Participant("MB-web", "customer-7", has_address=False, role_sid="RL-customer"),
        Participant("MB-sms", None, has_address=True, role_sid=None),
        Participant("MB-agent", "agent_40example_2Ecom", has_address=False, role_sid="RL-agent"),
        Participant("MB-worker", "worker", has_address=False, role_sid="RL-customer"),
        Participant("MB-forger", "agent", has_address=True, role_sid="RL-agent"),
    ),
    evidence=Evidence(frozenset({"RL-agent"}), frozenset({"worker", "gone worker"})),
    our_author="system",
)


def judged(participant_sid: str | None, author: str | None = "x", marker: Marker | None = None) -> Message:
    """A message by somebody."""
    return PEOPLE.judge(Written(4, NOW, author, participant_sid, marker))


@pytest.mark.parametrize(
    ("participant", "who"),
    [
        ("MB-web", Who.CUSTOMER),
        ("MB-sms", Who.CUSTOMER),
        ("MB-agent", Who.AGENT),
        ("MB-worker", Who.AGENT),
        ("MB-forger", Who.CUSTOMER),
    ],
)
def test_participants_are_known_by_binding_role_or_worker(participant: str, who: Who) -> None:
    """An address makes a customer, whatever else; an agent's role or the task's worker makes an agent."""
    message = judged(participant)

    assert (who, True, False) == (message.by, message.present, message.left)


def test_who_has_left_counts_as_the_customer_unless_they_were_the_tasks_worker() -> None:
    """In doubt the chat is kept."""
    assert (Who.CUSTOMER, True) == (judged("MB-gone").by, judged("MB-gone").left)
    assert Who.AGENT is judged("MB-gone", author="gone worker").by


def test_ours_has_marker_and_author_and_no_participant() -> None:
    """All three: clients can forge attributes, and other systems write as `system`."""
    assert (Who.OURS, MARKER) == (judged(None, "system", MARKER).by, judged(None, "system", MARKER).marker)
    assert Who.AUTOMATED is judged(None, "system").by
    assert Who.AUTOMATED is judged(None, "bot", MARKER).by
    assert Who.CUSTOMER is judged("MB-web", "system", MARKER).by
    assert judged("MB-web", "system", MARKER).marker is None


def test_no_text_of_a_customer_is_kept() -> None:
    """Not even an address shows in what may be printed."""
    assert "+1555" not in repr(Written(1, NOW, "+15550001", None, None))
