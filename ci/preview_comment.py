"""The plan of `pulumi preview --json` as Markdown: the whole of it for the log, and as much as fits for a comment.

Of a change it names the resource and the properties and never a value; errors and warnings are quoted as the program
said them. Standard library only, so that it runs on any CI's python3:
`ci/preview_comment.py STACK STATUS COMMENT_FILE < plan.json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

LIMIT: Final = 65_536
"""Characters that GitHub takes for a comment ("body is too long (maximum is 65536 characters)"). Bytes are counted
here, of which there are never fewer."""

SAID: Final = {
    "replace": "to replace",
    "delete": "to delete",
    "create": "to create",
    "import": "to import",
    "update": "to update",
    "same": "unchanged",
}
"""What is said of each operation, the most dangerous first: what is cut off is the end. Operations that are not here
are parts of one that is, or change nothing."""

CHANGES_WERE_FOUND: Final = 7
"""The status of `--expect-no-changes` when something would change (https://www.pulumi.com/docs/iac/cli/exit-codes/,
since Pulumi 3.226.1; read on 2026-11-27)."""


@dataclass(frozen=True)
class Step:
    """What would happen to one resource.

    Attributes:
        operation: the engine's word, a key of `SAID`.
        type: of the resource.
        name: of the resource.
        properties: what would change, without values.
    """

    operation: str
    type: str
    name: str
    properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What `up` would do.

    Attributes:
        steps: the changes, the most dangerous first.
        counts: how many resources by operation, unchanged ones included.
        errors: why there is no complete plan, each reason once.
        warnings: what else the program said.
    """

    steps: tuple[Step, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read_plan(text: str) -> Plan:
    """The plan in the output of `pulumi preview --json`.

    Raises:
        ValueError: it is no such output; a run that failed early has none.
    """
    document = json.loads(text)
    if not isinstance(document, dict):
        raise ValueError("not a plan: no JSON object")  # noqa: TRY004 -- of the text, whatever is wrong with it
    found = [_step(each) for each in document.get("steps") or () if each["op"] in SAID and each["op"] != "same"]
    order = list(SAID)
    messages = document.get("diagnostics") or ()
    return Plan(
        steps=tuple(sorted(found, key=lambda step: (order.index(step.operation), step.type, step.name))),
        counts=document.get("changeSummary") or {},
        errors=_said(messages, "error"),
        warnings=_said(messages, "warning"),
    )


def comment(stack: str, plan: Plan, *, failed: bool, limit: int = LIMIT) -> str:
    """The plan in at most `limit` bytes. What is cut is the end of the list; the summary and the reasons stay.

    The first line is how `ci/post_comment.py` finds the comment of this stack again.
    """
    left_out = "\n{} more changes are not shown; the log of this run has all.\n"
    room = limit - len(left_out.encode()) - len(str(len(plan.steps)))
    text = "".join(_beginning(stack, plan, failed=failed, room=room))
    rows = list(_rows(plan.steps))
    if not rows:
        return text
    text += "\n| | resource | type | properties |\n|---|---|---|---|\n"
    used = len(text.encode())
    for index, row in enumerate(rows):
        used += len(row.encode())
        if used > room:
            return f"{text}{left_out.format(len(rows) - index)}"
        text += row
    return text


def _beginning(stack: str, plan: Plan, *, failed: bool, room: int) -> Iterator[str]:
    yield f"{marker(stack)}\n### Preview of `{stack}`: {_summary(plan, failed=failed)}\n"
    half = room // 2
    for kind, messages in (("error", plan.errors), ("warning", plan.warnings)):
        if messages:
            yield f"\n{kind}:\n\n{_quoted(messages, half // 2)}\n"
    gone = sum(step.operation in {"replace", "delete"} for step in plan.steps)
    if gone:
        yield f"\n**{gone} of the changes replace or delete a resource.**\n"


def marker(stack: str) -> str:
    """The line that a comment about this stack begins with."""
    return f"<!-- pulumi preview of {stack} -->"


def _summary(plan: Plan, *, failed: bool) -> str:
    if failed:
        return "failed"
    told = [f"{plan.counts[operation]} {said}" for operation, said in SAID.items() if plan.counts.get(operation)]
    return ", ".join(told) or "nothing to do"


def _rows(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        properties = ", ".join(_code(each) for each in step.properties)
        yield f"| {step.operation} | {_code(step.name)} | {_code(step.type)} | {properties} |\n"


def _code(text: str) -> str:
    """In a cell of a table, as code, so that nobody's name is a link, a mention or the end of the cell."""
    return f"`{text.replace('`', chr(39)).replace('|', '¦')}`"


def _quoted(messages: Iterable[str], limit: int) -> str:
    text = "\n".join(messages).replace("```", "'''").encode()
    cut = text[:limit].decode(errors="ignore")
    return f"```text\n{cut}{' ...' if len(text) > limit else ''}\n```"


def _step(step: Mapping[str, Any]) -> Step:
    head, _, name = str(step["urn"]).rpartition("::")
    return Step(step["op"], head.rpartition("::")[2].rpartition("$")[2], name, tuple(_properties(step)))


def _properties(step: Mapping[str, Any]) -> list[str]:
    """The paths that the provider names; where it names none, as dynamic ones do, the inputs that differ."""
    if step["op"] not in {"update", "replace"}:
        return []
    if step.get("detailedDiff"):
        return sorted(step["detailedDiff"])
    old, new = ((step.get(state) or {}).get("inputs") or {} for state in ("oldState", "newState"))
    return sorted(key for key in old.keys() | new.keys() if key != "__provider" and old.get(key) != new.get(key))


def _said(diagnostics: Iterable[Mapping[str, Any]], severity: str) -> tuple[str, ...]:
    """Each message once: the engine repeats what stopped it, with words of its own before."""
    found: list[str] = []
    for diagnostic in diagnostics:
        message = str(diagnostic.get("message", "")).removeprefix(f"{severity}: ").strip()
        if diagnostic.get("severity") == severity and not any(message.endswith(known) for known in found):
            found.append(message)
    return tuple(found)


def main(arguments: list[str]) -> int:
    """Print the whole plan, and write what fits into the file of the comment."""
    stack, status, file = arguments
    failed = int(status) not in {0, CHANGES_WERE_FOUND}
    try:
        plan = read_plan(sys.stdin.read())
    except ValueError:
        plan = Plan(errors=("Pulumi printed no plan; the log of this run says why.",))
        failed = True
    sys.stdout.write(comment(stack, plan, failed=failed, limit=sys.maxsize))
    Path(file).write_text(comment(stack, plan, failed=failed), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
