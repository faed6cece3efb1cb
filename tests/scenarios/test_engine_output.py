"""What the engine did, on one screen: kinds rather than resources, changes one by one, complaints to the letter."""

import io

import pytest
from rich.console import Console

from laptop.engine_output import EngineOutput

UP = """\
Previewing update (local):
 +  gcp:projects:Service foundation-run create
 +  gcp:projects:Service foundation-iam create
 +  gcp:storage:Bucket sources create
 +  pulumi:pulumi:Stack flex-local create
Outputs:
    webhookUrl: "http://127.0.0.1:8701/flex-local/conversations"
Resources:
    + 4 to create
Updating (local):
@ updating....
 +  gcp:projects:Service foundation-run created (0.21s)
 +  gcp:projects:Service foundation-iam created (0.49s)
 +  gcp:storage:Bucket sources created (1.00s)
 ~  pulumi-python:dynamic/twilio:DefaultTimers default-timers updated (0.09s) [diff: ~inactive]
 +  pulumi:pulumi:Stack flex-local created (3s)
Outputs:
    webhookUrl: "http://127.0.0.1:8701/flex-local/conversations"
Resources:
    + 4 created
    ~ 1 updated
Duration: 3s
"""

FAILED = """\
Updating (local):
 +  gcp:storage:Bucket sources **creating failed** error: no such project
Diagnostics:
  pulumi:pulumi:Stack (flex-local):
    error: timeout is 5m, not an ISO 8601 duration
Resources:
    1 unchanged
Duration: 1s
"""


def shown(output: str, *, verbose: bool = False) -> list[str]:
    """What is printed of these lines of an engine."""
    out = io.StringIO()
    engine = EngineOutput(Console(file=out, width=200), verbose=verbose)
    with engine.of("pulumi up"):
        for line in output.splitlines():
            engine.line(line)
    return [line.strip() for line in out.getvalue().splitlines()]


def test_each_kind_of_resource_is_one_line_with_the_longest_time() -> None:
    """A preview is its sum; a change of something that stands is a line of its own; outputs are left out."""
    assert shown(UP) == [
        "+ 4 to create",
        "~  pulumi-python:dynamic/twilio:DefaultTimers default-timers updated (0.09s) [diff: ~inactive]",
        "+   2  gcp:projects:Service                             0.5 s",
        "+   1  gcp:storage:Bucket                               1.0 s",
        "+ 4 created, ~ 1 updated, in 3s",
    ]


def test_what_failed_is_shown_to_the_letter() -> None:
    """A person acts upon it."""
    assert shown(FAILED) == [
        "+  gcp:storage:Bucket sources **creating failed** error: no such project",
        "error: timeout is 5m, not an ISO 8601 duration",
        "1 unchanged, in 1s",
    ]


@pytest.mark.parametrize(
    "words", ["gcp:storage:Bucket sources create", "webhookUrl", "gcp:projects:Service foundation"]
)
def test_verbose_output_shows_each_resource_and_the_outputs(words: str) -> None:
    """Everything but heartbeats."""
    text = "\n".join(shown(UP, verbose=True))

    assert words in text
    assert "@ updating" not in text
