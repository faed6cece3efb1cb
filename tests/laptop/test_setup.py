"""`make setup`: which APIs must be on before the first `up`, as gcloud tells it."""

import subprocess
from collections.abc import Callable, Sequence

from laptop.gcp_provider.switches import BEFOREHAND
from laptop.setup import TURN_ON, Finding, apis


def gcloud(
    status: int, said: str = "", error: str = ""
) -> Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]:
    """A gcloud that answers so."""
    return lambda arguments: subprocess.CompletedProcess(arguments, status, said, error)


def test_apis_that_are_on_are_found() -> None:
    """Among others that the project has."""
    found = apis(gcloud(0, "\n".join([*BEFOREHAND, "run.googleapis.com"])))

    assert (found.is_missing, "found" in found.mark) == (False, True)


def test_an_api_that_is_off_is_named_with_the_command_that_turns_it_on() -> None:
    """A deployment cannot do without it."""
    found = apis(gcloud(0, "serviceusage.googleapis.com\n"))

    assert found == Finding(
        "[yellow]missing[/]", f"cloudresourcemanager.googleapis.com in gcloud's project: `{TURN_ON}`", is_missing=True
    )
    assert TURN_ON == "gcloud services enable cloudresourcemanager.googleapis.com serviceusage.googleapis.com"


def test_what_gcloud_cannot_tell_is_no_failure() -> None:
    """If nobody is logged in or no project is set, the command is shown with gcloud's reason."""
    found = apis(gcloud(1, error="ERROR: (gcloud.services.list) no project\nmore"))

    assert not found.is_missing
    assert found.text.endswith(f"`{TURN_ON}` turns them on. gcloud: ERROR: (gcloud.services.list) no project")
