"""A campaign that can find nothing proves nothing: each finds a defect that is put into the function on purpose."""

import json
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks.campaigns import (
    agreement,
    comeback,
    crashes,
    crowds,
    faults,
    histories,
    lost,
    orders,
    poison,
    races,
    replays,
    speed,
    strangers,
    worlds,
)
from benchmarks.campaigns.campaign import Watch
from benchmarks.campaigns.orders import Event
from function.chat import Case, Task, TaskFate, dialogue, fate
from function.chat.authorship import Authorship, Evidence
from function.chat.decisions import ROWS
from function.chat.facts import Conversation, Snapshot, TaskStatus
from function.handling import reading
from function.handling.decision_applier import ClaimedElsewhereError, DecisionApplier
from function.handling.workers import Workers
from function.policy.policy import StepKind
from function.twilio_api import answers
from function.twilio_api.api import TwilioApi
from tests.world import past_chats
from tests.world.others import Kind
from tests.world.running import FUNCTION
from tests.world.world import World

Patch = pytest.MonkeyPatch


def watch(scale: float) -> Watch:
    """Return a progress display that prints nothing."""
    return Watch(scale=scale, quiet=True)


def forget_our_notice(monkeypatch: Patch) -> None:
    """A defect: nobody checks whether the notice is posted already."""
    sent = dialogue.sent
    monkeypatch.setattr(
        dialogue, "sent", lambda snapshot, kind: None if kind is StepKind.CLOSING else sent(snapshot, kind)
    )


def test_the_fault_campaign_finds_a_forgotten_notice(monkeypatch: Patch) -> None:
    """After a lost answer it is posted again."""
    forget_our_notice(monkeypatch)
    with World() as world:
        calls = faults.count_calls(world)
        after = [cell for cell in faults.one_fault(calls) if "after" in str(cell) and cell.variant == "warm"]
        seen = [faults.play(world, cell) for cell in after]

    assert any(faults.repeated(each.sweep) for each in seen)


def test_the_crash_campaign_finds_a_forgotten_notice(monkeypatch: Patch) -> None:
    """The next process posts it again."""
    forget_our_notice(monkeypatch)

    dice = faults.random.Random(1)
    with World(dice=dice) as world:
        plan = [crash for crash in crashes.plan() if crash.ending and crash.after and crash.variant == "warm"]
        seen = [crashes.play(world, crash, dice) for crash in plan if crash.order == 0 and 8 <= crash.at <= 12]

    assert any(each.died and not crashes.ended_well(each.sweep) for each in seen)


def test_the_race_campaign_finds_a_claim_without_if_match(monkeypatch: Patch) -> None:
    """Each attempt overwrites the claim of the others."""
    write = TwilioApi.write_attributes

    def blindly(api: Any, attempt: Any, name: str, task: Task, attributes: str) -> Task:
        conversation = json.loads(task.attributes)["conversationSid"]
        fresh = api.task(attempt, task.sid, conversation)
        return write(api, attempt, name, replace(task, etag=fresh.etag), attributes)

    monkeypatch.setattr(TwilioApi, "write_attributes", blindly)
    monkeypatch.setattr(Task, "claim", None)
    run = races.Races(seed=1)
    with run.world:
        times = [run.run(races.Race(6, number, task=True))[1] for number in range(6)]

    assert any(each > 1 for each in times)


def test_the_comeback_campaign_finds_a_skipped_second_read(monkeypatch: Patch) -> None:
    """Nobody reads the messages again before the end."""
    monkeypatch.setattr("function.handling.decision_applier.newest_counted_among", lambda *_, **__: None)

    broken = comeback.words(watch(0.004)).broken

    assert any("closed" in each for each in broken)


def test_the_lost_webhook_campaign_finds_a_sweep_that_reads_nothing(monkeypatch: Patch) -> None:
    """It lists everything and reads no chat."""
    monkeypatch.setattr("function.handling.sweep.choose", lambda *_, **__: [])

    good, _ = lost.lose(watch(1), 1.0, 3)

    assert good == 0


def test_the_campaign_of_orders_finds_that_nobody_asks_whose_turn_it_is(monkeypatch: Patch) -> None:
    """Any silence counts as the customer's."""
    monkeypatch.setattr("function.chat.dialogue.customers_turn", lambda *_: True)

    with World() as world:
        seen = orders.play(world, (Event.ACCEPTED, Event.AGENT, Event.CUSTOMER, Event.TIME))

    assert seen.unsafe.startswith("ended, and the customer spoke last")


def test_the_campaign_of_strangers_finds_a_missing_signature_check(monkeypatch: Patch) -> None:
    """Every signature is accepted."""
    monkeypatch.setattr("function.twilio_api.signature.Verifier.is_genuine", lambda *_: True)

    broken = strangers.generated(watch(0.0003)).broken

    assert any("a stranger's" in each for each in broken)


def test_the_histories_find_an_end_of_somebody_who_waits(monkeypatch: Patch) -> None:
    """It is always the customer's turn; the report has the history in which one is cut off."""
    monkeypatch.setattr("function.chat.dialogue.customers_turn", lambda *_: True)

    broken = histories.play(histories.Setting(), 1_000, 1, shrink=False).broken

    assert broken.startswith("ended, and")
    assert "somebody_comes" in broken


def test_the_replays_find_that_nobody_asks_whose_turn_it_is(monkeypatch: Patch) -> None:
    """Past customers who wrote last are ended."""
    monkeypatch.setattr("function.chat.dialogue.customers_turn", lambda *_: True)

    figure, _ = replays.play(histories.Setting(), past_chats.history(10, seed=1))

    assert not figure.kept


def test_the_campaign_of_agreement_finds_a_what_if_that_forgets_the_queue(monkeypatch: Patch) -> None:
    """A rule for a queue lets the function end its chats, and the other end none."""
    play = agreement.Simulation.play
    monkeypatch.setattr(agreement.Simulation, "play", lambda self, chat: play(self, replace(chat, queue="")))
    rules = [{"match": {"queue": "Sales"}, "timeout": "PT3M", "warnings": []}]
    past = agreement.varied(past_chats.drawn(10, seed=1), seed=1)

    assert agreement.disagreements(agreement.Case("a rule", {"timeout": "P1D", "policy": {"rules": rules}}), past)


def test_the_speed_campaign_finds_calls_that_wait_for_each_other(tmp_path: Path) -> None:
    """One call at a time: more round trips than four."""
    files = tmp_path / "function"
    shutil.copytree(FUNCTION, files)
    code = (files / "bootstrap.py").read_text()
    (files / "bootstrap.py").write_text(code.replace("ThreadPoolExecutor(", "ThreadPoolExecutor(1 or "))
    ends = speed.Ends()

    with speed.track() as far, speed.function(far, tmp_path / "running", {}, files) as running:
        far.end(speed.warned(far, running), partial(speed.fire, far, running), ends)

    assert ends.rounds[0] > 4


def test_the_campaign_of_crowds_finds_that_nobody_counts_the_calls(tmp_path: Path) -> None:
    """With a bucket that is far too large Twilio answers 429."""
    files = tmp_path / "function"
    shutil.copytree(FUNCTION, files)
    code = (files / "twilio_api" / "rate_limiter.py").read_text()
    (files / "twilio_api" / "rate_limiter.py").write_text(
        code.replace("per_second=1.5, burst=1)", "per_second=1000, burst=1000)")
    )

    refused = next(figure for figure in crowds.many_at_once(watch(1), 40, files) if "429" in figure.name)

    assert not refused.kept


# -- what others do: a defect for each kind of world -------------------------------------------------------------------


def every_task_that_names_the_chat_is_its_own(monkeypatch: Patch) -> None:
    """A defect: copied attributes prove everything."""
    proven = reading.belongings

    def all_of_them(conversation: Any, tasks: Any, *more: Any) -> Any:
        return replace(proven(conversation, tasks, *more), tasks=tuple(tasks), hints=(), foreign=())

    monkeypatch.setattr(reading, "belongings", all_of_them)


def every_channel_that_is_named_is_the_chats(monkeypatch: Patch) -> None:
    """A defect: invites are not read."""
    monkeypatch.setattr("function.chat.belonging._judged", lambda _, channel, __: replace(channel, proven=True))


def the_newest_tasks_worker_alone_counts(monkeypatch: Patch) -> None:
    """A defect: an agent who invited a colleague does not count any more."""
    monkeypatch.setattr(dialogue, "stays", lambda *_: False)


def nobody_waits_for_a_colleague(monkeypatch: Patch) -> None:
    """A defect: the row is missing."""
    monkeypatch.setattr("function.chat.decisions.ROWS", tuple(row for row in ROWS if row.__name__ != "transfer"))


def what_others_closed_is_finished_at_once(monkeypatch: Patch) -> None:
    """A defect: as if we had closed it."""
    monkeypatch.setattr(Case, "closed_by_us", True)


def the_agents_time_is_counted_from_the_beginning(monkeypatch: Patch) -> None:
    """A defect: it counts from the conversation's creation, not from its close."""
    monkeypatch.setattr(Case, "closed_at", property(lambda case: case.snapshot.conversation.created_at))


def a_task_that_ended_so_is_finished(how: fate.Ended) -> Callable[[Patch], None]:
    """A defect: every end counts as an agent's."""
    return lambda monkeypatch: monkeypatch.setitem(vars(fate)["_FATES"], how, TaskFate.FINISHED)


def an_unknown_status_is_as_good_as_any(monkeypatch: Patch) -> None:
    """A defect: an unknown status is not noticed."""
    monkeypatch.setattr(Snapshot, "unknown_status", None)


def a_lease_may_be_of_any_length(monkeypatch: Patch) -> None:
    """A defect: until 2099."""

    def leave(self: Any, task: Any, decision: Any) -> None:
        claim = task.claim if task else None
        if (
            claim
            and claim.by != self._by
            and claim.answered_index == decision.answered_index
            and self._attempt.now < claim.lease_until
        ):
            raise ClaimedElsewhereError

    monkeypatch.setattr(DecisionApplier, "_leave_to_others", leave)


def half_a_surrogate_ends_the_read(monkeypatch: Patch) -> None:
    """A defect: attributes are always taken for text that can be encoded."""
    text = answers.text_of

    def strictly(attributes: object) -> str:
        json.dumps(json.loads(text(attributes)), ensure_ascii=False).encode()
        return text(attributes)

    monkeypatch.setattr(answers, "text_of", strictly)


def an_odd_date_ends_the_read(monkeypatch: Patch) -> None:
    """A defect: every date is taken for a valid one."""
    read = vars(answers)["_time"]

    def strictly(value: object) -> Any:
        if value is not None and read(value) is None:
            raise ValueError(f"no time: {value}")
        return read(value)

    monkeypatch.setattr(answers, "_time", strictly)


def a_malformed_row_ends_the_read(monkeypatch: Patch) -> None:
    """A defect: every message must have its index."""
    written = vars(answers)["_raw_message"]

    def strictly(instance: Any) -> Any:
        return replace(written(instance), index=int(instance.index))

    monkeypatch.setattr(answers, "_raw_message", strictly)


def a_word_that_never_arrived_counts(monkeypatch: Patch) -> None:
    """A defect: delivery receipts are not read."""
    monkeypatch.setattr(answers, "_arrived", lambda _: True)


def who_comes_back_is_somebody_else(monkeypatch: Patch) -> None:
    """A defect: participants are known by their SIDs only."""

    def by_sid(self: Authorship, written: Any) -> Any:
        return next((each for each in self.participants if each.sid == written.participant_sid), None)

    monkeypatch.setattr(Authorship, "_present_author", by_sid)


def no_bot_is_known(monkeypatch: Patch) -> None:
    """A defect: the policy's bots are ignored."""
    monkeypatch.setattr(reading, "Authorship", lambda *parts: Authorship(*parts[:3]))


def everybody_has_written(monkeypatch: Patch) -> None:
    """A defect: nobody checks whether the customer ever wrote."""
    monkeypatch.setattr(dialogue, "never_wrote", lambda _: False)


def whoever_is_offline_has_no_chat(monkeypatch: Patch) -> None:
    """A defect: the task of an offline worker counts as ended."""
    fetch, call = TwilioApi.task, vars(TwilioApi)["_call"]

    def look(api: Any, attempt: Any, sid: str, conversation: str) -> Task | None:
        task = fetch(api, attempt, sid, conversation)
        for accepted in api.acceptances_of(attempt, sid) if task and task.live else ():
            worker = accepted.worker
            found = call(api, attempt, "fetch_worker", lambda twilio, sid=worker: twilio.workspace.workers(sid).fetch())
            if found.activity_name == "Offline":
                return replace(task, status=TaskStatus.COMPLETED)
        return task

    monkeypatch.setattr(TwilioApi, "task", look)


def whoever_has_left_is_nobody(monkeypatch: Patch) -> None:
    """A defect: nobody looks whose task has ended."""
    monkeypatch.setattr(Workers, "with_former_agents", lambda _, __, snapshot, *___: snapshot)


def whoever_has_left_has_helped(monkeypatch: Patch) -> None:
    """A defect: whose task was the older one is not asked."""
    monkeypatch.setattr(Evidence, "has_held", lambda *_: True)


def one_agent_may_have_two_tasks_of_a_chat(monkeypatch: Patch) -> None:
    """A defect: each task of a present worker is taken for the chat's."""
    monkeypatch.setattr("function.chat.belonging._is_first_of_its_workers", lambda *_: True)
    monkeypatch.setattr("function.chat.belonging._has_its_worker", lambda task, _: bool(task.workers))


CANCELED, EXPIRED, DELETED = fate.Ended.CANCELED, fate.Ended.SYSTEM_DELETED, fate.Ended.DELETED
TAKEN, NOT_THE_CHATS = "an agent's task was taken", "does not belong to the chat"
SILENT, WAITED = "the customer is silent, and nobody released the chat", "ended, and the customer spoke last"


@pytest.mark.parametrize(
    ("kind", "scene", "defect", "broken"),
    [
        (Kind.FOREIGN_QUEUED, "end_due", every_task_that_names_the_chat_is_its_own, NOT_THE_CHATS),
        (Kind.FOREIGN_ASSIGNED, "end_due", every_task_that_names_the_chat_is_its_own, NOT_THE_CHATS),
        (Kind.CALLBACK, "end_due", every_task_that_names_the_chat_is_its_own, NOT_THE_CHATS),
        (
            Kind.CALLBACK_TAKEN,
            "end_due (without an interaction)",
            one_agent_may_have_two_tasks_of_a_chat,
            NOT_THE_CHATS,
        ),
        (Kind.HELPED, "end_due", whoever_has_left_is_nobody, SILENT),
        (Kind.HANDED_OVER, "end_due", whoever_has_left_has_helped, "had not spoken"),
        (Kind.BORROWED, "closed_by_others", every_channel_that_is_named_is_the_chats, NOT_THE_CHATS),
        (Kind.COLLEAGUE, "end_due", the_newest_tasks_worker_alone_counts, SILENT),
        (Kind.INVITE, "end_due", nobody_waits_for_a_colleague, "ended, and a colleague was asked in"),
        (Kind.SITE_CLOSES, "end_due", what_others_closed_is_finished_at_once, TAKEN),
        (Kind.TIMER_CLOSES, "agent_silent (told)", the_agents_time_is_counted_from_the_beginning, TAKEN),
        (Kind.CALLBACK, "queued (lost)", a_task_that_ended_so_is_finished(CANCELED), "kept, and the policy ends"),
        (Kind.OFFLINE, "end_due", whoever_is_offline_has_no_chat, SILENT),
        (Kind.OFFLINE, "end_due (of a lost task)", a_task_that_ended_so_is_finished(EXPIRED), SILENT),
        (Kind.OFFLINE, "end_due (of a deleted task)", a_task_that_ended_so_is_finished(DELETED), SILENT),
        (Kind.UNKNOWN_STATUS, "unknown_status", an_unknown_status_is_as_good_as_any, "treated, and nobody knows"),
        (Kind.HOSTILE_CONVERSATION, "warning_due", half_a_surrogate_ends_the_read, SILENT),
        (Kind.HOSTILE_TASK, "warning_due", a_lease_may_be_of_any_length, SILENT),
        (Kind.ODD_FIELDS, "warning_due", an_odd_date_ends_the_read, SILENT),
        (Kind.MALFORMED_ROWS, "warning_due", a_malformed_row_ends_the_read, SILENT),
        (Kind.UNDELIVERED, "end_due", a_word_that_never_arrived_counts, WAITED),
        (Kind.CAME_BACK, "end_due", who_comes_back_is_somebody_else, SILENT),
        (Kind.MACHINE, "end_due", no_bot_is_known, SILENT),
        (Kind.OUTBOUND, "warning_due", everybody_has_written, "told, and has never written"),
    ],
    ids=lambda value: value.name if isinstance(value, Kind) else getattr(value, "__name__", value),
)
def test_the_campaign_of_worlds_finds_a_defect_of_each_kind(
    kind: Kind, scene: str, defect: Callable[[Patch], None], broken: str, monkeypatch: Patch
) -> None:
    """In one of a few cells, because hostile and odd values are drawn; and in none of them without the defect."""
    cell = worlds.Cell(kind, worlds.scene_called(scene))

    sound = broken_in(cell, SEEDS[:2])
    defect(monkeypatch)
    found = broken_in(cell, SEEDS)

    assert sound == []
    assert [each for each in found if broken in each] != []


SEEDS = range(1, 31)


def broken_in(cell: worlds.Cell, seeds: range) -> list[str]:
    """Return what breaks a promise in the first of these cells that breaks one."""
    with ExitStack() as stack:
        for seed in seeds:
            if found := worlds.Worlds(seed, stack).play(cell).broken:
                return list(found)
    return []


def test_the_campaign_of_worlds_finds_an_acceptance_that_writes_what_it_read_first(monkeypatch: Patch) -> None:
    """A plugin's attributes are lost."""
    read, first = TwilioApi.conversation, {}

    def remember(api: Any, attempt: Any, sid: str) -> Conversation:
        first[sid] = read(api, attempt, sid)
        return first[sid]

    monkeypatch.setattr(TwilioApi, "conversation", remember)
    monkeypatch.setattr(
        TwilioApi, "give_timer", lambda api, attempt, sid, timer: api.arm(attempt, sid, timer, first[sid].attributes)
    )

    assert {"kept"} != set(worlds.accept_meanwhile(1))


def test_the_histories_find_a_write_to_a_task_that_only_mentions_the_chat(monkeypatch: Patch) -> None:
    """The report names that kind only."""
    every_task_that_names_the_chat_is_its_own(monkeypatch)
    setting = histories.Setting(kinds=frozenset({Kind.FOREIGN_ASSIGNED, Kind.FOREIGN_QUEUED}))

    broken = histories.play(setting, 3_000, 1, shrink=False).broken

    assert NOT_THE_CHATS in broken


def test_the_campaign_of_poison_finds_attributes_that_nobody_can_encode(monkeypatch: Patch) -> None:
    """Such chats are never ended, and nothing in the log says why."""
    half_a_surrogate_ends_the_read(monkeypatch)
    looking = watch(1)

    released = next(figure for figure in poison.sweep_them(looking, 24) if "hostile" in figure.name)

    assert not released.kept
