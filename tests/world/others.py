"""What others do to an account: sites, bots, plugins, workflows, colleagues and carriers, each a kind of world.

They act over Twilio's API or Flex, as in reality, on one chat of a `World`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from simulator.client import SimulatorError
from simulator.conversations.contents import DeliveryStatus
from simulator.faults import REMOVED
from tests.world.verdicts import LIVE, MACHINES
from tests.world.world import Chat, World

INTERACTION: Final = ("flexInteractionSid", "flexInteractionChannelSid", "flexChannelInviteSid")
"""By what a task names its interaction."""

UNKNOWN: Final = "levitating"
"""A status that is not documented."""

POLICY: Final = {"bots": sorted(MACHINES)}
"""What the worlds' policies say besides."""


class Kind(Enum):
    """A kind of world."""

    FOREIGN_QUEUED = "a queued task copies the chat's attributes"
    FOREIGN_ASSIGNED = "an assigned task copies them"
    CALLBACK = "a task copies all but the interaction"
    CALLBACK_TAKEN = "a task copies all but the interaction, and the chat's agent takes it"
    BORROWED = "its tasks name another chat's interaction"
    COLLEAGUE = "a colleague is asked in and comes"
    HELPED = "a colleague is asked in, answers and leaves"
    HANDED_OVER = "a colleague is asked in, and the first agent leaves with a last word"
    INVITE = "a colleague is asked in and does not come"
    SITE_CLOSES = "the customer's site closes the conversation"
    TIMER_CLOSES = "Twilio's closed timer runs"
    CANCELED = "the workflow cancels the newest task"
    EXPIRED = "the newest task passes its time"
    DELETED = "somebody deletes the newest task"
    OFFLINE = "the agent goes offline"
    UNKNOWN_STATUS = "Twilio shows a status that nobody knows"
    HOSTILE_CONVERSATION = "hostile attributes on the conversation"
    HOSTILE_TASK = "hostile attributes on the task"
    ODD_FIELDS = "odd fields in answers"
    MALFORMED_ROWS = "malformed rows in lists"
    UNDELIVERED = "an agent's word never arrives"
    CAME_BACK = "the agent is removed and added again"
    MACHINE = "a bot takes part and writes"
    OVERWRITTEN = "a plugin overwrites the conversation's attributes"
    OUTBOUND = "the customer has never written"


@dataclass(frozen=True)
class Oddity:
    """A field of an answer with another value, or missing if there is none.

    Attributes:
    opaque: while it lasts, nobody can know that a customer is silent.
    """

    match: str
    at: str
    value: Any = REMOVED
    opaque: bool = False


CONVERSATION, PARTICIPANTS, MESSAGES = r"(GET|POST) .*/Conversations/CH\w+$", r"GET .*/Participants", r"GET .*/Messages"
TASK, CHANNEL, INVITES, EVENTS = r"(GET|POST) .*/Tasks/WT\w+$", r"GET .*/Channels/UO\w+$", r"GET .*/Invites", r"/Events"
LISTS = r"GET .*/(Conversations|Tasks)$"
RESERVATIONS, ROLES = r"GET .*/Reservations", r"GET .*/Roles"

ODD_FIELDS: Final = (
    Oddity(CONVERSATION, "date_created"),
    Oddity(CONVERSATION, "date_updated", "a while ago"),
    Oddity(CONVERSATION, "timers", []),
    Oddity(CONVERSATION, "timers.date_inactive", "soon"),
    Oddity(CONVERSATION, "attributes", {"name": "Ann"}),
    Oddity(CONVERSATION, "attributes", None),
    Oddity(CONVERSATION, "state", UNKNOWN, opaque=True),
    Oddity(TASK, "date_created", "0001-01-01T00:00:00Z"),
    Oddity(TASK, "assignment_status", None, opaque=True),
    Oddity(TASK, "attributes", {"name": "Ann"}),
    Oddity(TASK, "attributes", None),
    Oddity(TASK, "task_queue_friendly_name", 12),
    Oddity(CHANNEL, "status", 5, opaque=True),
    Oddity(CHANNEL, "type", None),
    Oddity(EVENTS, "events.*.event_date", "last week", opaque=True),
)

MALFORMED_ROWS: Final = (
    Oddity(MESSAGES, "messages.0.index"),
    Oddity(MESSAGES, "messages.*.index", "first", opaque=True),
    Oddity(MESSAGES, "messages.*.date_created"),
    Oddity(MESSAGES, "messages.0.date_created", "just now"),
    Oddity(MESSAGES, "messages.*.attributes", 3),
    Oddity(MESSAGES, "messages.*.delivery", "sent"),
    Oddity(PARTICIPANTS, "participants.*.role_sid", 7),
    Oddity(PARTICIPANTS, "participants.0.identity", 7),
    Oddity(PARTICIPANTS, "participants.*.messaging_binding", "sms"),
    Oddity(PARTICIPANTS, "participants.*.date_created", "yesterday", opaque=True),
    Oddity(INVITES, "invites.*.routing", "none", opaque=True),
    Oddity(LISTS, "conversations.0.sid", opaque=True),
    Oddity(LISTS, "conversations.0.timers", 1),
    Oddity(LISTS, "tasks.0.attributes", 7),
    Oddity(LISTS, "tasks.0.sid", opaque=True),
    Oddity(RESERVATIONS, "reservations.*.reservation_status", opaque=True),
    Oddity(ROLES, "roles"),
)

LEASE: Final = {"by": "somebody", "step": 1, "answeredIndex": 1, "leaseUntil": "2099-01-01T00:00:00Z"}

HOSTILE: Final = (
    '{"customerName": "Ann \\ud83d"}',
    '{"doNotTimeOutUntil": "0001-01-01T00:00:00+14:00"}',
    '{"customers": {"score": 1e400}, "price": 1.10}',
    '{"number": ' + "9" * 3000 + "}",
    '{"language": "' + "aa" + "-b" * 1500 + '"}',
    json.dumps({"inactivityTimeout": LEASE}),
    '{"inactivityTimeout": {"by": [1], "step": {}, "agentSilent": 7, "lastTask": [], "task": 1e400}}',
    '{"a": 1, "a": 2, "inactivityTimeout": 1, "inactivityTimeout": null}',
    ' {\n "a" :\t1 ,"b": [ ] } ',
    '{"deep": ' + "[" * 90 + "]" * 90 + "}",
    "[1]",
)
"""Attributes as JSON text, as others may have written them."""


def newest_task(chat: Chat) -> str:
    """Return its SID.

    Raises:
    SimulatorError: the chat has none, or it was deleted.
    """
    tasks = chat.truth.tasks
    if not tasks or tasks[-1].purged:
        raise SimulatorError("newest task", "there is none")
    return tasks[-1].sid


def task_path(world: World, task: str) -> str:
    """Return a task's path in the REST API."""
    return f"taskrouter/v1/Workspaces/{world.twilio.account.workspace_sid}/Tasks/{task}"


def call_back(world: World, chat: Chat) -> str:
    """Create a task over REST with the attributes of the chat's newest task, but without its interaction.

    Returns:
    Its SID.
    """
    task = newest_task(chat)
    attributes = next(each.attributes for each in chat.truth.tasks if each.sid == task)
    copied = {name: value for name, value in attributes.items() if name not in INTERACTION}
    return make_callback(world, copied)


def make_callback(world: World, attributes: Mapping[str, object]) -> str:
    """Create a callback over REST with these attributes, and return its SID."""
    account = world.twilio.account
    made = world.twilio.rest(
        "POST",
        f"taskrouter/v1/Workspaces/{account.workspace_sid}/Tasks",
        WorkflowSid=account.workflow_sid,
        TaskChannel="voice",
        Attributes=json.dumps({**attributes, "taskType": "callback"}),
    )
    return str(made["sid"])


def take_callback(world: World, chat: Chat) -> None:
    """Create such a task, which an agent accepts: the chat's, or the one who will accept the chat next."""
    workers = [task.worker for task in chat.truth.tasks if task.worker and task.status == "assigned"]
    world.twilio.advance("PT1S")
    workspace = world.simulation.products.flex.taskrouter.default_workspace
    workspace.task(call_back(world, chat)).accept(workspace.workers.summon(workers[-1] if workers else "agent"))


def borrow(world: World, chat: Chat) -> Chat:
    """From now on the chat's tasks name the interaction of another chat, whose customer waits for an answer."""
    other = world.twilio.chat()
    other.says("customer", "hello?")
    world.twilio.borrow_interaction(chat.conversation, other.conversation)
    return other


def ask_in(world: World, chat: Chat) -> None:
    """Let the agent invite a colleague, and stay.

    Raises:
    SimulatorError: the chat has no interaction, or it is over.
    """
    if not chat.truth.sids.interaction or "assigned" not in chat.task_statuses:
        raise SimulatorError("invite", "nobody can ask a colleague in")
    send_invite(world, chat)


def send_invite(world: World, chat: Chat) -> None:
    """Request an agent through the chat's interaction, which creates a task."""
    sids, account = chat.truth.sids, world.twilio.account
    routing = {
        "workspace_sid": account.workspace_sid,
        "workflow_sid": account.workflow_sid,
        "task_channel_unique_name": "chat",
        "attributes": {"channelType": chat.truth.channel_type},
    }
    path = f"flex-api/v1/Interactions/{sids.interaction}/Channels/{sids.channel}/Invites"
    world.twilio.rest("POST", path, Routing=json.dumps({"properties": routing}))


def come_in(world: World, chat: Chat) -> None:
    """Invite a colleague, who accepts."""
    ask_in(world, chat)
    chat.does("accept")


def help_out(world: World, chat: Chat) -> None:
    """Invite a colleague, who answers and is done; the first agent stays."""
    world.twilio.advance("PT1S")
    come_in(world, chat)
    chat.says("agent", "I can help with that.")
    dismiss(world, chat, -1)


def hand_over(world: World, chat: Chat) -> None:
    """Invite a colleague; then the first agent writes for the last time, and is done.

    Raises:
    SimulatorError: not one agent has the chat.
    """
    holders = [task.worker for task in chat.truth.tasks if task.worker and task.status == "assigned"]
    if len(holders) != 1:
        raise SimulatorError("hand over", "the chat has no agent, or several")
    first = identity_of(holders[0])
    world.twilio.advance("PT1S")
    come_in(world, chat)
    world.twilio.advance("PT1S")
    world.twilio.rest("POST", f"{chat.path}/Messages", Author=first, Body="My colleague takes over.")
    dismiss(world, chat, -2)


def dismiss(world: World, chat: Chat, number: int, status: str = "closed") -> None:
    """Let one of the channel's agents be done, in the order in which they came.

    Args:
        world: the world.
        chat: the chat.
        number: which agent.
        status: `closed` completes their task, `wrapup` puts it into wrapping.
    """
    sids = chat.truth.sids
    path = f"flex-api/v1/Interactions/{sids.interaction}/Channels/{sids.channel}/Participants"
    agents = [each for each in world.twilio.rest("GET", path)["participants"] if each["type"] == "agent"]
    world.twilio.rest("POST", f"{path}/{agents[number]['sid']}", Status=status)


def close_by_site(world: World, chat: Chat) -> None:
    """Close the conversation over REST, as the customer's site does."""
    world.twilio.rest("POST", chat.path, State="closed")


def run_closed_timer(world: World, chat: Chat) -> None:
    """Give the conversation a closed timer."""
    world.twilio.rest("POST", chat.path, **{"Timers.Closed": "PT12M"})


def end_task(world: World, task: str) -> None:
    """Complete a task over REST; the conversation stays open."""
    world.twilio.rest("POST", task_path(world, task), AssignmentStatus="completed", Reason="done")


def write_attributes(world: World, chat: Chat, where: str, attributes: str) -> None:
    """Add these to the conversation's attributes, or to those of the newest task."""
    if where == "conversation":
        world.twilio.rest("POST", chat.path, Attributes=attributes)
        return
    task = newest_task(chat)
    flex = json.dumps(next(each.attributes for each in chat.truth.tasks if each.sid == task))
    theirs = attributes.strip()
    inside = theirs[1:-1].strip() if theirs.startswith("{") else ""
    both = flex[:-1] + (f", {inside}" if inside else "") + "}"
    world.twilio.rest("POST", task_path(world, task), Attributes=both)


def be_odd(world: World, oddity: Oddity, times: int | None = None) -> Oddity:
    """Let answers be odd from now on, and return how."""
    world.twilio.fault(oddity.match, kind="odd", at=oddity.at, value=oddity.value, times=times)
    return oddity


def be_plain(world: World) -> None:
    """Let answers be as usual again."""
    world.simulation.faults.clear()


def show_truth(world: World, chat: Chat) -> None:
    """Show every true status again, also of tasks that are not the newest any more."""
    found = world.simulation.chats.find(chat.conversation)
    if found is None:
        return
    found.conversation.show_state(None)
    for task in found.tasks:
        task.show_status(None)
    if found.interaction:
        found.interaction.channel.show_status(None)


def shows_unknown(world: World, chat: Chat) -> bool:
    """Whether Twilio shows an undocumented status, of the conversation or of a live task."""
    found = world.simulation.chats.find(chat.conversation)
    if found is None:
        return False
    live = (task for task in found.tasks if not task.purged and task.status in LIVE)
    return found.conversation.shown_state == UNKNOWN or any(task.shown_status == UNKNOWN for task in live)


def come_back(world: World, chat: Chat) -> None:
    """Remove an agent and add them again under the same identity.

    Raises:
    SimulatorError: no agent is there, or the chat is over.
    """
    agents = [each for each in chat.truth.participants if each.kind == "agent" and each.identity]
    if not agents:
        raise SimulatorError("come back", "no agent is there")
    agent = agents[-1]
    world.twilio.rest("DELETE", f"{chat.path}/Participants/{agent.sid}")
    world.twilio.rest("POST", f"{chat.path}/Participants", Identity=agent.identity, RoleSid=agent.role_sid)


def machine_writes(world: World, chat: Chat) -> None:
    """Let a bot take part like a person, and write."""
    (name,) = MACHINES
    if name not in {each.identity for each in chat.truth.participants}:
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity=name)
    world.twilio.rest("POST", f"{chat.path}/Messages", Author=name, Body="Rate this chat!")


def agent_writes_again(world: World, chat: Chat) -> None:
    """Write under an agent's identity, whatever their participant is now.

    Raises:
    SimulatorError: no agent is there.
    """
    truth = chat.truth
    workers = {identity_of(task.worker) for task in truth.tasks if task.worker}
    here = [each.identity for each in truth.participants if each.identity in workers]
    if not here:
        raise SimulatorError("write", "no agent is there")
    world.twilio.rest("POST", f"{chat.path}/Messages", Author=here[-1], Body="And besides ...")


def identity_of(worker: str) -> str:
    """Return the chat identity of a worker by name."""
    return worker.replace(" ", "_")


def unheard(world: World, chat: Chat) -> frozenset[int]:
    """Return the indexes of messages that were not delivered; the simulator's truth does not show them."""
    found = world.simulation.chats.find(chat.conversation)
    lost = {DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED}
    messages = found.conversation.messages.values() if found else ()
    return frozenset(each.index for each in messages if any(receipt.status in lost for receipt in each.receipts))


def _pick(dice: random.Random, oddities: tuple[Oddity, ...]) -> Oddity:
    return oddities[dice.randrange(len(oddities))]


Befall = Callable[[World, Chat, random.Random], object]

BEFALL: Final[Mapping[Kind, Befall]] = {
    Kind.FOREIGN_QUEUED: lambda world, chat, _: world.twilio.add_foreign_task(chat.conversation),
    Kind.FOREIGN_ASSIGNED: lambda world, chat, _: world.twilio.add_foreign_task(chat.conversation, stage="assigned"),
    Kind.CALLBACK: lambda world, chat, _: call_back(world, chat),
    Kind.CALLBACK_TAKEN: lambda world, chat, _: take_callback(world, chat),
    Kind.BORROWED: lambda world, chat, _: borrow(world, chat),
    Kind.COLLEAGUE: lambda world, chat, _: come_in(world, chat),
    Kind.HELPED: lambda world, chat, _: help_out(world, chat),
    Kind.HANDED_OVER: lambda world, chat, _: hand_over(world, chat),
    Kind.INVITE: lambda world, chat, _: ask_in(world, chat),
    Kind.SITE_CLOSES: lambda world, chat, _: close_by_site(world, chat),
    Kind.TIMER_CLOSES: lambda world, chat, _: run_closed_timer(world, chat),
    Kind.CANCELED: lambda _, chat, __: chat.does("cancel"),
    Kind.EXPIRED: lambda _, chat, __: chat.does("expire"),
    Kind.DELETED: lambda _, chat, __: chat.does("delete"),
    Kind.OFFLINE: lambda _, chat, __: chat.does("offline"),
    Kind.UNKNOWN_STATUS: lambda world, chat, dice: world.twilio.show_status(
        chat.conversation, dice.choice(("conversation", "task")), UNKNOWN
    ),
    Kind.HOSTILE_CONVERSATION: lambda world, chat, dice: write_attributes(
        world, chat, "conversation", dice.choice(HOSTILE)
    ),
    Kind.HOSTILE_TASK: lambda world, chat, dice: write_attributes(world, chat, "task", dice.choice(HOSTILE)),
    Kind.ODD_FIELDS: lambda world, _, dice: be_odd(world, _pick(dice, ODD_FIELDS)),
    Kind.MALFORMED_ROWS: lambda world, _, dice: be_odd(world, _pick(dice, MALFORMED_ROWS)),
    Kind.UNDELIVERED: lambda world, chat, dice: world.twilio.report_delivery(
        chat.conversation, dice.choice(("failed", "undelivered")), 63016
    ),
    Kind.CAME_BACK: lambda world, chat, _: come_back(world, chat),
    Kind.MACHINE: lambda world, chat, _: machine_writes(world, chat),
    Kind.OVERWRITTEN: lambda world, chat, _: write_attributes(world, chat, "conversation", '{"plugin": 1}'),
}
"""What befalls a chat, once; `OUTBOUND` is how a chat begins. Each raises `SimulatorError` where it cannot happen."""
