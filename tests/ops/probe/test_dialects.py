"""The list of dialects that the table of docs/probe.md is about."""

import itertools

from tests.ops.probe.dialects import answers, each_alone, findable, pairwise


def test_each_other_answer_stands_alone_once() -> None:
    """As many as there are answers besides the defaults."""
    assert len(each_alone()) == sum(len(values) - 1 for values in answers().values())
    assert {len(dialect) for dialect in each_alone()} == {1}


def test_in_the_pairwise_set_any_two_answers_meet() -> None:
    """Of any two switches."""
    wanted = {
        frozenset({(one, first), (other, second)})
        for one, other in itertools.combinations(answers(), 2)
        for first, second in itertools.product(answers()[one], answers()[other])
    }
    met = {frozenset(pair) for dialect in pairwise() for pair in itertools.combinations(dialect.items(), 2)}

    assert met == wanted


def test_only_what_nobody_can_see_is_excused() -> None:
    """Everything can be found in the default dialect, and three answers where interactions cannot be read."""
    unseen = [[name for name, answer in findable(each).items() if answer is None] for each in [{}, *each_alone()]]

    assert [each for each in unseen if each] == [
        ["lostTransfer"],
        ["transferStatus", "lostTransfer", "inviteContents"],
    ]
