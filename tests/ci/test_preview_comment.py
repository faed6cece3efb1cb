"""The comment: what would change, the dangerous first, without a value, and with its summary when it is cut."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ci.preview_comment import LIMIT, comment, marker, read_plan

PREFIX = "urn:pulumi:prod::flex-chat-inactivity-timeout::"


def planned(operation: str, name: str, type_: str = "gcp:storage/bucket:Bucket", **more: Any) -> dict[str, Any]:
    """One step as Pulumi prints it."""
    return {"op": operation, "urn": f"{PREFIX}inactivity:google:WebhookFunction${type_}::{name}", **more}


def plan_of(steps: Sequence[Mapping[str, Any]], counts: Mapping[str, int], *messages: tuple[str, str]) -> str:
    """What Pulumi prints."""
    diagnostics = [{"severity": severity, "message": f"{severity}: {message}\n"} for severity, message in messages]
    return json.dumps({"steps": steps, "changeSummary": counts, "diagnostics": diagnostics})


def told(printed: str, *, failed: bool = False, limit: int = LIMIT) -> str:
    """The comment about it."""
    return comment("prod", read_plan(printed), failed=failed, limit=limit)


def test_a_plan_is_a_summary_and_a_row_for_each_change() -> None:
    """Resources that stay as they are, and how they were refreshed, are counted and not listed."""
    steps = [planned("refresh", "zips"), planned("same", "zips"), planned("create", "secret")]

    text = told(plan_of(steps, {"same": 29, "create": 1}))

    assert text == (
        "<!-- pulumi preview of prod -->\n"
        "### Preview of `prod`: 1 to create, 29 unchanged\n"
        "\n"
        "| | resource | type | properties |\n"
        "|---|---|---|---|\n"
        "| create | `secret` | `gcp:storage/bucket:Bucket` |  |\n"
    )


def test_a_plan_without_changes_is_one_line() -> None:
    """There is no empty table to scroll through."""
    assert told(plan_of([planned("same", "zips")], {"same": 30})).splitlines() == [
        marker("prod"),
        "### Preview of `prod`: 30 unchanged",
    ]


def test_a_replacement_is_one_row_before_all_that_is_harmless() -> None:
    """The engine's three steps are one change, and a separate sentence counts replacements."""
    steps = [
        planned("update", "webhook"),
        planned("create-replacement", "zips"),
        planned("replace", "zips"),
        planned("delete-replaced", "zips"),
        planned("delete", "job"),
    ]

    text = told(plan_of(steps, {"update": 1, "replace": 1, "delete": 1}))

    assert "1 to replace, 1 to delete, 1 to update" in text
    assert "**2 of the changes replace or delete a resource.**" in text
    assert [line.split(" | ")[:2] for line in text.splitlines() if " | `" in line] == [
        ["| replace", "`zips`"],
        ["| delete", "`job`"],
        ["| update", "`webhook`"],
    ]


def test_properties_are_named_without_their_values() -> None:
    """By the provider's paths, or without them by the inputs that differ; a pickled provider is not listed."""
    own = planned("update", "webhook", detailedDiff={"serviceConfig.availableMemory": {"kind": "update"}})
    old, new = {"inactive": "PT8M", "same": 1, "__provider": "a"}, {"inactive": "PT9M", "same": 1, "__provider": "b"}
    dynamic = planned("update", "z-timers", detailedDiff=None, oldState={"inputs": old}, newState={"inputs": new})

    assert told(plan_of([own, dynamic], {"update": 2})).splitlines()[-2:] == [
        "| update | `webhook` | `gcp:storage/bucket:Bucket` | `serviceConfig.availableMemory` |",
        "| update | `z-timers` | `gcp:storage/bucket:Bucket` | `inactive` |",
    ]


def test_what_stopped_the_program_is_said_once() -> None:
    """Pulumi repeats it as an unhandled error. Warnings are quoted too, and quoted text cannot end its block."""
    reason = "timeout is '5m': write it as ```PT5M```"
    repeated = f"an unhandled error occurred: {reason}"

    text = told(plan_of([], {}, ("error", reason), ("error", repeated), ("warning", "no token")), failed=True)

    assert text.splitlines()[1:] == [
        "### Preview of `prod`: failed",
        "",
        "error:",
        "",
        "```text",
        "timeout is '5m': write it as '''PT5M'''",
        "```",
        "",
        "warning:",
        "",
        "```text",
        "no token",
        "```",
    ]


def test_a_name_is_text_and_never_markup() -> None:
    """It cannot end its cell or mention a user."""
    row = told(plan_of([planned("create", "a`b|@everybody")], {"create": 1})).splitlines()[-1]

    assert row == "| create | `a'b¦@everybody` | `gcp:storage/bucket:Bucket` |  |"


@pytest.mark.parametrize("number", [1, 900, 5_000])
def test_a_long_plan_is_cut_at_its_end_and_says_how_much_is_missing(number: int) -> None:
    """GitHub refuses a longer comment; summary, reasons and the dangerous rows are kept."""
    steps = [planned("create", f"é-resource-{n:04}") for n in range(number)]
    printed = plan_of([*steps, planned("delete", "job")], {"create": number, "delete": 1}, ("warning", "w" * LIMIT))

    text = told(printed)

    shown = text.count("| create |")
    assert len(text.encode()) <= LIMIT
    assert f"1 to delete, {number} to create" in text.splitlines()[1]
    assert "| delete | `job` |" in text
    assert "www ...\n```" in text
    left_out = f"\n{number - shown} more changes are not shown; the log of this run has all.\n"
    assert text.endswith(left_out) == (shown < number)
    assert (shown < number) == (number > 1)


def test_the_log_gets_the_whole_plan() -> None:
    """Without a limit nothing is left out."""
    steps = [planned("create", f"resource-{n}") for n in range(5_000)]

    assert told(plan_of(steps, {"create": 5_000}), limit=10**9).count("| create |") == 5_000


@pytest.mark.parametrize("printed", ["", "error: no stack named 'prod' found", "[]"])
def test_output_without_a_plan_is_refused(printed: str) -> None:
    """A run that fails early prints no plan."""
    with pytest.raises(ValueError, match=r"."):
        read_plan(printed)
