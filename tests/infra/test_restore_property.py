"""Whatever was set before, and wherever runs are killed: in the end Twilio's settings are restored."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from infra.twilio_resources.client import EventSettings, TimerSettings, TwilioError, WebhookSettings, same_timer
from infra.twilio_resources.service_webhook import EVENT
from infra.twilio_resources.task_events import EVENT as TASK_EVENT
from tests.infra.deployment import (
    EVENTS_URL,
    ON_ACCEPT,
    UNMANAGED,
    URL,
    Deployment,
    KilledError,
    RefusedError,
    StoppedError,
    Wish,
)
from tests.infra.memory import OTHER_SERVICE_SID, OTHER_WORKSPACE_SID, SERVICE_SID, WORKSPACE_SID, MemoryAccount

URLS = st.sampled_from(["", "https://hooks.example.com/pre", "https://user:pw@hooks.example.com/x?y=z"])
WEBHOOKS = st.builds(
    WebhookSettings,
    pre_url=URLS,
    post_url=URLS,
    method=st.sampled_from(["GET", "POST"]),
    filters=st.lists(
        st.sampled_from(["onMessageAdd", "onMessageAdded", EVENT, "onParticipantRemove"]), unique=True
    ).map(tuple),
)
TIMERS = st.builds(
    TimerSettings,
    inactive=st.sampled_from(["", "PT0S", "PT8M", "PT480S", "PT1H", "P1D", "P1W"]),
    closed=st.sampled_from(["", "PT0S", "PT1H", "PT60M", "P7D"]),
)
EVENTS = st.builds(
    EventSettings,
    url=URLS,
    events=st.lists(st.sampled_from(["task.created", TASK_EVENT, "workflow.timeout"]), unique=True).map(tuple),
)
ACCOUNTS = st.builds(
    MemoryAccount,
    webhook=WEBHOOKS,
    silenced=WEBHOOKS,
    timers=TIMERS,
    events=EVENTS,
    other_webhook=WEBHOOKS,
    other_events=EVENTS,
)
WISHES = st.builds(
    lambda timers, **rest: Wish(inactive=timers[0], closed=timers[1], takeover=True, **rest),
    url=st.sampled_from([URL, f"{URL}/moved"]),
    timers=st.one_of(
        st.just(("", "")), st.tuples(st.sampled_from(["PT8M", "PT3M"]), st.sampled_from(["", "PT1H", "PT2H"]))
    ),
    events_url=st.sampled_from(["", EVENTS_URL, EVENTS_URL.replace("tasks", "moved/tasks")]),
    service_sid=st.sampled_from(["", SERVICE_SID, OTHER_SERVICE_SID]),
    workspace_sid=st.sampled_from(["", WORKSPACE_SID, OTHER_WORKSPACE_SID]),
)
KILLS = st.one_of(st.none(), st.integers(0, 5))
RUNS = st.lists(
    st.one_of(
        st.tuples(st.just("up"), WISHES, KILLS),
        st.tuples(st.sampled_from(["refresh", "refresh in vain", "defaults change"]), st.none(), st.none()),
        st.tuples(st.just("destroy"), st.none(), KILLS),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(account=ACCOUNTS, runs=RUNS, emptied=st.booleans())
@example(
    emptied=False,
    account=MemoryAccount(timers=TimerSettings(inactive="PT480S")),
    runs=[("up", Wish(inactive="PT3M", takeover=True), None), ("up", Wish(inactive="PT8M", takeover=True), None)],
)
@example(
    emptied=False,
    account=MemoryAccount(timers=TimerSettings(closed="P7D")),
    runs=[("up", Wish(takeover=True), 2), ("up", Wish(closed="PT1H", takeover=True), None)],
)
@example(
    emptied=False,
    account=MemoryAccount(),
    runs=[("up", Wish(takeover=True), 2), ("up", Wish(closed="PT1H", takeover=True), 1)],
)
@example(emptied=False, account=MemoryAccount(), runs=[("up", Wish(), 2), ("up", UNMANAGED, None)])
@example(
    emptied=False, account=MemoryAccount(), runs=[("up", Wish(), 2), ("up", UNMANAGED, 0), ("refresh", None, None)]
)
@example(
    emptied=False,
    account=MemoryAccount(timers=TimerSettings("PT1H", "P7D")),
    runs=[("up", Wish(closed="PT2H", takeover=True), 2), ("up", ON_ACCEPT, 1), ("up", Wish(takeover=True), 2)],
)
@example(emptied=False, account=MemoryAccount(), runs=[("up", ON_ACCEPT, 2), ("up", Wish(), None)])
@example(
    emptied=False,
    account=MemoryAccount(),
    runs=[("up", ON_ACCEPT, 2), ("up", UNMANAGED, None), ("up", UNMANAGED, None)],
)
@example(
    emptied=False,
    account=MemoryAccount(events=EventSettings("https://hooks.example.com/pre", ("task.created",))),
    runs=[("up", replace(ON_ACCEPT, takeover=True), 2), ("up", Wish(), 0), ("up", UNMANAGED, None)],
)
@example(
    emptied=False, account=MemoryAccount(), runs=[("up", Wish(), 1), ("up", Wish(service_sid=OTHER_SERVICE_SID), None)]
)
@example(
    emptied=False,
    account=MemoryAccount(webhook=WebhookSettings(post_url="https://hooks.example.com/post", method="GET")),
    runs=[
        ("up", Wish(takeover=True), 1),
        ("up", Wish(takeover=True, service_sid=OTHER_SERVICE_SID), 1),
        ("up", Wish(takeover=True, service_sid=SERVICE_SID, url=f"{URL}/moved"), None),
    ],
)
@example(
    emptied=False,
    account=MemoryAccount(),
    runs=[("up", ON_ACCEPT, 2), ("up", replace(ON_ACCEPT, workspace_sid=OTHER_WORKSPACE_SID), 0)],
)
@example(
    emptied=False,
    account=MemoryAccount(),
    runs=[("up", ON_ACCEPT, 2), ("up", replace(ON_ACCEPT, workspace_sid=OTHER_WORKSPACE_SID), None)],
)
@example(
    emptied=False,
    account=MemoryAccount(),
    runs=[("up", ON_ACCEPT, 2), ("up", Wish(workspace_sid=OTHER_WORKSPACE_SID), None)],
)
def test_after_any_runs_and_kills_a_destroy_leaves_the_account_as_it_was(
    account: MemoryAccount, runs: Any, emptied: bool
) -> None:
    """Random settings of somebody else, random runs, each killed or not; then one destroy that is not killed.

    Before that, any recorded setting of ours may have been removed, as `inactivity off` does.
    """
    before = account.settings()
    deployment = Deployment(account)

    for what, wish, kill_at in runs:
        _run(deployment, what, wish, kill_at)
    if emptied:
        _take_ours_away(deployment)
    deployment.destroy()

    assert account.settings() == before
    assert deployment.state == {}


HAND_EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("up"), st.sampled_from([URL, f"{URL}/moved"]), KILLS),
        st.tuples(st.just("edit"), st.sampled_from(["https://a.example.com/x", "https://b.example.com/x"]), st.none()),
        st.tuples(st.just("refresh"), st.just(""), st.none()),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(account=ACCOUNTS, history=HAND_EDITS, listens=st.booleans(), killed=KILLS)
@example(
    account=MemoryAccount(),
    history=[("up", URL, None), ("edit", "https://a.example.com/x", None), ("up", URL, 0)],
    listens=False,
    killed=None,
)
@example(
    account=MemoryAccount(),
    history=[("up", URL, None), ("edit", "https://a.example.com/x", None), ("up", URL, 1)],
    listens=False,
    killed=None,
)
@example(
    account=MemoryAccount(events=EventSettings("https://a.example.com/x", ("task.created",))),
    history=[("up", URL, None), ("edit", "https://b.example.com/x", None), ("up", URL, 2), ("up", URL, None)],
    listens=True,
    killed=None,
)
def test_what_somebody_set_last_comes_back_however_the_run_that_took_it_over_was_cut(
    account: MemoryAccount, history: Any, listens: bool, killed: int | None
) -> None:
    """`takeover` stays true, and others set their webhook and event callback between our runs."""
    deployment = Deployment(account)
    expected = account.settings()

    for what, url, kill_at in history:
        deployment.refresh()  # every run begins with one
        if what == "up":
            events_url = url.replace("conversations", "tasks") if listens else ""
            _run(deployment, "up", Wish(url=url, inactive="", events_url=events_url, takeover=True), kill_at)
        elif what == "edit":
            account.webhook = WebhookSettings(post_url=url, method="POST", filters=("onMessageAdded",))
            account.events = EventSettings(url, ("task.created",)) if listens else account.events
            expected = replace(account).settings() if listens else (replace(account).settings()[0], *expected[1:])
    deployment.refresh()
    _run(deployment, "destroy", Wish(), killed)
    deployment.refresh()
    deployment.destroy()

    assert account.settings() == expected
    assert deployment.state == {}


PRE_WEBHOOK = "https://moderation.example.com/pre"
PRE_FILTERS = ["onMessageAdd", "onMessageUpdate", "onParticipantRemove"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    found=WEBHOOKS,
    filters=st.lists(st.sampled_from(PRE_FILTERS), min_size=1, unique=True),
    method=st.sampled_from(["GET", "POST"]),
    later=st.lists(st.tuples(st.sampled_from(["off", URL, f"{URL}/moved"]), KILLS), max_size=4),
)
@example(found=WebhookSettings(), filters=["onMessageAdd"], method="POST", later=[("off", None), (URL, None)])
@example(found=WebhookSettings(), filters=["onMessageAdd"], method="GET", later=[(URL, 1), (URL, None)])
@example(
    found=WebhookSettings(post_url="https://a.example.com/x", method="GET", filters=("onMessageAdded",)),
    filters=["onMessageAdd"],
    method="POST",
    later=[(f"{URL}/moved", None)],
)
def test_a_pre_webhook_that_somebody_sets_beside_ours_stays_as_it_is(
    found: WebhookSettings, filters: list[str], method: str, later: list[tuple[str, int | None]]
) -> None:
    """It keeps its URL, its filters and, if it is alone in the end, its method; what ours replaced comes back."""
    account = MemoryAccount(webhook=found)
    deployment = Deployment(account)
    deployment.up(replace(UNMANAGED, takeover=True))
    account.webhook = replace(account.webhook, pre_url=PRE_WEBHOOK, method=method, filters=(EVENT, *filters))

    for what, kill_at in later:
        if what == "off":
            _take_ours_away(deployment)
        else:
            deployment.refresh()
            _run(deployment, "up", replace(UNMANAGED, url=what, takeover=True), kill_at)
    deployment.refresh()
    deployment.destroy()

    left = account.webhook
    brought_back = {name for name in found.filters if name not in PRE_FILTERS}
    assert (left.pre_url, left.post_url) == (PRE_WEBHOOK, found.post_url)
    assert set(left.filters) == {*filters, *brought_back}
    if not found.post_url:
        assert left.method == method


def test_a_stack_stays_where_it_is_when_the_accounts_defaults_change() -> None:
    """Its config names no service and no workspace; it keeps those that it found first."""
    account = MemoryAccount()
    deployment = Deployment(account)
    deployment.up(ON_ACCEPT)

    account.others_are_default = True
    deployment.up(replace(ON_ACCEPT, url=f"{URL}/moved"))

    assert (account.webhook.post_url, account.events.url) == (f"{URL}/moved", EVENTS_URL)
    assert (account.other_webhook.post_url, account.other_events.url) == ("", "")


MADE_AGAIN = st.sets(st.sampled_from(["prior", "webhook", "timers", "events"]))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(account=ACCOUNTS, runs=st.lists(st.tuples(WISHES, MADE_AGAIN, KILLS), min_size=1, max_size=5))
@example(account=MemoryAccount(), runs=[(Wish(takeover=True), set(), None), (Wish(takeover=True), {"webhook"}, None)])
def test_after_an_up_that_ended_all_that_the_stack_wants_is_set(account: MemoryAccount, runs: Any) -> None:
    """Whatever it replaced, moved or made again by force, and whichever runs before it were killed."""
    before = account.settings()
    deployment = Deployment(account)

    for wish, again, kill_at in runs:
        deployment.refresh()  # every run begins with one
        try:
            deployment.up(wish, replace=again, kill_at=kill_at)
        except KilledError:
            continue
        assert account.service_webhook(deployment.state["webhook"].outputs["service_sid"]).post_url == wish.url
        if wish.events_url:
            assert account.task_events(deployment.state["events"].outputs["workspace_sid"]).url == wish.events_url
        if wish.inactive:
            assert same_timer(account.timers.inactive, wish.inactive)
            assert same_timer(account.timers.closed, wish.closed) or not wish.closed
    deployment.refresh()
    deployment.destroy()

    assert account.settings() == before


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(account=ACCOUNTS, wish=WISHES)
def test_without_takeover_nothing_of_somebody_else_is_ever_written(account: MemoryAccount, wish: Wish) -> None:
    """Either the run is refused and wrote nothing, or it replaced an empty setting."""
    found, before = replace(account), account.settings()
    deployment = Deployment(account)

    try:
        deployment.up(replace(wish, takeover=False))
    except RefusedError:
        assert account.writes == []
        return

    service_sid, workspace_sid = wish.service_sid or SERVICE_SID, wish.workspace_sid or WORKSPACE_SID
    assert not found.service_webhook(service_sid).post_url
    assert not (wish.events_url and found.task_events(workspace_sid).url)
    assert account.service_webhook(service_sid).pre_url == found.service_webhook(service_sid).pre_url
    deployment.destroy()
    assert account.settings() == before


THEIR_URL = "https://theirs.example.com/x"
THEIR_TIMERS = {"inactive": "PT45M", "closed": "P7D"}


@dataclass
class WatchedAccount(MemoryAccount):
    """Keeps a record of what a run overwrites although somebody else has set it."""

    applied: Callable[[], TimerSettings] = TimerSettings
    overwritten: list[str] = field(default_factory=list)

    def write_service_webhook(self, service_sid: str, before: WebhookSettings, after: WebhookSettings) -> None:
        """Watch the post URL."""
        theirs = self.service_webhook(service_sid).post_url == THEIR_URL
        super().write_service_webhook(service_sid, before, after)
        if theirs and self.service_webhook(service_sid).post_url != THEIR_URL:
            self.overwritten.append("webhook")

    def write_task_events(self, workspace_sid: str, before: EventSettings, after: EventSettings) -> None:
        """Watch the URL."""
        theirs = self.task_events(workspace_sid).url == THEIR_URL
        super().write_task_events(workspace_sid, before, after)
        if theirs and self.task_events(workspace_sid).url != THEIR_URL:
            self.overwritten.append("events")

    def write_default_timers(self, before: TimerSettings, after: TimerSettings) -> None:
        """Watch both; one in whose place the stack has recorded its own has only drifted."""
        live, applied = self.timers, self.applied()
        super().write_default_timers(before, after)
        for name, theirs in THEIR_TIMERS.items():
            was = getattr(live, name)
            if was == theirs != getattr(self.timers, name) and not getattr(applied, name):
                self.overwritten.append(name)


def _edit(account: MemoryAccount, what: str) -> None:
    if what in {"webhook", "other_webhook"}:
        setattr(account, what, WebhookSettings(post_url=THEIR_URL, method="GET", filters=("onMessageAdded",)))
    elif what in {"events", "other_events"}:
        setattr(account, what, EventSettings(THEIR_URL, ("task.created",)))
    else:
        account.timers = replace(account.timers, **{what: THEIR_TIMERS[what]})


EDITS = st.sampled_from(["webhook", "other_webhook", "events", "other_events", "inactive", "closed"])
ENDINGS = st.one_of(KILLS, st.sampled_from(["webhook", "timers", "events"]))


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    history=st.lists(st.one_of(st.tuples(st.just("up"), WISHES, ENDINGS), st.tuples(EDITS, st.none(), st.none()))),
)
@example(history=[("up", Wish(), None), ("up", Wish(closed="PT2H"), "webhook"), ("closed", None, None)])
def test_without_takeover_nothing_that_somebody_sets_between_our_runs_is_ever_overwritten(history: Any) -> None:
    """Whatever the stack wished before, which runs were killed or stopped, and where it moves."""
    account = WatchedAccount()
    deployment = Deployment(account)

    def applied() -> TimerSettings:
        recorded = deployment.state.get("timers")
        return TimerSettings(**recorded.outputs["applied"]) if recorded else TimerSettings()

    account.applied = applied
    last = Wish()
    for what, wish, ending in [*history, ("up", None, None)]:
        if what != "up":
            _edit(account, what)
            continue
        last = replace(wish, takeover=False) if wish else last  # in the end, what was wished last, to its end
        stops = ending if isinstance(ending, str) else None
        with suppress(KilledError, RefusedError, TwilioError, StoppedError):
            deployment.refresh()
            deployment.up(last, kill_at=None if stops else ending, stop_before=stops)

    assert account.overwritten == []


def _run(deployment: Deployment, what: str, wish: Wish, kill_at: int | None) -> None:
    try:
        if what == "up":
            deployment.up(wish, kill_at=kill_at)
        elif what.startswith("refresh"):
            deployment.account.refuses = what == "refresh in vain"
            deployment.refresh()
            deployment.account.refuses = False
        elif what == "defaults change":
            deployment.account.others_are_default = not deployment.account.others_are_default
        else:
            deployment.destroy(kill_at=kill_at)
    except KilledError:
        return


def _take_ours_away(deployment: Deployment) -> None:
    account, state = deployment.account, deployment.state
    assert isinstance(account, MemoryAccount)
    if webhook := state.get("webhook"):
        live = account.service_webhook(webhook.outputs["service_sid"])
        if live.post_url == webhook.outputs["applied"]["post_url"]:
            filters = tuple(name for name in live.filters if name != EVENT)
            after = replace(live, post_url="", filters=filters)
            account.write_service_webhook(webhook.outputs["service_sid"], live, after)
    if events := state.get("events"):
        live_events = account.task_events(events.outputs["workspace_sid"])
        if live_events.url == events.outputs["applied"]["url"]:
            account.write_task_events(events.outputs["workspace_sid"], live_events, EventSettings())
    if timers := state.get("timers"):
        ours = TimerSettings(**timers.outputs["applied"])
        cleared = replace(account.timers, inactive="") if account.timers.inactive == ours.inactive else account.timers
        account.write_default_timers(account.timers, cleared)
