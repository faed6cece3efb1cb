"""Who works on a conversation, and by which tasks: accepting, transferring and leaving.

An interaction channel is a staffing; a chat without an interaction (custom orchestration) has a plain one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.conversations.contents import Participant
from simulator.conversations.conversation import Conversation, State
from simulator.conversations.webhooks import REST
from simulator.flex.interaction_requests import Person
from simulator.taskrouter.reservation import Reservation
from simulator.taskrouter.task import Task

if TYPE_CHECKING:
    from simulator.flex.models import Flex


@dataclass(slots=True)
class StaffingParticipant:
    """A participant; `type` is customer, agent, ...; an agent has the reservation of their task."""

    sid: str
    type: str
    conversation_participant_sid: str
    reservation: Reservation | None = None


class Staffing:
    """The participants and tasks of a conversation."""

    def __init__(self, flex: Flex, conversation: Conversation) -> None:
        self.flex = flex
        self.account = flex.account
        self.conversation = conversation
        self.tasks: list[Task] = []
        self.participants: list[StaffingParticipant] = []
        self._handovers: dict[str, str | None] = {}

    @property
    def agents(self) -> list[StaffingParticipant]:
        """The agents, in order of arrival."""
        return [participant for participant in self.participants if participant.type == "agent"]

    def take(self, task: Task) -> Task:
        """Add a task to this conversation: whoever accepts it joins."""
        self.tasks.append(task)
        self.flex.expect(task, self)
        return task

    def hand_over(self, task: Task, from_sid: str | None = None) -> None:
        """When this task is accepted, the agent whom it comes from leaves and their task ends.

        Without one, all agents do.
        """
        self._handovers[task.sid] = from_sid

    def admit(self, reservation: Reservation) -> None:
        """Add the agent who has accepted, unless the conversation is closed."""
        if self.conversation.state is State.CLOSED:
            return
        before, worker = self.agents, reservation.worker
        participant = self.conversation.participant_named(worker.identity)
        if participant is None:
            role = self.conversation.service.roles["agent"]
            participant = self.conversation.add_participant(
                REST, identity=worker.identity, role_sid=role.sid, kind="agent"
            )
        self.add_participant("agent", participant.sid, reservation)
        self.accepted(reservation)
        if reservation.task.sid in self._handovers:
            from_sid = self._handovers.pop(reservation.task.sid)
            for agent in before:
                if from_sid in {None, agent.sid}:
                    self.dismiss(agent)

    def accepted(self, reservation: Reservation) -> None:
        """An agent has joined; channels override this."""

    def add_participant(
        self, participant_type: str, conversation_participant_sid: str, reservation: Reservation | None = None
    ) -> StaffingParticipant:
        """Add a participant."""
        participant = StaffingParticipant(
            self.account.sids.new("UT"), participant_type, conversation_participant_sid, reservation
        )
        self.participants.append(participant)
        return participant

    def dismiss(self, participant: StaffingParticipant, *, wrap: bool = False) -> None:
        """Remove a participant; an agent's task ends, or is wrapped up. The conversation stays as it is."""
        self.participants.remove(participant)
        sid = participant.conversation_participant_sid
        still_there = any(each.conversation_participant_sid == sid for each in self.participants)
        if sid in self.conversation.participants and self.conversation.state is not State.CLOSED and not still_there:
            self.conversation.remove_participant(sid, REST)
        if participant.reservation is not None:
            task = participant.reservation.task
            if wrap:
                task.wrap()
            else:
                task.finish()

    def remove_agents(self) -> None:
        """Remove every agent; their tasks stay as they are."""
        for participant in self.agents:
            self.participants.remove(participant)
            sid = participant.conversation_participant_sid
            if sid in self.conversation.participants and self.conversation.state is not State.CLOSED:
                self.conversation.remove_participant(sid, REST)


def enter(conversation: Conversation, person: Person) -> Participant:
    """Add a participant to a conversation, if it is not there already."""
    present = conversation.participant_named(person.address)
    if present is not None:
        return present
    role = conversation.service.roles["agent" if person.type == "agent" else "customer"]
    return conversation.add_participant(
        REST, identity=person.identity, binding=person.binding, role_sid=role.sid, kind=person.type
    )
