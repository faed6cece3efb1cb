"""Which of the engine's lines the demo shows."""

import pytest

from laptop.engine_news import engine_line_is_news


@pytest.mark.parametrize(
    "line",
    [
        "Previewing update (local):",
        " +  gcp:storage:Bucket inactivity-source create",
        " +  gcp:storage:Bucket inactivity-source created (0.02s)",
        " +  gcp:cloudfunctionsv2:Function webhook creating (10s)",
        " ~  pulumi-python:dynamic/twilio:DefaultTimers default-timers refresh (0.09s) [diff: ~inactive]",
        " ~  pulumi-python:dynamic/twilio:DefaultTimers default-timers updated (0.09s) [diff: ~inactive]",
        "    error: timeout is 5m, not an ISO 8601 duration",
        " +  pulumi-python:dynamic/twilio:PriorSettings prior-settings **creating failed** error: 401",
        "Resources:",
        "    + 24 created",
        "Duration: 3s",
    ],
)
def test_results_and_failures_are_shown(line: str) -> None:
    """These are the lines that a person acts on."""
    assert engine_line_is_news(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "    ",
        "@ updating....",
        "@ previewing update....",
        " +  gcp:storage:Bucket inactivity-source creating (0s)",
        " ~  gcp:storage:Bucket inactivity-source refreshing (0s) [diff: -name]",
        " ~  gcp:storage:Bucket inactivity-source refreshing",
        " ~  gcp:storage:Bucket inactivity-source refresh",
        " ~  gcp:storage:Bucket inactivity-source refresh (0.02s)",
        "    gcp:projects:Service cloudbuild",
        "    pulumi:pulumi:Stack flex-chat-inactivity-timeout-local",
        "    pulumi:pulumi:Stack flex-chat-inactivity-timeout-local running",
        "The resources in the stack have been deleted, but the history and configuration are still maintained.",
    ],
)
def test_beginnings_and_heartbeats_are_not_shown(line: str) -> None:
    """Their results follow at once."""
    assert not engine_line_is_news(line)
