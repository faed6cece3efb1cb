"""A probe of the simulator, from start to end: what it finds, what it costs, and what it leaves."""

from datetime import timedelta

import pytest

from ops.probe import report
from ops.probe.account import check
from ops.probe.bench import Bench
from ops.probe.budget import Budget, Cost
from ops.probe.errors import BudgetError
from ops.probe.experiments import EXPERIMENTS, Lab
from ops.probe.probing import INTERRUPTED, NO_LISTENER, plan, probe
from ops.probe.questions import Finding, Question
from ops.probe.scratch import create, remove
from simulator.client import SimulatorClient
from simulator.shared.dialect import Dialect
from tests.ops.probe.dialects import defaults, each_alone, findable, found, pairwise
from tests.ops.probe.laboratory import VirtualClock, api_of, local_listener, probed

REFUSED = next(each for each in each_alone() if "interactionReads" in each)


def contents(twilio: SimulatorClient) -> dict[str, object]:
    """All that a probe could leave in an account."""
    workspaces = twilio.rest("GET", "taskrouter/v1/Workspaces")["workspaces"]
    lists = {"Workflows": "workflows", "TaskQueues": "task_queues", "Workers": "workers", "Tasks": "tasks"}
    services = twilio.rest("GET", "conversations/v1/Services")["services"]
    return {
        **{
            f"{workspace['sid']} {path}": [
                row["sid"] for row in twilio.rest("GET", f"taskrouter/v1/Workspaces/{workspace['sid']}/{path}")[key]
            ]
            for workspace in workspaces
            for path, key in lists.items()
        },
        **{
            service["sid"]: [
                row["sid"]
                for row in twilio.rest("GET", f"conversations/v1/Services/{service['sid']}/Conversations")[
                    "conversations"
                ]
            ]
            for service in services
        },
        "default timer": twilio.rest("GET", "conversations/v1/Configuration")["default_inactive_timer"] or "PT0S",
    }


def only(twilio: SimulatorClient, *questions: Question) -> dict[Question, Finding]:
    """What the experiments about these questions find."""
    clock = VirtualClock(twilio)
    api = api_of(twilio, clock)
    bench = Bench(clock, lambda _line: None)
    bench.run(Lab(api, create(api)), [each for each in EXPERIMENTS if not set(questions).isdisjoint(each.settles)])
    remove(api)
    return {finding.question: finding for finding in bench.findings}


@pytest.mark.parametrize(
    "dialect",
    [{}, {**pairwise()[0], "interactionReads": "allowed"}, pairwise()[1], REFUSED],
    ids=["the default", "a mixture", "another mixture", "no reads of interactions"],
)
def test_it_finds_the_dialect_that_is_spoken(twilio: SimulatorClient, dialect: dict[str, str]) -> None:
    """Of each switch, or that nobody can see it; the command `python -m tests.ops.probe` does all dialects."""
    seen = probed(twilio, dialect)

    assert found(seen) == findable(dialect)
    assert (seen.stopped, seen.left) == ("", ())


def test_the_simulator_reads_what_it_writes(twilio: SimulatorClient) -> None:
    """The file makes a simulator speak the dialect that was probed."""
    dialect = {"timerOrigin": "message", "unsetTimers": "zero", "taskRefusal": "conflict"}
    text = report.document(twilio.account.account_sid, probed(twilio, dialect))

    assert Dialect.read(text) == Dialect.parse(dialect)


def test_it_stays_within_its_plan_and_leaves_nothing(twilio: SimulatorClient) -> None:
    """Calls, messages and minutes; and the account has what it had before."""
    twilio.reset()
    before = contents(twilio)

    seen = probed(twilio, {"interactionReads": "refused", "eventLag": "a_minute", "timerPrecision": "late"})
    planned = plan(listening=True).cost

    assert contents(twilio) == before
    assert seen.spent.calls <= planned.calls
    assert seen.spent.messages == planned.messages
    assert seen.spent.time <= planned.time


def test_an_experiment_costs_at_most_what_it_says(twilio: SimulatorClient) -> None:
    """Each within its own budget, in a dialect of slow answers; one that overspends settles nothing."""
    twilio.reset(dialect={"eventLag": "a_minute", "timerPrecision": "late"})
    clock = VirtualClock(twilio)
    api = api_of(twilio, clock)
    scratch = create(api)
    bench = Bench(clock, lambda _line: None)
    messages: dict[str, int] = {}
    with local_listener() as listener:
        for experiment in EXPERIMENTS:
            budget = Budget(experiment.cost, clock)
            with api.within(budget):
                bench.run(Lab(api, scratch, listener), [experiment])
            messages[experiment.name] = budget.spent.messages

    assert messages == {experiment.name: experiment.cost.messages for experiment in EXPERIMENTS}
    assert {finding.question for finding in bench.findings} == set(Question)


def test_without_a_listener_it_says_what_stays_open(twilio: SimulatorClient) -> None:
    """Webhooks need an address; everything else is settled."""
    seen = probed(twilio, {}, listening=False)
    open_ = {finding.question.value: finding.why for finding in seen.findings if finding.answer is None}

    assert open_ == dict.fromkeys(
        ("restReactivation", "restStateChange", "webhookIdempotency", "flexStateChange"), NO_LISTENER
    )


def test_on_an_account_without_limits_refusals_stay_open(twilio: SimulatorClient) -> None:
    """A burst that is not refused shows no refusal."""
    seen = only(twilio, Question.LIMIT_CODE)

    assert [(question, finding.answer) for question, finding in seen.items()] == [
        (Question.LIMIT_CODE, None),
        (Question.RETRY_AFTER, None),
    ]


class Interrupted(VirtualClock):
    """Somebody presses Ctrl-C at the nth wait."""

    def __init__(self, twilio: SimulatorClient, nth: int) -> None:
        super().__init__(twilio)
        self._left = nth

    def sleep(self, duration: timedelta) -> None:
        """Wait, or be interrupted."""
        self._left -= 1
        if self._left == 0:
            raise KeyboardInterrupt
        super().sleep(duration)


@pytest.mark.parametrize("nth", [1, 5, 9])
def test_ctrl_c_removes_everything_and_keeps_what_was_found(twilio: SimulatorClient, nth: int) -> None:
    """At any wait; what was settled until then is reported."""
    before = contents(twilio)
    clock = Interrupted(twilio, nth)

    seen = probe(api_of(twilio, clock), clock, None, lambda _line: None)

    assert seen.stopped == INTERRUPTED
    assert contents(twilio) == before
    assert found(seen)["creationTimers"] == defaults()["creationTimers"]
    assert found(seen)["taskDeletion"] is None


def test_what_a_killed_probe_left_is_removed_later(twilio: SimulatorClient) -> None:
    """By another process, which knows only the names; the default timer that it had set is removed too."""
    before = contents(twilio)
    clock = VirtualClock(twilio)
    api = api_of(twilio, clock)
    lab = Lab(api, create(api))
    for experiment in EXPERIMENTS:
        if not experiment.needs_webhooks:
            next(experiment.steps(lab), None)
    killed = contents(twilio)

    left = remove(api_of(twilio))

    assert killed["default timer"] == "PT61M"
    assert left == []
    assert contents(twilio) == before


def test_a_default_timer_of_somebody_else_stays(twilio: SimulatorClient) -> None:
    """It serves the experiment as well as one of ours."""
    twilio.rest("POST", "conversations/v1/Configuration", DefaultInactiveTimer="PT7H")

    seen = only(twilio, Question.DEFAULT_TIMERS)

    assert contents(twilio)["default timer"] == "PT7H"
    assert seen[Question.DEFAULT_TIMERS].answer == "every_conversation"


def test_a_budget_is_a_hard_stop(twilio: SimulatorClient) -> None:
    """The call after the last is not made, nor one after the last minute."""
    clock = VirtualClock(twilio)
    api = api_of(twilio, clock)
    path = "conversations/v1/Configuration"
    with api.within(Budget(Cost(calls=2, time=timedelta(minutes=1)), clock)):
        for _ in range(2):
            api.ask("GET", path)
        with pytest.raises(BudgetError, match="2 calls"):
            api.ask("GET", path)
    with api.within(Budget(Cost(calls=2, time=timedelta(minutes=1)), clock)):
        clock.sleep(timedelta(seconds=61))
        with pytest.raises(BudgetError, match="1 minutes"):
            api.ask("GET", path)
    made = [request for request in twilio.requests() if request.path.startswith(f"/{path}")]

    assert len(made) == 2


def test_one_experiment_that_fails_leaves_the_others(twilio: SimulatorClient) -> None:
    """Its question stays open with Twilio's words, and everything is removed."""
    before = contents(twilio)
    twilio.fault("POST .*/Roles", "status", times=None, status=403, code=20003, message="No rights")
    twilio.fault("POST .*/Interactions", "status", times=None, status=404, code=20404, message="No Flex here")
    clock = VirtualClock(twilio)
    seen = probe(api_of(twilio, clock), clock, None, lambda _line: None)
    twilio.clear_faults()
    why = {finding.question.value: finding.why for finding in seen.findings if finding.answer is None}

    assert why["roleNames"] == "not even a short name is accepted: Twilio answered 403, error 20003: No rights"
    assert why["leave"] == "could not create an interaction: Twilio answered 404, error 20404: No Flex here"
    assert found(seen)["timerOrigin"] == "latest_activity"
    assert contents(twilio) == before


def test_an_answer_of_another_shape_leaves_the_other_questions(twilio: SimulatorClient) -> None:
    """Nobody has seen all of Twilio's answers yet."""
    twilio.fault("POST .*/Conversations$", "odd", times=None, at="timers", value="soon")

    seen = only(twilio, Question.TIMER_PRECISION, Question.CREATION_TIMERS)

    assert seen[Question.CREATION_TIMERS].answer == "accepted_without_state"
    assert seen[Question.TIMER_PRECISION].answer is None
    assert "is not what its documents show (AttributeError" in seen[Question.TIMER_PRECISION].why


def test_a_preparation_that_fails_is_removed_too(twilio: SimulatorClient) -> None:
    """Everything stays open, with the reason."""
    before = contents(twilio)
    twilio.fault("POST .*/Workers$", "odd", times=None, at="sid")
    clock = VirtualClock(twilio)

    seen = probe(api_of(twilio, clock), clock, None, lambda _line: None)
    twilio.clear_faults()

    assert seen.stopped.startswith("could not list channels: Twilio answered 404")
    assert {finding.why for finding in seen.findings} == {seen.stopped}
    assert contents(twilio) == before


def test_a_removal_that_meets_another_shape_goes_on(twilio: SimulatorClient) -> None:
    """What it cannot read it names; the next attempt removes the rest."""
    before = contents(twilio)
    create(api_of(twilio))
    twilio.fault("GET .*/TaskQueues", "odd", times=1, at="task_queues", value=[{}])
    twilio.clear_log()

    first, second = remove(api_of(twilio)), remove(api_of(twilio))

    assert [line.partition(": ")[2] for line in first] == [
        "an answer of Twilio's is not what its documents show (KeyError: 'friendly_name')"
    ]
    assert (second, contents(twilio)) == ([], before)


def test_an_account_without_flex_is_probed_for_the_rest(twilio: SimulatorClient) -> None:
    """In a workspace of its own, which is removed with everything in it."""
    before = contents(twilio)
    twilio.fault("GET /flex-api/v1/Configuration", "status", times=None, status=404, code=20404)
    clock = VirtualClock(twilio)
    seen = probe(api_of(twilio, clock), clock, None, lambda _line: None)
    twilio.clear_faults()
    settled = found(seen)

    assert settled["leave"] is None
    assert (settled["taskDeletion"], settled["documentType"]) == ("told_when_overdue", "json")
    assert contents(twilio) == before


def test_a_probe_that_runs_keeps_another_away(twilio: SimulatorClient) -> None:
    """Two would remove each other's things."""
    api = api_of(twilio)
    create(api)

    with pytest.raises(Exception, match="bin/inactivity probe --clean"):
        check(api, any_account=True)
