"""What zizmor and GitHub's schema, which `make check` runs, cannot know of our workflows."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOR_ADOPTERS = sorted((ROOT / "ci" / "github").glob("*.yml"))
ALL = [*FOR_ADOPTERS, *sorted((ROOT / ".github" / "workflows").glob("*.yml"))]
USES = re.compile(r"uses: (?!\./)(\S+)@([0-9a-f]{40}) # (v\d+\.\d+\.\d+)$")
PREVIEWS = ROOT / "ci" / "github" / "preview.yml"
PREVIEW = ROOT / "ci" / "github" / "preview-stack.yml"
DEPLOY = ROOT / "ci" / "github" / "deploy-stack.yml"
DRIFT = ROOT / "ci" / "github" / "drift.yml"

everywhere = pytest.mark.parametrize("workflow", ALL, ids=lambda path: path.name)


def read(workflow: Path) -> dict[str, Any]:
    """The document; YAML calls its key `on` a truth value."""
    document: dict[Any, Any] = yaml.safe_load(workflow.read_text("utf-8"))
    return {"on" if key is True else key: value for key, value in document.items()}


def steps(workflow: Path) -> list[dict[str, Any]]:
    """Those of all jobs."""
    return [step for job in read(workflow)["jobs"].values() for step in job.get("steps", ())]


def test_our_own_repository_deploys_nothing() -> None:
    """Workflows with an identity in a cloud are for copying, and are where GitHub does not look for workflows."""
    own = [path for path in ALL if path not in FOR_ADOPTERS]

    assert [path.name for path in FOR_ADOPTERS] == [
        "deploy-stack.yml",
        "deploy.yml",
        "drift.yml",
        "preview-stack.yml",
        "preview.yml",
    ]
    assert [path.name for path in own if "id-token" in path.read_text("utf-8")] == []


def test_every_action_is_pinned_to_a_commit_with_its_version_in_a_comment() -> None:
    """Dependabot changes both; the same action is the same commit everywhere."""
    lines = [line for path in ALL for line in path.read_text("utf-8").splitlines() if "uses: " in line]
    actions = [line for line in lines if "uses: ./" not in line]

    assert [line for line in actions if not USES.search(line)] == []
    pinned = {found.groups() for line in actions if (found := USES.search(line))}
    assert len({action for action, _, _ in pinned}) == len(pinned)


@everywhere
def test_no_permission_is_granted_by_default(workflow: Path) -> None:
    """Each job names the permissions it needs."""
    assert read(workflow)["permissions"] == {}
    assert all("permissions" in job for job in read(workflow)["jobs"].values())


@everywhere
def test_the_pulumi_that_runs_is_the_one_of_the_lock(workflow: Path) -> None:
    """The program's hooks and the engine have the same version."""
    lock = (ROOT / "requirements" / "infra.txt").read_text("utf-8")
    locked = re.search(r"^pulumi==(\S+)", lock, re.MULTILINE)

    assert locked is not None
    used = {step["with"]["pulumi-version"] for step in steps(workflow) if "pulumi/actions" in step.get("uses", "")}
    assert used <= {locked[1]}


@everywhere
def test_a_pipe_fails_with_its_first_command(workflow: Path) -> None:
    """GitHub's default shell has no pipefail, and a failed preview would look like a good one."""
    piped = [step for step in steps(workflow) if "|" in step.get("run", "")]

    assert [step["run"] for step in piped if step.get("shell") != "bash"] == []


@everywhere
def test_every_file_that_a_step_runs_exists(workflow: Path) -> None:
    """A script that is moved must be changed in the workflow too."""
    commands = "\n".join(step.get("run", "") for step in steps(workflow))
    named = re.findall(r"(?<![\w./])(?:\.ci/run|ci/(?!github)[\w.]+)", commands)

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_a_fork_is_not_previewed() -> None:
    """Its code would run with an identity that reads the state."""
    document = read(PREVIEWS)

    assert set(document["on"]) == {"pull_request"}
    assert "head.repo.full_name == github.repository" in document["jobs"]["stack"]["if"]
    assert set(read(PREVIEW)["on"]) == {"workflow_call"}


def test_only_the_job_that_runs_none_of_the_pull_requests_code_may_write_to_it() -> None:
    """It takes its script from the branch that the pull request goes to, and has no identity in a cloud."""
    jobs = read(PREVIEW)["jobs"]

    assert jobs["preview"]["permissions"] == {"contents": "read", "id-token": "write"}
    assert jobs["comment"]["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert jobs["comment"]["steps"][0]["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"


def test_each_purpose_has_an_environment_of_its_own() -> None:
    """Approval, branches and identity are set separately for previews, drift checks and deployments."""
    assert [read(path)["jobs"][job]["environment"] for path, job in ((PREVIEW, "preview"), (DRIFT, "drift"))] == [
        "preview-${{ inputs.stack }}",
        "drift-${{ matrix.stack }}",
    ]
    assert read(DEPLOY)["jobs"]["deploy"]["environment"] == "${{ inputs.stack }}"


def test_a_deployment_is_never_cancelled_and_never_beside_another_of_its_stack() -> None:
    """A killed engine leaves a lock and resources that no state knows."""
    assert read(DEPLOY)["jobs"]["deploy"]["concurrency"] == {
        "group": "deploy-${{ inputs.stack }}",
        "cancel-in-progress": False,
    }
