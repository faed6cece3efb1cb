"""The questions of a probe are the switches of the simulator's dialect."""

import pytest

from ops.probe.experiments import EXPERIMENTS
from ops.probe.questions import ANSWERS, Finding, Question
from simulator.shared.dialect import switches


def test_questions_and_answers_are_those_of_the_simulator() -> None:
    """Each switch and each of its answers, the default first; so a new switch needs a new experiment."""
    written = {question.value: answers for question, answers in ANSWERS.items()}
    switched = {
        switch.name: (
            str(switch.default.value),
            *(str(answer.value) for answer in switch.answers if answer is not switch.default),
        )
        for switch in switches()
    }

    assert written == switched


def test_each_question_has_one_experiment() -> None:
    """None is forgotten, and no two may contradict each other."""
    settled = [question for experiment in EXPERIMENTS for question in experiment.settles]

    assert sorted(settled) == sorted(Question)


def test_an_answer_that_the_simulator_does_not_know_cannot_be_found() -> None:
    """So the file can always be read back."""
    with pytest.raises(ValueError, match="'noon' is not one of latest_activity"):
        Finding(Question.TIMER_ORIGIN, "noon", "a guess")
