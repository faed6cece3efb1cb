"""What we write into attributes is read back as it was written, and nothing beside it is touched."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function.markers import Claim, Known, Marker, read_object, sid_or_none, taken_back, with_outcome
from function.treatments import StepKind

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
theirs = st.dictionaries(
    st.text().filter(lambda key: key not in {"inactivityTimeout", "conversations"}), JSON, max_size=4
)
LEASE = datetime(2026, 1, 5, 9, 0, 30, tzinfo=UTC)
CLAIM = Claim("somebody", 2, 17, LEASE)
KNOWN = Known("WT" + "1" * 32, "KD" + "2" * 32, "UO" + "3" * 32)


@pytest.mark.parametrize("kind", StepKind)
def test_a_marker_is_read_back(kind: StepKind) -> None:
    """Kind, step, and the message that it answers."""
    marker = Marker(kind, 2, -1)

    assert marker == Marker.read(marker.attributes())


@given(theirs)
def test_a_claim_stands_beside_what_others_wrote(attributes: dict[str, object]) -> None:
    """Read back as it was, theirs unchanged; taken back, only theirs is left."""
    written = CLAIM.written_into(json.dumps(attributes))

    assert written is not None
    assert CLAIM == Claim.read(written)
    assert attributes == {key: value for key, value in json.loads(written).items() if key != "inactivityTimeout"}
    assert attributes == json.loads(taken_back(written))


@given(theirs)
def test_known_sids_stand_beside_what_others_wrote(attributes: dict[str, object]) -> None:
    """On the conversation."""
    written = KNOWN.written_into(json.dumps(attributes))

    assert KNOWN == Known.read(written)
    assert attributes == {key: value for key, value in json.loads(written or "").items() if key != "inactivityTimeout"}


def test_a_task_without_an_interaction_is_known_by_itself() -> None:
    """There is nothing else to note."""
    alone = Known(KNOWN.task, None, None)

    assert alone == Known.read(alone.written_into("{}"))


@given(theirs, st.dictionaries(st.text().filter(lambda key: key != "outcome"), JSON, max_size=3))
def test_the_outcome_stands_beside_flexs_own_and_can_be_taken_back(
    attributes: dict[str, object], conversations: dict[str, object]
) -> None:
    """`conversations` is Flex's: only its `outcome` is ours."""
    before = {**attributes, "conversations": conversations} if conversations else attributes

    written = with_outcome(json.dumps(before))

    assert written is not None
    assert {**conversations, "outcome": "inactivity_timeout"} == json.loads(written)["conversations"]
    assert before == json.loads(taken_back(written))


def test_an_outcome_that_somebody_else_set_stays() -> None:
    """Neither overwritten nor taken back."""
    theirs = '{"conversations":{"outcome":"sold"}}'

    assert theirs == with_outcome(theirs)
    assert theirs == taken_back(theirs)


@pytest.mark.parametrize("attributes", ["[]", "7", "null", '"text"', "{", "", None, "[" * 100_000])
def test_attributes_that_are_no_object_carry_nothing(attributes: str | None) -> None:
    """And do not make anything fail."""
    assert Marker.read(attributes) is None
    assert Claim.read(attributes) is None
    assert Known.read(attributes) is None
    if attributes:
        assert read_object(attributes) is None
        assert CLAIM.written_into(attributes) is None
        assert with_outcome(attributes) is None


@given(JSON)
def test_whatever_stands_in_our_place_makes_nothing_fail(value: object) -> None:
    """Chat clients can write attributes, too."""
    attributes = json.dumps({"inactivityTimeout": value})

    assert Marker.read(attributes) is None
    assert Claim.read(attributes) is None
    assert Known.read(attributes) is None


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "warning", "step": True, "answers": 1},
        {"kind": "warning", "step": 1, "answers": "1"},
        {"kind": "warning", "step": 1.0, "answers": 1},
        {"kind": "goodbye", "step": 1, "answers": 1},
        {"kind": ["warning"], "step": 1, "answers": 1},
        {"step": 1, "answers": 1},
    ],
)
def test_an_incomplete_marker_is_none(entry: dict[str, object]) -> None:
    """Half a marker is somebody else's."""
    assert Marker.read(json.dumps({"inactivityTimeout": entry})) is None


@pytest.mark.parametrize("lease", [None, "tomorrow", 7, "2026-01-05T09:00:30"])
def test_a_claim_without_a_clear_end_is_none(lease: object) -> None:
    """It could keep everybody away for ever."""
    entry = {"by": "somebody", "step": 1, "answers": 1, "leaseUntil": lease}

    assert Claim.read(json.dumps({"inactivityTimeout": entry})) is None


@pytest.mark.parametrize("value", ["KD" + "1" * 32, "WT1", "WT" + "g" * 32, "WT" + "1" * 33, None, 7])
def test_a_sid_has_its_prefix_and_32_digits(value: object) -> None:
    """Attributes have been seen to carry one kind under another's name."""
    assert sid_or_none(value, "WT") is None
