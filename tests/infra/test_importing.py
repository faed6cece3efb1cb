"""The command that imports what a killed run created."""

import pytest

from infra.importing import IDS, import_line

COMPONENTS = {"inactivity:google:Foundation": "inactivity-foundation", "inactivity:google:SweepFunction": "sweep"}
INPUTS = {"secretId": "s", "repositoryId": "r", "location": "europe-west1", "name": "f", "region": "europe-west3"}


def line(kind: str, parent: str = "inactivity:google:Foundation$") -> str | None:
    """The line for a resource of this type."""
    return import_line(f"urn:pulumi:prod::p::{parent}{kind}::its-name", INPUTS, "a-project", COMPONENTS)


@pytest.mark.parametrize(
    ("kind", "id_"),
    [
        ("gcp:secretmanager/secret:Secret", "projects/a-project/secrets/s"),
        ("gcp:cloudfunctionsv2/function:Function", "projects/a-project/locations/europe-west1/functions/f"),
        ("gcp:cloudscheduler/job:Job", "projects/a-project/locations/europe-west3/jobs/f"),
        ("gcp:artifactregistry/repository:Repository", "projects/a-project/locations/europe-west1/repositories/r"),
        ("gcp:storage/bucket:Bucket", "f"),
        ("gcp:logging/metric:Metric", "f"),
    ],
)
def test_it_has_type_name_id_parent_and_provider(kind: str, id_: str) -> None:
    """With another parent or provider, the next `up` would replace it."""
    assert line(kind) == (
        f"pulumi import {kind} its-name {id_} "
        "--parent parent=urn:pulumi:prod::p::inactivity:google:Foundation::inactivity-foundation "
        "--provider provider=urn:pulumi:prod::p::pulumi:providers:gcp::google --protect=false --stack prod"
    )
    assert kind in IDS


def test_a_resource_without_a_component_has_no_parent() -> None:
    """The stack itself is the default."""
    assert "--parent" not in (line("gcp:storage/bucket:Bucket", parent="") or "")


def test_what_google_takes_twice_needs_no_line() -> None:
    """Bindings and APIs above all."""
    assert line("gcp:projects/service:Service") is None
