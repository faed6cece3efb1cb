"""Agents who help and leave, drop out or join late, and customers who never wrote: whose turn is it?"""

from typing import Any

import pytest

from simulator.faults import REMOVED
from tests.function.handling.test_authorship import agent_of, roles
from tests.function.handling.test_lost_tasks import last
from tests.function.handling.test_two_agents import invite
from tests.world.others import close_by_site, come_back, dismiss, hand_over, newest_task
from tests.world.world import Chat, World


def helped(world: World, *, asked: bool = True) -> Chat:
    """Return a chat with a customer's question, or none, and a colleague who has come for it."""
    chat = world.twilio.answered() if asked else world.twilio.chat()
    world.twilio.advance("PT1M")
    if asked:
        chat.says("customer", "and about billing?")
    invite(world, chat)
    world.twilio.advance("PT10S")
    chat.does("accept")
    world.twilio.advance("PT10S")
    return chat


@pytest.mark.parametrize("status", ["closed", "wrapup"])
@pytest.mark.parametrize("gone", ["PT0S", "PT6M"], ids=["listed still", "deleted"])
def test_a_colleagues_answer_counts_after_they_left(status: str, gone: str) -> None:
    """The first agent is still there, so nobody handed the chat over: the silent customer is released."""
    with World() as world:
        world.schedule_sweep()
        chat = helped(world)
        chat.says("agent", "your bill is fine")
        dismiss(world, chat, -1, status)
        world.twilio.advance(gone)
        world.twilio.advance("PT20M")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])


@pytest.mark.parametrize("asked", [True, False], ids=["a customer's question", "outbound"])
def test_a_colleagues_answer_counts_though_the_agent_was_removed_and_added_again(*, asked: bool) -> None:
    """Whoever has had the chat all along takes nothing over by coming back, so the silence counts from then."""
    with World() as world:
        world.schedule_sweep()
        chat = helped(world, asked=asked)
        chat.says("agent", "your bill is fine")
        dismiss(world, chat, -1)
        world.twilio.advance("PT1M")
        come_back(world, chat)
        world.twilio.advance("PT9M")
        assert chat.state != "closed"

        world.twilio.advance("PT11M")
        assert chat.state == "closed"


def test_a_colleague_who_leaves_without_a_word_answers_nothing() -> None:
    """The customer's question stands."""
    with World() as world:
        world.schedule_sweep()
        chat = helped(world)
        dismiss(world, chat, -1)
        world.twilio.advance("PT3H")

        assert (chat.ours, last(world, chat)["reason"]) == ([], "agent_silent")


def test_the_words_of_the_agent_who_hands_over_do_not_count_though_the_colleague_was_there() -> None:
    """The colleague had joined before these words; now only they are there, and the customer waits for them."""
    with World() as world:
        world.schedule_sweep()
        chat = helped(world)
        world.twilio.rest("POST", f"{chat.path}/Messages", Author=agent_of(chat)[1], Body="my colleague takes over")
        dismiss(world, chat, 0)
        world.twilio.advance("PT6H")

        assert (chat.ours, last(world, chat)["reason"]) == ([], "agent_silent")


@pytest.mark.parametrize("later", ["PT0S", "PT1M"])
def test_an_agent_who_drops_out_has_not_handed_over_because_a_supervisor_listens(later: str) -> None:
    """Their task is still assigned to them, so their answer counts."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.chat()
        world.twilio.advance("PT10S")
        chat.says("customer", "hello")
        chat.says("agent", "how can I help?")
        sid, _ = agent_of(chat)
        world.twilio.advance(later)
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity="boss", RoleSid=roles(world)["supervisor"])
        world.twilio.rest("DELETE", f"{chat.path}/Participants/{sid}")
        world.twilio.advance("PT20M")

        assert chat.state == "closed"


def test_a_colleague_who_has_accepted_and_not_joined_is_on_the_way() -> None:
    """They accept while the chat is read, so no participant shows them: the chat is kept like one with an invite."""
    with World() as world:
        chat = world.twilio.answered()
        world.twilio.advance("PT8M30S")
        invite(world, chat)
        world.twilio.advance("PT5M")
        accepted: list[str] = []

        def accept(call: Any, *_: object) -> None:
            if not accepted and call.method == "GET" and f"{chat.conversation}/Participants" in call.path:
                accepted.append(call.path)
                chat.does("accept")

        world.hooks.after = accept
        world.twilio.advance("PT9M")

        assert (len(accepted), chat.state != "closed") == (1, True)
        assert chat.task_statuses == ["assigned", "assigned"]


def test_a_customer_who_never_wrote_waits_for_nobody_if_the_message_was_not_delivered() -> None:
    """A wrong number is the usual failure of an outbound chat; it ends without a text."""
    with World() as world:
        chat = world.twilio.chat(channel="sms")
        chat.says("agent", "your parcel is here")
        world.twilio.report_delivery(chat.conversation, "undelivered", 30003)
        world.twilio.advance("PT10M")

        assert (chat.state, chat.ours, chat.task_statuses) == ("closed", [], ["completed"])


@pytest.mark.parametrize("gone", ["PT0S", "PT6M"], ids=["listed still", "deleted"])
def test_a_customer_who_never_wrote_waits_for_nobody_after_a_transfer(gone: str) -> None:
    """The second agent says nothing; the chat ends without a text, counted from when they joined."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.chat(channel="sms")
        chat.says("agent", "your parcel is here")
        world.twilio.advance("PT1M")
        chat.does("transfer")
        world.twilio.advance(gone)
        chat.does("accept")
        world.twilio.advance("PT9M")
        early = chat.state
        world.twilio.advance("PT10M")

        assert (early != "closed", chat.state, chat.ours) == (True, "closed", [])


def test_a_bots_answer_that_was_not_delivered_is_no_answer() -> None:
    """The customer still waits."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.chat("bot", channel="sms")
        chat.says("customer", "when do you open?")
        chat.says("bot", "at nine")
        world.twilio.report_delivery(chat.conversation, "undelivered", 30007)
        world.twilio.advance("PT1H")

        assert (chat.state, chat.ours) == ("inactive", [])


def test_a_message_that_names_nobody_counts_as_the_customers() -> None:
    """Neither an author nor a participant: it may be anybody's, so it may be the customer's."""
    with World() as world:
        chat = world.twilio.answered()
        chat.says("customer", "are you there?")
        for field in ("author", "participant_sid"):
            world.twilio.fault("GET .*/Messages", kind="odd", at=f"messages.0.{field}", value=None, times=None)
        world.twilio.advance("PT1H")

        assert (chat.state, chat.ours) == ("inactive", [])


def test_an_agent_with_our_authors_name_who_leaves_does_not_turn_our_warning_into_a_customers_word() -> None:
    """Our claim names that step, so its marker is not forged."""
    with World(author="Support") as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        made = world.twilio.rest("POST", f"{chat.path}/Participants", Identity="Support", RoleSid=roles(world)["agent"])
        chat.says("agent", "anything else?")
        world.twilio.advance("PT8M")
        world.twilio.rest("DELETE", f"{chat.path}/Participants/{made['sid']}")
        world.twilio.advance("PT20M")

        assert chat.state == "closed"


def test_an_agent_with_a_role_of_their_own_who_joins_with_the_task_is_found_beside_a_supervisor() -> None:
    """The customer has an address, so whoever has none may be the agent."""
    with World() as world:
        chat = world.twilio.chat("queued", channel="sms")
        chat.says("customer", "hello")
        chat.does("accept")
        service = f"conversations/v1/Services/{world.twilio.account.service_sid}"
        own = world.twilio.rest(
            "POST", f"{service}/Roles", FriendlyName="senior", Type="conversation", Permission=["sendMessage"]
        )
        sid, _ = agent_of(chat)
        world.twilio.rest("POST", f"{chat.path}/Participants/{sid}", RoleSid=own["sid"])
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity="boss", RoleSid=roles(world)["supervisor"])
        chat.says("agent", "hi")
        world.twilio.advance("PT10M")

        assert chat.state == "closed"


def test_a_message_without_a_time_is_as_old_as_when_it_was_first_seen() -> None:
    """Our own timers change the conversation, so its last change would keep the chat for ever."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        for field in ("date_created", "date_updated"):
            world.twilio.fault("GET .*/Messages", kind="odd", at=f"messages.*.{field}", value=None, times=None)
        world.twilio.advance("PT1H")

        assert (chat.state, chat.task_statuses) == ("closed", ["completed"])


def test_a_wrap_up_is_its_agents_when_the_site_closes_a_chat_with_an_invite() -> None:
    """The invite is cancelled; closing the channel would have completed the wrap-up."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT1M")
        invite(world, chat)
        dismiss(world, chat, -1, "wrapup")
        close_by_site(world, chat)
        world.twilio.advance("PT2H")

        assert chat.task_statuses == ["wrapping", "canceled"]


def test_a_colleague_who_accepts_while_their_invite_is_cancelled_keeps_the_task() -> None:
    """The site has closed the chat; an assigned task is left alone for as long as `timeout`."""
    with World() as world:
        world.schedule_sweep()
        chat = world.twilio.answered()
        world.twilio.advance("PT1M")
        invite(world, chat)
        newer = chat.truth.tasks[-1].sid
        close_by_site(world, chat)
        workspace = world.simulation.products.flex.taskrouter.default_workspace
        accepted: list[str] = []

        def accept(call: Any) -> None:
            if not accepted and call.method == "POST" and newer in call.path and "canceled" in call.body:
                accepted.append(newer)
                workspace.task(newer).accept(workspace.workers.summon("agent 2"))

        world.hooks.before = accept
        world.twilio.advance("PT8M")
        soon = chat.task_statuses
        world.twilio.advance("PT1H")

        assert (accepted, soon) == ([newer], ["assigned", "assigned"])
        assert chat.task_statuses == ["completed", "completed"]


def test_an_agent_whose_task_no_list_names_is_found_by_the_invites() -> None:
    """The list of tasks shows attributes that cannot be read, so that only the invited colleague's task is known."""
    with World() as world:
        world.configure(webhook="")
        world.schedule_sweep()
        chat = world.twilio.answered()
        chat.does("transfer")
        world.twilio.fault("GET .*/Tasks$", kind="odd", at="tasks.0.attributes", value=7, times=None)
        world.twilio.advance("PT2H")

        assert chat.state == "closed"


@pytest.mark.parametrize("status", [503, 403])
def test_a_bots_message_is_no_answer_beside_a_supervisor_while_roles_cannot_be_read(status: int) -> None:
    """The supervisor took part without a task; whoever is there besides the customer may be an agent."""
    with World() as world:
        chat = world.twilio.chat("bot")
        chat.says("customer", "hello?")
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity="boss", RoleSid=roles(world)["supervisor"])
        world.twilio.rest("POST", f"{chat.path}/Messages", Author="boss", Body="I look into it.")
        chat.says("customer", "and?")
        chat.says("bot", "thank you for waiting")
        world.twilio.fault("GET .*/Roles", kind="status", status=status, times=None)
        world.twilio.advance("PT20M")

        assert (chat.state, chat.ours) == ("inactive", [])


@pytest.mark.parametrize("webhooks", [True, False], ids=["webhooks", "sweeps"])
def test_a_former_agents_acceptance_that_cannot_be_read_keeps_the_chat_until_it_can(webhooks: bool) -> None:
    """It would show that a colleague had helped; the customer is released within about an hour of the fault's end."""
    with World() as world:
        if not webhooks:
            world.configure(webhook="")
        world.schedule_sweep()
        chat = helped(world)
        colleagues = newest_task(chat)
        chat.says("agent", "your bill is fine")
        dismiss(world, chat, -1, "wrapup")
        world.twilio.fault(
            f"GET .*/Tasks/{colleagues}/Reservations",
            kind="odd",
            at="reservations.*.reservation_status",
            value=REMOVED,
            times=None,
        )
        world.twilio.advance("PT25M")
        kept = chat.ours, last(world, chat)["reason"]
        world.simulation.faults.clear()
        world.twilio.advance("PT1H10M")

        assert (kept, world.lines(event="failed")) == (([], "agent_silent"), [])
        assert chat.state == "closed"


@pytest.mark.parametrize("status", [503, 429])
def test_a_chat_is_released_soon_after_an_outage_of_the_events(status: int) -> None:
    """A colleague helped and left; what could not be read says nothing about who waits."""
    with World() as world:
        chat = helped(world)
        chat.says("agent", "your bill is fine")
        dismiss(world, chat, -1)
        world.twilio.advance("PT6M")
        world.schedule_sweep()
        world.twilio.fault("GET .*/Events.*", kind="status", status=status, times=None)
        world.twilio.advance("PT20M")
        world.simulation.faults.clear()
        world.twilio.advance("PT1H")

        assert chat.state == "closed"


@pytest.mark.parametrize("channel", ["web", "sms"])
def test_who_never_wrote_keeps_no_bots_chat_while_roles_cannot_be_read(channel: str) -> None:
    """An archive takes part, and an agent would have written."""
    with World() as world:
        world.twilio.fault("GET .*/Roles", kind="status", status=403, times=None)
        chat = world.twilio.chat("bot", channel=channel)
        world.twilio.rest("POST", f"{chat.path}/Participants", Identity="archive")
        chat.says("customer", "hello?")
        chat.says("bot", "what is your order number?")
        world.twilio.advance("PT10M")

        assert chat.state == "closed"


@pytest.mark.parametrize("sweep_only", [False, True], ids=["webhooks", "the sweep alone"])
@pytest.mark.parametrize("how", ["transfer", "invite"])
@pytest.mark.parametrize("who", ["agent", "bot"])
@pytest.mark.parametrize("lines", [19, 25, 220])
def test_a_customer_whose_question_is_pages_back_still_waits_after_a_hand_over(
    lines: int, who: str, how: str, *, sweep_only: bool
) -> None:
    """A page without a customer's message does not say that the customer never wrote."""
    with World() as world:
        if sweep_only:
            world.configure(webhook="")
        world.schedule_sweep()
        chat = world.twilio.chat()
        chat.says("customer", "where is my parcel?")
        for line in range(lines):
            chat.says(who, f"line {line}")
        if how == "invite":
            hand_over(world, chat)
        else:
            chat.says("agent", "my colleague takes over")
            world.twilio.advance("PT1M")
            chat.does("transfer")
            chat.does("accept")
        world.twilio.advance("PT3H")

        assert (chat.state, chat.ours, last(world, chat)["reason"]) == ("inactive", [], "agent_silent")


def test_a_customer_whose_only_word_is_out_of_reach_is_told() -> None:
    """Ten pages without it are not the whole chat, so it is no outbound chat that nobody answered."""
    with World() as world:
        chat = world.twilio.chat()
        chat.says("customer", "hello")
        for line in range(250):
            chat.says("bot", f"news {line}")
        chat.says("agent", "anything else?")
        world.twilio.advance("PT20M")

        assert (chat.state, chat.ours) == ("closed", ["warning", "closing"])
