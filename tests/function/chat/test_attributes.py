"""What we write into attributes can be read back, and everything else in them stays unchanged."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.chat import (
    AgentSilent,
    ChatSids,
    Claim,
    LastTask,
    Marker,
    NotedRule,
    TaskFate,
    Unread,
    Warned,
    Wrapped,
    read_object,
    sid_or_none,
    with_outcome,
    without_claim,
    without_future_notes,
)
from function.chat.attributes import do_not_time_out_until, has_our_mark, parked
from function.policy.policy import StepKind

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
theirs = st.dictionaries(
    st.text().filter(lambda key: key not in {"inactivityTimeout", "conversations"}), JSON, max_size=4
)
SPOILED = (None, True, "1", 1.0, [1], {"answeredIndex": 1})
"""What is no number."""
LEASE = datetime(2026, 1, 5, 9, 0, 30, tzinfo=UTC)
CLAIM = Claim("somebody", 2, 17, LEASE, "WT" + "1" * 32)
MARK = AgentSilent(17, datetime(2026, 1, 5, 8, 30, tzinfo=UTC))
KNOWN = ChatSids(("WT" + "1" * 32,), "KD" + "2" * 32, "UO" + "3" * 32)
A_CLAIM = f'"by":"somebody","step":2,"answeredIndex":17,"leaseUntil":"2026-01-05T09:00:30Z","of":"{CLAIM.of}"'
A_MARK = '"agentSilent":{"answeredIndex":17,"since":"2026-01-05T08:30:00Z"}'
OUR_OUTCOME = '"conversations":{"outcome":"inactivity_timeout"}'


@pytest.mark.parametrize("kind", StepKind)
def test_a_marker_is_read_back(kind: StepKind) -> None:
    """A marker has a kind, a step and the index of the message that it answers."""
    marker = Marker(kind, 2, -1)

    assert Marker.read(marker.attributes()) == marker


@pytest.mark.parametrize(
    ("kind", "spelled"),
    [(StepKind.WARNING, "warning"), (StepKind.CLOSING, "closing"), (StepKind.AGENT_SILENT, "agent_silent")],
)
def test_a_marker_keeps_its_spelling(kind: StepKind, spelled: str) -> None:
    """A deployment in the middle of a chat must understand what the previous one wrote."""
    assert json.loads(Marker(kind, 1, 7).attributes()) == {
        "inactivityTimeout": {"kind": spelled, "step": 1, "answeredIndex": 7}
    }


@given(theirs)
def test_a_claim_leaves_other_attributes_unchanged(attributes: dict[str, object]) -> None:
    """The claim is read back as written; once withdrawn, only the other attributes are left."""
    written = CLAIM.written_into(json.dumps(attributes))

    assert written is not None
    assert Claim.read(written) == CLAIM
    assert {key: value for key, value in json.loads(written).items() if key != "inactivityTimeout"} == attributes
    assert read_object(without_claim(written)) == attributes


@given(theirs)
def test_known_sids_leave_other_attributes_unchanged(attributes: dict[str, object]) -> None:
    """SIDs are noted on the conversation."""
    written = KNOWN.written_into(json.dumps(attributes))

    assert ChatSids.read(written) == KNOWN
    assert {key: value for key, value in json.loads(written or "").items() if key != "inactivityTimeout"} == attributes


TASK = "WT" + "1" * 32
WORKER = "WK" + "2" * 32
notes = st.sampled_from(TaskFate).flatmap(
    lambda fate: st.builds(
        LastTask,
        st.none() | st.just(TASK),
        st.just(fate),
        accepted=st.booleans(),
        made_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    )
)
unread = st.builds(Unread, st.integers(-1, 10_000))
wraps = st.builds(Wrapped, st.just(TASK), st.datetimes(timezones=st.just(UTC)))


@given(theirs, notes, unread)
def test_notes_leave_other_attributes_unchanged(attributes: dict[str, object], last: LastTask, word: Unread) -> None:
    """Each note on the conversation is read back as written, in whatever order the notes were added."""
    noted = KNOWN.written_into(json.dumps(attributes))
    in_order = word.written_into(last.written_into(noted or "") or "")
    other_way_round = KNOWN.written_into(last.written_into(word.written_into(json.dumps(attributes)) or "") or "")

    for written in (in_order, other_way_round):
        assert (ChatSids.read(written), LastTask.read(written), Unread.read(written)) == (KNOWN, last, word)
        whole = json.loads(written or "")
        assert {key: value for key, value in whole.items() if key != "inactivityTimeout"} == attributes


@given(theirs, wraps)
def test_the_mark_of_a_task_that_we_wrapped_leaves_other_attributes_unchanged(
    attributes: dict[str, object], wrapped: Wrapped
) -> None:
    """It is read back as written, also next to the mark of an agent's silence."""
    written = wrapped.written_into(MARK.written_into(json.dumps(attributes)) or "")

    assert (Wrapped.read(written, TASK), AgentSilent.read(written)) == (wrapped, MARK)
    whole = json.loads(written or "")
    assert {key: value for key, value in whole.items() if key != "inactivityTimeout"} == attributes


@pytest.mark.parametrize(
    ("note", "spelled"),
    [
        (
            LastTask(TASK, TaskFate.LOST, accepted=True, made_at=datetime(2026, 1, 5, 8, 30, tzinfo=UTC)),
            f'"lastTask":{{"task":"{TASK}","fate":"lost","accepted":true,"madeAt":"2026-01-05T08:30:00Z"}}',
        ),
        (
            LastTask(TASK, TaskFate.LOST, accepted=True, workers=(WORKER,)),
            f'"lastTask":{{"task":"{TASK}","fate":"lost","accepted":true,"workers":["{WORKER}"]}}',
        ),
        (LastTask(TASK, TaskFate.FINISHED), f'"lastTask":{{"task":"{TASK}","fate":"finished","accepted":false}}'),
        (LastTask(None, TaskFate.UNKNOWN), '"lastTask":{"task":null,"fate":"unknown","accepted":false}'),
        (Unread(7), '"unread":7'),
        (Warned(1, 4, 6), '"warned":{"step":1,"answeredIndex":4,"index":6}'),
        (Wrapped(TASK, datetime(2026, 1, 5, 8, 30, tzinfo=UTC)), f'"of":"{TASK}","wrappedAt":"2026-01-05T08:30:00Z"'),
    ],
)
def test_a_note_keeps_its_spelling(note: LastTask | Unread | Warned | Wrapped, spelled: str) -> None:
    """A deployment must understand what the previous one wrote; other attributes keep every letter."""
    assert note.written_into("") == f'{{"inactivityTimeout":{{{spelled}}}}}'
    assert (
        note.written_into('{"big": 1.0e400, "name": "Zo\\u00eb"}')
        == f'{{"big":1.0e400,"name":"Zo\\u00eb","inactivityTimeout":{{{spelled}}}}}'
    )


LAST = {"task": TASK, "fate": "lost", "accepted": True, "madeAt": "2026-01-05T08:30:00Z"}
LOST = LastTask(TASK, TaskFate.LOST, accepted=True, made_at=datetime(2026, 1, 5, 8, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("spoiled", "expected"),
    [
        ({}, LOST),
        ({"task": "WT1"}, replace(LOST, task=None)),
        ({"task": "KD" + "1" * 32}, replace(LOST, task=None)),
        ({"accepted": 1}, replace(LOST, accepted=False)),
        ({"accepted": "yes"}, replace(LOST, accepted=False)),
        ({"madeAt": "tomorrow"}, replace(LOST, made_at=None)),
        ({"madeAt": "2026-01-05T08:30:00"}, replace(LOST, made_at=None)),
        ({"fate": "stolen"}, None),
        ({"fate": None}, None),
        ({"fate": ["lost"]}, None),
    ],
)
def test_each_field_of_a_noted_task_is_read_by_itself(spoiled: dict[str, object], expected: LastTask | None) -> None:
    """A note without the task's fate is ignored; any other field may be missing."""
    assert LastTask.read(json.dumps({"inactivityTimeout": {"lastTask": LAST | spoiled}})) == expected


@pytest.mark.parametrize("index", SPOILED)
def test_a_warning_without_one_of_its_numbers_is_ignored(index: object) -> None:
    """Somebody else who can write attributes may have written it."""
    for name in ("step", "answeredIndex", "index"):
        note = {"step": 1, "answeredIndex": 4, "index": 6, name: index}
        assert Warned.read(json.dumps({"inactivityTimeout": {"warned": note}})) is None
    assert Warned.read(json.dumps({"inactivityTimeout": {"warned": index}})) is None


@pytest.mark.parametrize("index", SPOILED)
def test_an_unread_message_without_its_index_is_ignored(index: object) -> None:
    """It is better to report a message twice than never."""
    assert Unread.read(json.dumps({"inactivityTimeout": {"unread": index}})) is None


@pytest.mark.parametrize(
    "entry",
    [
        {"of": "WT" + "2" * 32, "wrappedAt": "2026-01-05T08:30:00Z"},
        {"wrappedAt": "2026-01-05T08:30:00Z"},
        {"of": TASK},
        {"of": TASK, "wrappedAt": "tomorrow"},
        {"of": TASK, "wrappedAt": "2026-01-05T08:30:00"},
        {"of": TASK, "wrappedAt": 7},
    ],
)
def test_a_mark_of_another_task_or_without_a_time_is_ignored(entry: dict[str, object]) -> None:
    """Other tasks copy a chat's attributes, and the mark in a copy must not end them."""
    assert Wrapped.read(json.dumps({"inactivityTimeout": entry}), TASK) is None


def test_only_a_mark_with_the_tasks_own_sid_counts() -> None:
    """A copy of the attributes names another task; a withdrawn mark counts no more."""
    claimed = CLAIM.written_into("{}")

    assert has_our_mark(claimed, TASK)
    assert has_our_mark(Wrapped(TASK, LEASE).written_into("{}"), TASK)
    assert not has_our_mark(claimed, "WT" + "2" * 32)
    assert not has_our_mark(without_claim(claimed or ""), TASK)
    assert not has_our_mark("{}", TASK)


def test_a_task_without_an_interaction_is_known_by_itself() -> None:
    """Its SID is all that there is to note."""
    alone = ChatSids(KNOWN.tasks)

    assert ChatSids.read(alone.written_into("{}")) == alone


@given(theirs, st.dictionaries(st.text().filter(lambda key: key != "outcome"), JSON, max_size=3))
def test_the_outcome_leaves_flexs_own_keys_and_can_be_withdrawn(
    attributes: dict[str, object], conversations: dict[str, object]
) -> None:
    """Flex owns `conversations`; only `outcome` in it is ours."""
    before = {**attributes, "conversations": conversations} if conversations else attributes

    written = with_outcome(json.dumps(before))

    assert written is not None
    assert json.loads(written)["conversations"] == {**conversations, "outcome": "inactivity_timeout"}
    assert read_object(without_claim(written)) == before


@given(theirs)
def test_the_mark_of_an_agents_silence_leaves_other_attributes_unchanged(attributes: dict[str, object]) -> None:
    """It is read back as written, and the next claim keeps it."""
    written = MARK.written_into(json.dumps(attributes))

    assert written is not None
    assert AgentSilent.read(written) == MARK
    assert AgentSilent.read(CLAIM.written_into(written)) == MARK
    assert {key: value for key, value in json.loads(written).items() if key != "inactivityTimeout"} == attributes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f'{{"inactivityTimeout":{{{A_CLAIM}}}}}'),
        ('{ "name": "Zoë" }', f'{{"name":"Zoë","inactivityTimeout":{{{A_CLAIM}}}}}'),
        (f'{{"inactivityTimeout":{{{A_MARK}}}}}', f'{{"inactivityTimeout":{{{A_MARK},{A_CLAIM}}}}}'),
        ('{"inactivityTimeout":7}', f'{{"inactivityTimeout":{{{A_CLAIM}}}}}'),
    ],
    ids=["nothing", "a name", "a mark of ours", "no entry of ours"],
)
def test_a_claim_is_written_beside_the_rest(before: str, after: str) -> None:
    """Its spelling is compact, with times in UTC; other attributes keep every letter."""
    elsewhere = replace(CLAIM, lease_until=LEASE.astimezone(timezone(timedelta(hours=2))))

    assert CLAIM.written_into(before) == after
    assert elsewhere.written_into(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{}", f'{{"inactivityTimeout":{{{A_MARK}}}}}'),
        (f'{{"name":"Zoë","inactivityTimeout":{{{A_CLAIM}}}}}', f'{{"name":"Zoë","inactivityTimeout":{{{A_MARK}}}}}'),
        (f'{{"inactivityTimeout":{{"agentSilent":7,{A_CLAIM}}}}}', f'{{"inactivityTimeout":{{{A_MARK}}}}}'),
    ],
    ids=["nothing", "a claim", "an older mark beside a claim"],
)
def test_the_mark_of_an_agents_silence_replaces_the_claim(before: str, after: str) -> None:
    """The claimed step is done."""
    assert MARK.written_into(before) == after


def test_what_is_not_known_of_a_conversation_is_not_written() -> None:
    """No null is added to somebody else's attributes."""
    task, interaction = KNOWN.tasks[0], KNOWN.interaction

    assert ChatSids((task,), None, None).written_into("{}") == f'{{"inactivityTimeout":{{"task":"{task}"}}}}'
    assert (
        ChatSids((task,), interaction, None).written_into("{}")
        == f'{{"inactivityTimeout":{{"task":"{task}","interaction":"{interaction}"}}}}'
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "{}"),
        (f'{{"inactivityTimeout":{{{A_CLAIM}}}}}', "{}"),
        (f"{{{OUR_OUTCOME}}}", "{}"),
        (f'{{"inactivityTimeout":{{{A_MARK},{A_CLAIM}}}}}', f'{{"inactivityTimeout":{{{A_MARK}}}}}'),
        (f'{{"inactivityTimeout":{{{A_CLAIM},"later":1}}}}', '{"inactivityTimeout":{"later":1}}'),
        (
            '{"by":"them","step":1,"answeredIndex":2,"leaseUntil":3}',
            '{"by":"them","step":1,"answeredIndex":2,"leaseUntil":3}',
        ),
        ('{"conversations":{"outcome":"inactivity_timeout","queue":"a"}}', '{"conversations":{"queue":"a"}}'),
        ('{"conversations":{"outcome":"sold"}}', '{"conversations":{"outcome":"sold"}}'),
        ('{"conversations":"inactivity_timeout"}', '{"conversations":"inactivity_timeout"}'),
        ('{"conversations":{}}', '{"conversations":{}}'),
        ('{"outcome":"inactivity_timeout"}', '{"outcome":"inactivity_timeout"}'),
    ],
    ids=[
        "nothing",
        "a claim",
        "our outcome",
        "a mark beside the claim",
        "a key of ours that we do not know yet",
        "keys of theirs that are called like ours",
        "our outcome beside another measure",
        "an outcome of theirs",
        "no object",
        "an empty object",
        "our word elsewhere",
    ],
)
def test_withdrawing_removes_the_claim_and_the_outcome_only(before: str, after: str) -> None:
    """The mark of an agent's silence stays, because it records that the customer was informed."""
    assert without_claim(before) == after


@pytest.mark.parametrize("conversations", ["sold", 7, None, ["sold"], True])
def test_an_outcome_is_written_only_into_an_object(conversations: object) -> None:
    """`conversations` is Flex's, and is left alone if it is something else."""
    assert with_outcome(json.dumps({"conversations": conversations})) is None


def test_an_outcome_that_somebody_else_set_stays() -> None:
    """It is neither overwritten nor removed."""
    theirs = '{"conversations":{"outcome":"sold"}}'

    assert with_outcome(theirs) == theirs
    assert without_claim(theirs) == theirs


@pytest.mark.parametrize("attributes", ["[]", "7", "null", '"text"', "{", "", None, "[" * 100_000])
def test_attributes_that_are_no_object_carry_nothing(attributes: str | None) -> None:
    """They are treated as empty, and nothing fails."""
    assert Marker.read(attributes) is None
    assert Claim.read(attributes) is None
    assert AgentSilent.read(attributes) is None
    assert ChatSids.read(attributes) is None
    assert LastTask.read(attributes) is None
    assert Unread.read(attributes) is None
    assert Wrapped.read(attributes, TASK) is None
    assert not has_our_mark(attributes, TASK)
    assert not parked(attributes)
    assert not attributes or without_claim(attributes) is None
    if attributes:
        assert read_object(attributes) is None
        assert CLAIM.written_into(attributes) is None
        assert MARK.written_into(attributes) is None
        assert KNOWN.written_into(attributes) is None
        assert LOST.written_into(attributes) is None
        assert Unread(7).written_into(attributes) is None
        assert Wrapped(TASK, LEASE).written_into(attributes) is None
        assert with_outcome(attributes) is None
    else:
        assert read_object(attributes) == {}


@given(JSON)
def test_any_value_in_place_of_ours_is_tolerated(value: object) -> None:
    """Chat clients can write attributes too."""
    attributes = json.dumps({"inactivityTimeout": value})

    assert Marker.read(attributes) is None
    assert Claim.read(attributes) is None
    assert AgentSilent.read(attributes) is None
    assert ChatSids.read(attributes) is None
    assert LastTask.read(attributes) is None
    assert Unread.read(attributes) is None
    assert Wrapped.read(attributes, TASK) is None
    assert LastTask.read(json.dumps({"inactivityTimeout": {"lastTask": value}})) is None


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "warning", "step": True, "answeredIndex": 1},
        {"kind": "warning", "step": 1, "answeredIndex": "1"},
        {"kind": "warning", "step": 1.0, "answeredIndex": 1},
        {"kind": "goodbye", "step": 1, "answeredIndex": 1},
        {"kind": ["warning"], "step": 1, "answeredIndex": 1},
        {"step": 1, "answeredIndex": 1},
    ],
)
def test_an_incomplete_marker_is_ignored(entry: dict[str, object]) -> None:
    """An incomplete marker was not written by us."""
    assert Marker.read(json.dumps({"inactivityTimeout": entry})) is None


@pytest.mark.parametrize("lease", [None, "tomorrow", 7, "2026-01-05T09:00:30"])
def test_a_claim_without_a_clear_end_is_ignored(lease: object) -> None:
    """It could block all attempts forever."""
    entry = {"by": "somebody", "step": 1, "answeredIndex": 1, "leaseUntil": lease}

    assert Claim.read(json.dumps({"inactivityTimeout": entry})) is None


@pytest.mark.parametrize("key", ["step", "answeredIndex"])
@pytest.mark.parametrize("value", SPOILED)
def test_a_claim_without_valid_numbers_is_ignored(key: str, value: object) -> None:
    """An incomplete claim must not block anybody; the same claim with all numbers does."""
    entry = json.loads(f"{{{A_CLAIM}}}")

    assert Claim.read(json.dumps({"inactivityTimeout": entry})) == CLAIM
    assert Claim.read(json.dumps({"inactivityTimeout": entry | {key: value}})) is None
    assert Claim.read(json.dumps({"inactivityTimeout": {name: entry[name] for name in entry if name != key}})) is None


@pytest.mark.parametrize("of", [None, 7, "WT1", "KD" + "1" * 32])
def test_a_claim_without_its_tasks_sid_counts(of: object) -> None:
    """An earlier deployment wrote such claims, and they must block other attempts too."""
    entry = json.loads(f"{{{A_CLAIM}}}")

    assert Claim.read(json.dumps({"inactivityTimeout": entry | {"of": of}})) == replace(CLAIM, of=None)
    assert Claim.read(
        json.dumps({"inactivityTimeout": {name: entry[name] for name in entry if name != "of"}})
    ) == replace(CLAIM, of=None)


@pytest.mark.parametrize("by", [None, 7, ["somebody"]])
def test_a_claim_without_an_owner_is_ignored(by: object) -> None:
    """No attempt could recognize it as its own."""
    entry = json.loads(f"{{{A_CLAIM}}}")

    assert Claim.read(json.dumps({"inactivityTimeout": entry | {"by": by}})) is None


@pytest.mark.parametrize(
    "mark",
    [
        None,
        "2026-01-05T08:30:00Z",
        {},
        {"answeredIndex": 17},
        {"since": "2026-01-05T08:30:00Z"},
        *({"answeredIndex": value, "since": "2026-01-05T08:30:00Z"} for value in SPOILED),
        *({"answeredIndex": 17, "since": value} for value in (None, 7, "tomorrow", "2026-01-05T08:30:00")),
    ],
)
def test_an_incomplete_mark_of_an_agents_silence_is_ignored(mark: object) -> None:
    """It is better to inform the customer twice than never."""
    assert AgentSilent.read(json.dumps({"inactivityTimeout": {"agentSilent": mark}})) is None


@pytest.mark.parametrize("value", [None, 7, "KD1", "CH" + "2" * 32])
def test_each_known_sid_is_read_by_itself(value: object) -> None:
    """A hint needs the task's SID; any other SID may be missing."""
    task, interaction, channel = KNOWN.tasks[0], KNOWN.interaction, KNOWN.channel
    whole = {"task": task, "interaction": interaction, "channel": channel}

    def read(**spoiled: object) -> ChatSids | None:
        return ChatSids.read(json.dumps({"inactivityTimeout": whole | spoiled}))

    assert read() == KNOWN
    assert read(task=value) is None
    assert read(interaction=value) == ChatSids((task,), None, channel)
    assert read(channel=value) == ChatSids((task,), interaction, None)


PARKED = {"interactionSid": KNOWN.interaction, "channelSid": KNOWN.channel}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (PARKED, True),
        (PARKED | {"webhookSid": "WH1"}, True),
        ({"interactionSid": KNOWN.interaction}, False),
        ({"channelSid": KNOWN.channel}, False),
        (PARKED | {"channelSid": KNOWN.interaction}, False),
        (PARKED | {"interactionSid": KNOWN.channel}, False),
        (PARKED | {"channelSid": None}, False),
        ({"inactivityTimeout": PARKED}, False),
        ({}, False),
    ],
)
def test_a_conversation_is_parked_when_both_sids_are_there(attributes: dict[str, object], expected: bool) -> None:
    """One SID alone is not enough."""
    assert expected is parked(json.dumps(attributes))


@pytest.fixture
def far_west(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The local time zone is not UTC."""
    monkeypatch.setenv("TZ", "EST5")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


FIVE = datetime(2026, 1, 5, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "until"),
    [
        ("2026-01-05T17:00:00Z", FIVE),
        ("2026-01-05T18:00:00+01:00", FIVE),
        ("2026-01-05T17:00:00", FIVE),
        ("2026-01-05T17:00", FIVE),
        ("2026-01-05", datetime(2026, 1, 5, tzinfo=UTC)),
        ("0001-01-01T00:00:00+01:00", None),
        ("tomorrow", None),
        ("", None),
        (1767632400, None),
        (True, None),
        (["2026-01-05T17:00:00Z"], None),
        (None, None),
    ],
)
def test_a_hold_without_a_time_zone_is_in_utc(value: object, until: datetime | None, far_west: None) -> None:
    """This does not depend on the machine's time zone; a value that is not a time is ignored."""
    read = do_not_time_out_until({"doNotTimeOutUntil": value})

    assert read == until
    assert read is None or timedelta() == read.utcoffset()


def test_a_chat_that_is_held_to_the_end_of_time_is_held() -> None:
    """A time beyond the calendar is later than any silence."""
    held = do_not_time_out_until({"doNotTimeOutUntil": "9999-12-31T23:59:59-05:00"})

    assert held == datetime.max.replace(tzinfo=UTC)


def test_a_chat_without_the_attribute_is_not_held() -> None:
    """Another spelling of the key does not count."""
    assert do_not_time_out_until({}) is None
    assert do_not_time_out_until({"donottimeoutuntil": "2026-01-05T17:00:00Z"}) is None


@pytest.mark.parametrize("value", ["KD" + "1" * 32, "WT1", "WT" + "g" * 32, "WT" + "1" * 33, None, 7])
def test_a_sid_has_its_prefix_and_32_digits(value: object) -> None:
    """Real attributes have contained one kind of SID under the name of another."""
    assert sid_or_none(value, "WT") is None


DEEP = "[" * 2000 + '"]\\"{"' + "]" * 2000
"""A value that Python's parser gives up on."""


@pytest.mark.parametrize("text", ['{"name":"Ann","deep":%s,"age":7}', ' { "name" : "Ann", "deep" : %s , "age" : 7 } '])
def test_members_beside_one_that_is_nested_too_deeply_are_read(text: str) -> None:
    """The deep one is None."""
    assert read_object(text % DEEP) == {"name": "Ann", "deep": None, "age": 7}
    assert read_object(text % (DEEP.replace("[", '{"a":').replace("]", "}"))) == {"name": "Ann", "deep": None, "age": 7}


@pytest.mark.parametrize("text", [DEEP, '{"deep":' + DEEP, '{"deep":' + DEEP[:-1] + "}", "{" + DEEP + "}"])
def test_text_that_is_nested_too_deeply_and_no_object_is_none(text: str) -> None:
    """Nothing overflows."""
    assert read_object(text) is None


def test_a_member_that_is_nested_too_deeply_stays_as_it_is() -> None:
    """A claim is written beside it and removed."""
    theirs = f'{{"deep":{DEEP}}}'
    written = CLAIM.written_into(theirs)

    assert written == f'{{"deep":{DEEP},"inactivityTimeout":{{{A_CLAIM}}}}}'
    assert Claim.read(written) == CLAIM
    assert without_claim(written or "") == theirs


NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
LATER = ("2026-01-05T09:00:01Z", "2099-01-01T00:00:00Z", "9999-12-31T23:59:59Z")


@pytest.mark.parametrize("time", LATER)
@pytest.mark.parametrize(
    "note",
    [
        '"lastTask":{"fate":"lost","madeAt":"TIME"}',
        '"lastTask":{"fate":"unknown","askedAt":"TIME"}',
        '"agentSilent":{"answeredIndex":1,"since":"TIME"}',
        '"wrappedAt":"TIME"',
    ],
)
def test_a_note_of_the_future_is_none(note: str, time: str) -> None:
    """The other notes and everybody else's members stay."""
    text = '{"price": 1.10,"inactivityTimeout":{"of":"CH1",%s},"name":"Ann"}'

    assert without_future_notes(text % note.replace("TIME", time), NOW) == (
        '{"price":1.10,"inactivityTimeout":{"of":"CH1"},"name":"Ann"}'
    )
    for past in ("2026-01-05T09:00:00Z", "soon"):
        assert without_future_notes(text % note.replace("TIME", past), NOW) == text % note.replace("TIME", past)


@pytest.mark.parametrize("text", ["", "[", "null", "{}", '{"inactivityTimeout": {"lastTask": 1e400, "wrappedAt": []}}'])
def test_attributes_without_a_note_of_the_future_stay_as_they_are(text: str) -> None:
    """Every letter does."""
    assert without_future_notes(text, NOW) == text


def test_a_hold_in_the_future_stays() -> None:
    """Somebody asked for it."""
    text = '{"inactivityTimeout":{"ruled":{"match":"x","heldUntil":"2099-01-01T00:00:00Z"}}}'

    assert without_future_notes(text, NOW) == text


@pytest.mark.parametrize("time", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_outside_the_calendar_is_no_note(time: str) -> None:
    """In UTC there is no such time."""
    assert Wrapped.read(f'{{"inactivityTimeout":{{"of":"WT1","wrappedAt":"{time}"}}}}', "WT1") is None


@pytest.mark.parametrize("language", ["a" + "-a" * 7600, "de" + "-x" * 32, "the second", "", 7, ["de"]])
def test_a_noted_language_that_is_no_tag_is_unknown(language: object) -> None:
    """It has at most 64 characters."""
    text = json.dumps({"inactivityTimeout": {"ruled": {"match": "x", "language": language}}})

    assert NotedRule.read(text) == NotedRule("x")
    assert NotedRule.read(text.replace(json.dumps(language), '"de_AT"')) == NotedRule("x", "de-at")
