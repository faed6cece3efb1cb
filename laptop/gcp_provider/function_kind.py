"""Google's rules for functions: what must exist first, which builds and starts fail, what a failed function shows."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from laptop.gcp_provider.cloud import Cloud, Place, Resource
from laptop.gcp_provider.iam import ACCESSOR
from laptop.gcp_provider.kind import Context, Kind, full_secret_id, function_key, missing_account, needs_api, project_of
from laptop.gcp_provider.sentences import (
    build_was_denied_its_repository,
    build_was_denied_its_source,
    function_exists,
    ingress_is_forbidden,
    secret_is_denied,
)
from laptop.gcp_provider.tokens import (
    ACCOUNT,
    BUCKET_MEMBER,
    BUCKET_OBJECT,
    PROJECT_MEMBER,
    REPOSITORY,
    REPOSITORY_MEMBER,
    SECRET_MEMBER,
    SECRET_VERSION,
)
from laptop.gcp_provider.values import Properties, at

ACTIVE, FAILED = "ACTIVE", "FAILED"
"""States of a function."""
_OF_THE_SERVICE = frozenset({"uri", "gcfUri", "service"})
_WRITERS = frozenset({"roles/artifactregistry.writer", "roles/cloudbuild.builds.builder"})
_READERS = frozenset({"roles/storage.objectViewer", "roles/cloudbuild.builds.builder"})
_API_OF_FUNCTIONS = ("cloudfunctions", "run", "cloudbuild", "artifactregistry")


def function_id(inputs: Properties, place: Place) -> str:
    """Google's id of the function with these inputs."""
    return function_key(inputs["name"], inputs["location"], project_of(inputs, place))


def _function_outputs(inputs: Properties, context: Context) -> Properties:
    name, location = inputs["name"], inputs["location"]
    project = project_of(inputs, context.place)
    url = f"{context.front_url}/{name}"
    return {
        "url": url,
        "state": ACTIVE,
        "buildConfig": _copy_of_source(inputs, context),
        "updateTime": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "environment": "GEN_2",
        "project": project,
        "serviceConfig": {
            "uri": url,
            "gcfUri": url,
            "service": f"projects/{project}/locations/{location}/services/{name}",
        },
    }


def _copy_of_source(inputs: Properties, context: Context) -> Properties:
    """The generation of Google's own copy of the zip, where the program names no generation.

    Source: https://github.com/GoogleCloudPlatform/magic-modules/pull/11287, 2024-07-30.
    """
    if at(inputs, "buildConfig.source.storageSource.generation") is not None:
        return {}
    generation = context.cloud.next_number(f"copy {inputs['name']}/function-source.zip")
    return {"source": {"storageSource": {"generation": generation}}}


def failed_function(function: Resource, before: Resource | None) -> Resource:
    """The function after a build or start that failed: Google keeps it in state FAILED.

    A new one has no Cloud Run service then. An older revision goes on answering; whether Google then says FAILED too is
    documented nowhere, and here it does.
    """
    outputs = {**function.outputs, "state": FAILED}
    if before is None or "service" not in before.value("serviceConfig"):
        service = {key: value for key, value in outputs["serviceConfig"].items() if key not in _OF_THE_SERVICE}
        outputs["serviceConfig"] = service
    return replace(function, outputs=outputs)


def function_secrets(inputs: Properties, place: Place) -> Iterator[tuple[str, str, str]]:
    """Each secret variable of a function: its name, the secret's id, the version's number (or `latest`)."""
    for variable in at(inputs, "serviceConfig.secretEnvironmentVariables") or ():
        project = variable.get("projectId") or place.project
        secret = str(variable["secret"])
        secret_id = secret if secret.startswith("projects/") else f"projects/{project}/secrets/{secret}"
        yield str(variable["key"]), secret_id, str(variable["version"])


def secret_version(cloud: Cloud, secret_id: str, version: str) -> str | None:
    """The value of one version of a secret, None when there is none."""
    versions = {int(f.value("version")): f for f in cloud.all(SECRET_VERSION) if f.value("secret") == secret_id}
    wanted = max(versions, default=0) if version == "latest" else int(version)
    found = versions.get(wanted)
    return None if found is None else str(found.value("secretData"))


def _function_refusals(inputs: Properties, context: Context) -> Iterator[str]:
    cloud, place = context.cloud, context.place
    yield from needs_api(*_API_OF_FUNCTIONS)(context)
    source = at(inputs, "buildConfig.source.storageSource") or {}
    stored = cloud.get(BUCKET_OBJECT, f"{source.get('bucket')}-{source.get('object')}")
    if stored is None or source.get("generation", stored.value("generation")) != stored.value("generation"):
        yield f"Error 404: object gs://{source.get('bucket')}/{source.get('object')} does not exist"
    runtime_account = str(at(inputs, "serviceConfig.serviceAccountEmail") or "")
    build_account = str(at(inputs, "buildConfig.serviceAccount") or "").rpartition("/")[2]
    for email in filter(None, (runtime_account, build_account)):
        yield from missing_account(email, context)
    allowed = context.switches.policies.ingress_settings
    ingress = str(at(inputs, "serviceConfig.ingressSettings") or "ALLOW_ALL")
    if allowed and ingress not in allowed:
        yield ingress_is_forbidden(place.project, ingress)
    repository = str(at(inputs, "buildConfig.dockerRepository") or "")
    if repository and cloud.get(REPOSITORY, repository) is None:
        yield f"Error 404: repository {repository} does not exist"
    if repository and repository.split("/")[3] != inputs["location"]:
        yield f"Error 400: repository {repository} is not in {inputs['location']}"
    for key, secret_id, version in function_secrets(inputs, place):
        if secret_version(cloud, secret_id, version) is None:
            yield f"Error 404: {key}: {secret_id}/versions/{version} does not exist"


def _function_failures(inputs: Properties, context: Context) -> Iterator[str]:
    """Rights that build and start need. Those of accounts that were not made here are taken for granted."""
    cloud, place, name = context.cloud, context.place, str(inputs["name"])
    build_account = str(at(inputs, "buildConfig.serviceAccount") or "").rpartition("/")[2]
    location = str(inputs["location"])
    may_build = not _is_made_here(build_account, cloud) or _may_read_copies(build_account, location, context)
    if name in context.switches.failing_builds or not may_build:
        email = build_account or f"{place.number}-compute@developer.gserviceaccount.com"
        yield build_was_denied_its_source(place.number, location, name, email)
    repository = str(at(inputs, "buildConfig.dockerRepository") or "")
    if repository and _is_made_here(build_account, cloud) and not _may_store_images(build_account, repository, context):
        yield build_was_denied_its_repository(place.number, location, repository)
    runtime_account = str(at(inputs, "serviceConfig.serviceAccountEmail") or "")
    if not _is_made_here(runtime_account, cloud):
        return
    allowed = {
        full_secret_id(found.outputs, "secretId", place)
        for found in cloud.all(SECRET_MEMBER)
        if found.value("role") == ACCESSOR
        and found.value("member") == f"serviceAccount:{runtime_account}"
        and context.in_effect(found)
    }
    for _, secret_id, version in function_secrets(inputs, place):
        if secret_id not in allowed:
            secret = secret_id.replace(f"projects/{place.project}/", f"projects/{place.number}/", 1)
            yield secret_is_denied(name, secret, version, runtime_account)


def _is_made_here(email: str, cloud: Cloud) -> bool:
    return any(found.value("email") == email for found in cloud.all(ACCOUNT))


def _may_read_copies(email: str, location: str, context: Context) -> bool:
    """Whether a build of this account may read the copies of function sources in this region."""
    bucket = f"gcf-v2-sources-{context.place.number}-{location}"
    copy = f"projects/_/buckets/{bucket}/objects/function-source.zip"
    in_project = (found for found in context.cloud.all(PROJECT_MEMBER) if _is_meant(found.value("condition"), copy))
    on_copies = (found for found in context.cloud.all(BUCKET_MEMBER) if found.value("bucket") == bucket)
    return any(_gives(found, _READERS, email, context) for found in (*in_project, *on_copies))


def _may_store_images(email: str, repository: str, context: Context) -> bool:
    """Whether a build of this account may write to this repository."""
    _, project, _, location, _, name = repository.split("/")
    here = (project, location, name)
    on_repository = (
        found
        for found in context.cloud.all(REPOSITORY_MEMBER)
        if (project_of(found.outputs, context.place), found.value("location"), found.value("repository")) == here
    )
    everywhere = (found for found in context.cloud.all(PROJECT_MEMBER) if not found.value("condition"))
    return any(_gives(found, _WRITERS, email, context) for found in (*on_repository, *everywhere))


def _gives(binding: Resource, roles: frozenset[str], email: str, context: Context) -> bool:
    return (
        binding.value("role") in roles
        and binding.value("member") == f"serviceAccount:{email}"
        and context.in_effect(binding)
    )


def _is_meant(condition: Mapping[str, str] | None, resource: str) -> bool:
    """Whether a binding's condition on `resource.name` holds; `==`, `startsWith` and `||` are all it may have."""
    if not condition:
        return True
    expression = str(condition["expression"])
    beginnings = re.findall(r'resource\.name\.startsWith\("([^"]*)"\)', expression)
    return resource in re.findall(r'resource\.name == "([^"]*)"', expression) or any(
        resource.startswith(beginning) for beginning in beginnings
    )


FUNCTION_KIND = Kind(
    id_of=function_id,
    noun="function",
    taken=lambda inputs, context: function_exists(function_id(inputs, context.place)),
    required=(
        "buildConfig.runtime",
        "buildConfig.entryPoint",
        "buildConfig.source.storageSource.bucket",
        "buildConfig.source.storageSource.object",
    ),
    patterns={
        "name": (re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"), "1 to 63 of a-z, 0-9, -, beginning with a letter"),
        "buildConfig.runtime": (re.compile(r"python3\d+"), "a Python runtime like python313"),
    },
    autoname="name",
    replaced_by=frozenset({"name", "location", "project"}),
    computed=_function_outputs,
    unknown=(
        "url",
        "state",
        "updateTime",
        "environment",
        "serviceConfig.uri",
        "serviceConfig.gcfUri",
        "serviceConfig.service",
    ),
    refusals=_function_refusals,
    failures=_function_failures,
)
"""The rules of a function."""
