"""Pre-webhooks: changes that need an approval before they are made.

Models are synchronous and make no calls. A change that needs an answer raises `ApprovalNeeded` before it has changed
anything. `Simulation.approved` makes the call, and repeats the change with the verdict. A change that has become
impossible meanwhile is refused as usual.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from simulator.conversations import errors
from simulator.shared.json_text import parse_json
from simulator.shared.outbox import OutgoingCall


@dataclass(frozen=True, slots=True)
class Verdict:
    """A pre-webhook's answer: no, or yes with the fields that it changes."""

    rejected: bool = False
    changes: Mapping[str, str] = field(default_factory=dict)


class ApprovalNeeded(Exception):  # noqa: N818 -- a request, not an error
    """A change needs the answer of this call; nothing has been changed."""

    def __init__(self, call: OutgoingCall) -> None:
        super().__init__(call.event)
        self.call = call


class Approvals:
    """The verdicts that are known during one change."""

    def __init__(self) -> None:
        self._verdicts: Mapping[str, Verdict] = {}

    @contextmanager
    def known(self, verdicts: Mapping[str, Verdict]) -> Iterator[None]:
        """Make a change with these verdicts, by event."""
        before, self._verdicts = self._verdicts, verdicts
        try:
            yield
        finally:
            self._verdicts = before

    def changes(self, call: OutgoingCall) -> Mapping[str, str]:
        """The fields that the pre-webhook changes.

        Raises:
            ApprovalNeeded: it was not called yet.
            TwilioError: 50057 when it rejects the change.
        """
        verdict = self._verdicts.get(call.event or "")
        if verdict is None:
            raise ApprovalNeeded(call)
        if verdict.rejected:
            raise errors.rejected_by_webhook(call.event or "")
        return verdict.changes


def verdict(status: int | None, body: bytes) -> Verdict:
    """Read a pre-webhook's answer: 4xx and 5xx reject, no answer in time approves, a JSON object may change fields."""
    if status is None:
        return Verdict()
    if status >= 400:
        return Verdict(rejected=True)
    try:
        answer = parse_json(body) if body else {}
    except ValueError:
        return Verdict()
    if not isinstance(answer, dict):
        return Verdict()
    return Verdict(changes={name: value for name, value in answer.items() if isinstance(value, str)})
