"""Decides about a snapshot in one call; the handler takes two."""

from datetime import datetime

from function import chat
from function.chat import Arm, Case, Decision, Keep, Snapshot
from function.policy import Policy


def decide(
    snapshot: Snapshot, policy: Policy, now: datetime, *, closed_by_timer: bool = False, refused: bool = False
) -> Decision:
    """Return the decision for a snapshot under a policy."""
    return chat.decide(Case.of(snapshot, policy, now, closed_by_timer=closed_by_timer, refused=refused))


def decide_on_accept(
    snapshot: Snapshot, task_sid: str, policy: Policy, now: datetime, *, armed: bool = False
) -> Arm | Keep:
    """Return the decision for an acceptance."""
    return chat.decide_on_accept(Case.of(snapshot, policy, now), task_sid, armed=armed)
