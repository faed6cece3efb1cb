"""Rarer situations for `calls`: rows of the table that need somebody else, faults, strangers, acceptances.

A play may return the statuses with which its own requests were answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from sandbox.network import Call, Fault, KilledError
from simulator.faults import parse_fault
from simulator.webhooks import sign
from tests.world.world import PUBLIC_URL, Chat, World

Statuses = Sequence[int | None]
Play = Callable[[World, Chat], Statuses]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NO_WARNING: Mapping[str, Any] = {"policy": {"warnings": []}}
EXEMPT: Mapping[str, Any] = {"policy": {"exempt": {"channels": ["web"]}}}
PATIENT_FOR_LESS: Mapping[str, Any] = {"policy": {"warnings": [], "pendingInvite": "PT9M"}}
QUEUE_ENDS: Mapping[str, Any] = {"policy": {"whenQueued": {"do": "end", "after": "PT12M"}}}
LEFT_OVER_ENDS: Mapping[str, Any] = {"policy": {"whenLeftOver": {"do": "end", "after": "PT1H"}}}
NOTIFY: Mapping[str, Any] = {
    "policy": {"warnings": [], "whenAgentSilent": {"do": "notify", "after": "PT9M"}, "texts": {"agentSilent": "soon"}}
}


@dataclass(frozen=True)
class Situation:
    """One chat and what happens to it.

    Attributes:
    play: what happens.
    stage: the stage of the chat when it begins.
    answered: somebody answered the customer.
    options: of the chat.
    policy: of the deployment.
    settings: of the deployment.
    either: it is played with and without an interaction.
    """

    play: Play
    stage: str = "assigned"
    answered: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    either: bool = False

    def begin(self, world: World, *, interaction: bool = True) -> Chat:
        """Create the chat."""
        options = {"interaction": interaction, **self.options}
        return (
            world.twilio.answered(self.stage, **options) if self.answered else world.twilio.chat(self.stage, **options)
        )


# -- words -----------------------------------------------------------------------------------------------------------


def after(*steps: str) -> Play:
    """Let durations pass, with actions (`do wrap`) and messages (`agent`, `customer`, `bot`) in between."""

    def play(world: World, chat: Chat) -> Statuses:
        for step in steps:
            if step.startswith("PT"):
                world.twilio.advance(step)
            elif step.startswith("do "):
                chat.does(step.removeprefix("do "))
            else:
                chat.says(step)
        return []

    return play


def trouble(fault: Fault, where: str, *steps: str, times: int = 1) -> Play:
    """Let the calls whose name ends so fail this often; then steps as in `after`."""

    def play(world: World, chat: Chat) -> Statuses:
        left = [fault] * times
        world.hooks.trouble = lambda made: left.pop() if left and made.name.endswith(where) else None
        return after(*steps)(world, chat)

    return play


def attributes(whole: Mapping[str, object], *steps: str) -> Play:
    """Write the conversation's attributes; then steps as in `after`."""

    def play(world: World, chat: Chat) -> Statuses:
        world.twilio.rest("POST", chat.path, Attributes=json.dumps(whole))
        return after(*steps)(world, chat)

    return play


def posted(world: World, route: str, event: Mapping[str, str], *, token: str = "", method: str = "POST") -> int | None:
    """Send an event, signed by Twilio unless another token is given."""
    signature = sign(token or world.auth_token, f"{PUBLIC_URL}/{route}", event.items())
    headers = {"X-Twilio-Signature": signature, **FORM}
    return world.instance.answer(method, f"/{route}", urlencode(event).encode(), headers)


# -- rows of the table -----------------------------------------------------------------------------------------------


def over(world: World, chat: Chat) -> Statuses:
    """Let the agent complete the task; an event is late."""
    chat.does("complete")
    late = world.twilio.event(chat, StateTo="closed")
    return [posted(world, "conversations", late)]


def closed_and_swept(world: World, chat: Chat) -> Statuses:
    """Close the conversation and nothing else, without an event."""
    world.twilio.rest("POST", chat.path, State="closed")
    world.schedule_sweep()
    return after("PT40M")(world, chat)


def dies_before_the_close(world: World, chat: Chat) -> Statuses:
    """Let the process die between notice and close; the timer reaches the next one."""

    def die(made: Call) -> None:
        body = urlencode({"State": "closed"})
        if made.method == "POST" and ("Routing=" in made.body or "AssignmentStatus=" in made.body or body in made.body):
            raise KilledError

    world.hooks.before = die
    world.twilio.advance("PT10M")
    world.hooks.before = lambda _made: None
    world.restart()
    return after("PT2M")(world, chat)


def reopened_attributes(world: World, chat: Chat) -> Statuses:
    """Put both SIDs of a parked interaction on the conversation."""
    parked = {"interactionSid": "KD" + "1" * 32, "channelSid": "UO" + "1" * 32}
    return attributes(parked, "PT10M")(world, chat)


def refused_text(world: World, chat: Chat) -> Statuses:
    """Let Twilio refuse texts to this customer."""
    refusal = {"match": "POST .*/Messages$", "kind": "status", "status": 400, "code": 63016, "times": None}
    world.simulation.faults.add([parse_fault(refusal)])
    return after("PT8M", "PT2M")(world, chat)


# -- whose task, and what became of it -------------------------------------------------------------------------------


def foreign_task(world: World, chat: Chat) -> Statuses:
    """Create a callback with the attributes of the chat's task."""
    world.twilio.add_foreign_task(chat.conversation)
    return after("PT8M", "PT2M")(world, chat)


def finished(world: World, chat: Chat) -> Statuses:
    """After the warning, let the agent write and complete the task; the conversation stays open."""
    after("PT8M", "agent")(world, chat)
    workspace = world.twilio.account.workspace_sid
    path = f"taskrouter/v1/Workspaces/{workspace}/Tasks/{chat.task}"
    world.twilio.rest("POST", path, AssignmentStatus="completed", Reason="done")
    return after("PT1H20M")(world, chat)


def swept(play: Play) -> Play:
    """Sweep every five minutes."""

    def with_sweeps(world: World, chat: Chat) -> Statuses:
        world.schedule_sweep()
        return play(world, chat)

    return with_sweeps


# -- two at a time, and the sweep ------------------------------------------------------------------------------------


def claimed_elsewhere(world: World, chat: Chat) -> Statuses:
    """Let another process do everything between our read and our claim."""
    waiting = [world.another_instance()]
    faster: list[int | None] = []

    def meanwhile(made: Call) -> None:
        if made.name == "POST Workspaces/WS/Tasks/WT" and waiting:
            faster.append(waiting.pop().receive(world.twilio.event(chat)))

    world.hooks.before = meanwhile
    return [*faster, *after("PT8M")(world, chat)]


def nobody_hears(world: World) -> None:
    """Send webhooks to another address."""
    world.configure(webhook=f"{PUBLIC_URL}/elsewhere")


def too_old(world: World, chat: Chat) -> Statuses:
    """Sweep the first time when a step has been due for days."""
    nobody_hears(world)
    for _ in range(3):
        world.twilio.advance("P1D")
    world.schedule_sweep()
    return after("PT5M")(world, chat)


def many(world: World, chat: Chat) -> Statuses:
    """Lose chats of each kind; three sweeps of one process, then one of another."""
    nobody_hears(world)
    queued = world.twilio.chat("queued")
    queued.says("customer")
    waiting = world.twilio.answered()
    waiting.says("customer")
    world.twilio.answered("bot")
    world.twilio.answered(interaction=False)
    closed = world.twilio.answered()
    world.twilio.rest("POST", closed.path, State="closed")
    left = world.twilio.answered()
    left.does("leave")
    world.twilio.advance("PT12M")
    world.schedule_sweep()
    after("PT15M")(world, chat)
    world.schedule_sweep()
    return after("PT5M")(world, chat)


def more_than_a_sweep_may_end(world: World, chat: Chat) -> Statuses:
    """Let three chats be due while a sweep may end one."""
    nobody_hears(world)
    for _ in range(2):
        world.twilio.answered()
    world.twilio.advance("PT12M")
    world.schedule_sweep()
    return after("PT10M")(world, chat)


def sweep_in_trouble(world: World, chat: Chat) -> Statuses:
    """Let Twilio fail for the conversation, then for the list."""
    nobody_hears(world)
    world.twilio.advance("PT12M")
    world.schedule_sweep()
    trouble(Fault.ERROR, "Conversations/CH", "PT5M", times=50)(world, chat)
    return trouble(Fault.UNAVAILABLE, "Conversations", "PT5M", times=50)(world, chat)


# -- strangers -------------------------------------------------------------------------------------------------------


def strangers(world: World, chat: Chat) -> Statuses:
    """Send requests that are not ours, or not genuine."""
    event = world.twilio.event(chat)
    elsewhere = [
        world.twilio.event(chat, **{name: value})
        for name, value in (
            ("EventType", "onMessageAdded"),
            ("AccountSid", "AC" + "9" * 32),
            ("ChatServiceSid", "IS" + "9" * 32),
            ("Reason", "API"),
            ("StateTo", "active"),
            ("ConversationSid", None),
            ("ConversationSid", "CH" + "9" * 32),
        )
    ]
    unsigned = world.instance.answer("POST", "/conversations", urlencode(event).encode(), FORM)
    large = world.instance.answer("POST", "/conversations", b"a=" + b"b" * 70_000, FORM)
    return [
        unsigned,
        large,
        posted(world, "conversations", event, token="0" * 32),
        posted(world, "conversations", event, method="GET"),
        posted(world, "somewhere", event),
        *(posted(world, "conversations", each) for each in elsewhere),
        posted(world, "tasks", world.twilio.accepted(chat)),
    ]


# -- acceptances -----------------------------------------------------------------------------------------------------


def accepted_again(*steps: str) -> Play:
    """Accept, then steps as in `after`, then send the event a second time."""

    def play(world: World, chat: Chat) -> Statuses:
        after("do accept", *steps)(world, chat)
        return [posted(world, "tasks", world.twilio.accepted(chat))]

    return play


def somebody_elses_timer(world: World, chat: Chat) -> Statuses:
    """Set a timer of an hour after ours, and send the event again."""
    chat.does("accept")
    world.twilio.rest("POST", chat.path, **{"Timers.Inactive": "PT1H"})
    return [posted(world, "tasks", world.twilio.accepted(chat))]


def a_new_process(world: World, chat: Chat) -> Statuses:
    """The process that armed is replaced; the next one knows the chat from its note."""
    after("do accept", "agent")(world, chat)
    world.restart()
    return after("PT8M")(world, chat)


def strange_acceptances(world: World, chat: Chat) -> Statuses:
    """Send acceptances of other workspaces, events and conversations, and one without a worker."""
    other = [
        world.twilio.accepted(chat, **{name: value})
        for name, value in (
            ("WorkspaceSid", "WS" + "9" * 32),
            ("TaskAttributes", "{}"),
            ("TaskAttributes", json.dumps({"conversationSid": "CH" + "9" * 32})),
            ("TaskSid", "WT" + "9" * 32),
            ("EventType", "task.created"),
            ("TaskSid", None),
        )
    ]
    forged = posted(world, "tasks", world.twilio.accepted(chat), token="0" * 32)
    return [forged, *(posted(world, "tasks", each) for each in other)]


ON_ACCEPT: Mapping[str, Any] = {"arm_on_accept": True}


def acceptance(play: Play, *, either: bool = True, policy: Mapping[str, Any] | None = None) -> Situation:
    """Create a queued chat under `timers: on-accept`, whose customer has written."""

    def written(world: World, chat: Chat) -> Statuses:
        chat.says("customer")
        return play(world, chat)

    return Situation(written, "queued", answered=False, policy=policy or {}, settings=ON_ACCEPT, either=either)


CLAIM, NOTICE, CLOSE = "Tasks/WT", "CH/Messages", "Channels/UO"

SITUATIONS: Mapping[str, Situation] = {
    "over": Situation(over, either=True),
    "closed and swept": Situation(closed_and_swept, either=True),
    "parked": Situation(reopened_attributes, "bot"),
    "exempt": Situation(after("PT10M"), policy=EXEMPT, either=True),
    "channel unknown": Situation(
        trouble(Fault.MISSING, CLOSE, "customer", "PT8M", times=5), stage="queued", answered=False
    ),
    "on hold for a while": Situation(attributes({"doNotTimeOutUntil": "2026-01-05T00:14:00Z"}, "PT30M"), either=True),
    "notice stands": Situation(dies_before_the_close, policy=NO_WARNING, either=True),
    "text refused": Situation(refused_text, options={"channel": "whatsapp"}, either=True),
    "told of once": Situation(after("customer", "PT9M", "customer", "PT12M"), policy=NOTIFY, either=True),
    "foreign task": Situation(foreign_task, either=True),
    "interactions unreadable": Situation(after("PT8M", "PT2M"), settings={"dialect": {"interactionReads": "refused"}}),
    "pending invite": Situation(after("do transfer", "PT8M", "PT2M"), policy=PATIENT_FOR_LESS),
    "task lost": Situation(after("PT8M", "do delete", "PT2M")),
    "task lost in the queue": Situation(
        swept(after("customer", "PT8M", "do cancel", "PT10M")), stage="queued", answered=False, policy=QUEUE_ENDS
    ),
    "task finished": Situation(swept(finished), policy=LEFT_OVER_ENDS, either=True),
    "fate unknown": Situation(trouble(Fault.MISSING, "Workspaces/WS/Events", "PT8M", "do delete", "PT2M", times=9)),
    "task gone before anybody looked": Situation(after("do delete", "PT8M", "PT2M")),
    "claimed elsewhere": Situation(claimed_elsewhere, either=True),
    "too old": Situation(too_old, "bot"),
    "many are lost": Situation(many),
    "more than a sweep may end": Situation(
        more_than_a_sweep_may_end, policy=NO_WARNING, settings={"max_ends_per_sweep": 1}
    ),
    "a sweep in trouble": Situation(sweep_in_trouble, policy=NO_WARNING),
    "rate limits": Situation(after("PT8M", "PT2M"), settings={"rate_limits": True}),
    "an outage": Situation(trouble(Fault.UNAVAILABLE, "", "PT8M", times=500)),
    "called back": Situation(trouble(Fault.UNAVAILABLE, NOTICE, "PT8M", "PT1M", times=20)),
    "conversation gone": Situation(trouble(Fault.MISSING, "Conversations/CH", "PT8M", times=2)),
    "claim is lost": Situation(trouble(Fault.TIMEOUT_AFTER, f"POST Workspaces/WS/{CLAIM}", "PT8M")),
    "claim fails": Situation(trouble(Fault.ERROR, f"POST Workspaces/WS/{CLAIM}", "PT8M")),
    "notice is lost": Situation(
        trouble(Fault.TIMEOUT_AFTER, f"POST Services/IS/Conversations/{NOTICE}", "PT10M", "PT2M"), policy=NO_WARNING
    ),
    "notice is not sent": Situation(
        trouble(Fault.RESET_BEFORE, f"POST Services/IS/Conversations/{NOTICE}", "PT10M", "PT2M"), policy=NO_WARNING
    ),
    "too many notices": Situation(
        trouble(Fault.TOO_MANY, f"POST Services/IS/Conversations/{NOTICE}", "PT10M", "PT2M"), policy=NO_WARNING
    ),
    "close is lost": Situation(
        trouble(Fault.TIMEOUT_AFTER, f"POST Interactions/KD/{CLOSE}", "PT10M", "PT2M"), policy=NO_WARNING
    ),
    "close fails": Situation(
        trouble(Fault.ERROR, f"POST Interactions/KD/{CLOSE}", "PT10M", "PT2M", times=9), policy=NO_WARNING
    ),
    "strangers": Situation(strangers),
    "accepted, and ended": acceptance(after("do accept", "agent", "PT8M", "PT2M")),
    "accepted, and transferred": acceptance(after("do accept", "do transfer", "do accept", "agent", "PT8M")),
    "accepted, and left": acceptance(after("do accept", "agent", "do leave", "PT8M"), either=False),
    "accepted, and a new process": acceptance(a_new_process),
    "accepted twice": acceptance(accepted_again()),
    "accepted twice, somebody else's timer": acceptance(somebody_elses_timer),
    "accepted twice, inactive": acceptance(accepted_again("PT9M")),
    "accepted twice, completed": acceptance(accepted_again("do complete")),
    "accepted twice, wrapping": acceptance(accepted_again("do wrap")),
    "accepted twice, left": acceptance(accepted_again("do leave"), either=False),
    "accepted twice, paused": acceptance(accepted_again("do pause"), either=False),
    "accepted, and exempt": acceptance(after("do accept"), policy=EXEMPT),
    "accepted, and fails": acceptance(trouble(Fault.ERROR, "Tasks/WT", "do accept", times=3), either=False),
    "strange acceptances": acceptance(strange_acceptances, either=False),
}
