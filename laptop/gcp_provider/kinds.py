"""The rules of each type of Google resource: ids, required inputs, names, what must exist first, computed outputs.

The rules of IAM are in `iam.py`, those of functions in `function_kind.py`. A rule exists only if Google refuses too. A
type that is not listed is stored and returned as it is. Inputs and outputs are named as in pulumi-gcp 10.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from hashlib import md5
from zlib import crc32

from laptop.gcp_provider.cloud import Place
from laptop.gcp_provider.function_kind import FUNCTION_KIND
from laptop.gcp_provider.iam import IAM_KINDS
from laptop.gcp_provider.kind import (
    Context,
    Kind,
    missing_account,
    needs_api,
    path_id,
    project_of,
    repository_id,
)
from laptop.gcp_provider.sentences import (
    bucket_exists,
    bucket_location_is_forbidden,
    job_exists,
    repository_exists,
    secret_exists,
    secret_location_is_forbidden,
)
from laptop.gcp_provider.tokens import (
    ALERT_POLICY,
    BUCKET,
    BUCKET_OBJECT,
    DASHBOARD,
    FUNCTION,
    JOB,
    LOG_METRIC,
    REPOSITORY,
    SECRET,
    SECRET_VERSION,
    SERVICE,
)
from laptop.gcp_provider.values import Blob, Properties, at, reveal


def kind_of(token: str) -> Kind:
    """The type's rules; for a type that has none, the kind without rules."""
    return KINDS.get(token, _OTHER)


def _job_id(inputs: Properties, place: Place) -> str:
    return (
        f"projects/{project_of(inputs, place)}/locations/{inputs.get('region') or place.region}/jobs/{inputs['name']}"
    )


# Buckets and objects


def _bucket_outputs(inputs: Properties, context: Context) -> Properties:
    name = inputs["name"]
    project = project_of(inputs, context.place)
    return {
        "url": f"gs://{name}",
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{name}",
        "project": project,
        "projectNumber": int(context.place.number),
    }


def _object_outputs(inputs: Properties, context: Context) -> Properties:
    content = object_content(inputs)
    digest = md5(content, usedforsecurity=False)
    name = inputs["name"]
    return {
        "outputName": name,
        "md5hash": base64.b64encode(digest.digest()).decode(),
        "md5hexhash": digest.hexdigest(),
        "generation": context.cloud.next_number(f"object {inputs['bucket']}/{name}"),
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{inputs['bucket']}/o/{name}",
        "mediaLink": f"https://storage.googleapis.com/download/storage/v1/b/{inputs['bucket']}/o/{name}?alt=media",
    }


def object_content(inputs: Properties) -> bytes:
    """The bytes that a BucketObject uploads."""
    source, content = inputs.get("source"), reveal(inputs.get("content"))
    return source.read() if isinstance(source, Blob) else str(content or "").encode()


def _object_refusals(inputs: Properties, context: Context) -> Iterator[str]:
    if context.cloud.get(BUCKET, str(inputs["bucket"])) is None:
        yield f"Error 404: bucket {inputs['bucket']} does not exist"
    if not isinstance(inputs.get("source"), Blob) and inputs.get("content") is None:
        yield "Error 400: an object needs a source or a content"


# Secrets


def _version_outputs(inputs: Properties, context: Context) -> Properties:
    secret = str(inputs["secret"])
    number = context.cloud.next_number(f"version {secret}")
    return {"version": str(number), "name": f"{secret}/versions/{number}", "enabled": True}


def _version_refusals(inputs: Properties, context: Context) -> Iterator[str]:
    if context.cloud.get(SECRET, str(inputs["secret"])) is None:
        yield f"Error 404: secret {inputs['secret']} does not exist"


def _secret_kind_refusals(inputs: Properties, context: Context) -> Iterator[str]:
    yield from needs_api("secretmanager")(context)
    replicas = at(inputs, "replication.userManaged.replicas") or ()
    for location in [str(replica["location"]) for replica in replicas] or ["global"]:
        if _is_forbidden(location, context):
            yield secret_location_is_forbidden(context.place.number, location)


def _bucket_refusals(inputs: Properties, context: Context) -> Iterator[str]:
    location = str(inputs["location"]).lower()
    if _is_forbidden(location, context):
        yield bucket_location_is_forbidden(location)


def _is_forbidden(location: str, context: Context) -> bool:
    allowed = context.switches.policies.locations
    return bool(allowed) and location not in allowed


WITHOUT_SCHEDULER = frozenset({"europe-west9"})
"""Regions that have functions and no Cloud Scheduler (public reports; Google lists the regions that have it)."""


def _job_refusals(inputs: Properties, context: Context) -> Iterator[str]:
    yield from needs_api("cloudscheduler")(context)
    region = inputs.get("region") or context.place.region
    if region in WITHOUT_SCHEDULER:
        yield f"Error 400: Location '{region}' is not a valid location. Use ListLocations to list valid locations."
    if email := at(inputs, "httpTarget.oidcToken.serviceAccountEmail"):
        yield from missing_account(str(email), context)


# Monitoring


def _numbered(collection: str, key: str) -> Callable[[Properties, Place], str]:
    """An id with a number that Google would give; here it follows from an input."""
    return lambda inputs, place: f"projects/{project_of(inputs, place)}/{collection}/{crc32(str(inputs[key]).encode())}"


def _metric_refusals(_inputs: Properties, context: Context) -> Iterator[str]:
    return needs_api("logging")(context)


def _dashboard_refusals(_inputs: Properties, context: Context) -> Iterator[str]:
    return needs_api("monitoring")(context)


def _alert_refusals(inputs: Properties, context: Context) -> Iterator[str]:
    yield from needs_api("monitoring")(context)
    about_lines = any("conditionMatchedLog" in condition for condition in inputs["conditions"])
    if about_lines and not at(inputs, "alertStrategy.notificationRateLimit.period"):
        yield "Error 400: an alert about lines of a log needs a notification rate limit"


KINDS: Mapping[str, Kind] = {
    **IAM_KINDS,
    FUNCTION: FUNCTION_KIND,
    BUCKET: Kind(
        id_of=lambda inputs, _place: str(inputs["name"]),
        noun="bucket",
        taken=lambda _inputs, _context: bucket_exists(),
        patterns={"name": (re.compile(r"[a-z0-9][-a-z0-9_.]{1,61}[a-z0-9]"), "3 to 63 of a-z, 0-9, -, _, .")},
        autoname="name",
        replaced_by=frozenset({"name", "location", "project"}),
        computed=_bucket_outputs,
        unknown=("url", "selfLink", "projectNumber"),
        refusals=_bucket_refusals,
    ),
    BUCKET_OBJECT: Kind(
        id_of=lambda inputs, _place: f"{inputs['bucket']}-{inputs['name']}",
        creating=lambda inputs, _place: f"Error uploading object {inputs['name']}",
        patterns={"name": (re.compile(r"[^\r\n#]{1,1024}"), "1 to 1024 characters, no line break")},
        autoname="name",
        replaced_by=frozenset({"bucket", "name", "source", "content"}),
        computed=_object_outputs,
        unknown=("outputName", "md5hash", "md5hexhash", "generation", "selfLink", "mediaLink"),
        refusals=_object_refusals,
    ),
    SECRET: Kind(
        id_of=lambda inputs, place: f"projects/{project_of(inputs, place)}/secrets/{inputs['secretId']}",
        noun="Secret",
        taken=lambda inputs, context: secret_exists(f"projects/{context.place.number}/secrets/{inputs['secretId']}"),
        patterns={"secretId": (re.compile(r"[A-Za-z0-9_-]{1,255}"), "1 to 255 letters, digits, _ and -")},
        autoname="secretId",
        replaced_by=frozenset({"secretId", "project", "replication"}),
        computed=lambda inputs, context: {
            "name": f"projects/{context.place.number}/secrets/{inputs['secretId']}",
            "project": project_of(inputs, context.place),
        },
        unknown=("name",),
        refusals=_secret_kind_refusals,
    ),
    SECRET_VERSION: Kind(
        id_of=lambda inputs, _place: str(inputs["secret"]),  # the version's number is added when it is known
        noun="SecretVersion",
        required=("secretData",),
        replaced_by=frozenset({"secret", "secretData"}),
        computed=_version_outputs,
        unknown=("version", "name"),
        refusals=_version_refusals,
    ),
    SERVICE: Kind(
        id_of=path_id("service"),
        refusals=lambda _inputs, context: needs_api("cloudresourcemanager", "serviceusage")(context),
        creating=lambda inputs, place: f"Error reading Project Service {project_of(inputs, place)}/{inputs['service']}",
        patterns={"service": (re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+"), "a service like run.googleapis.com")},
        replaced_by=frozenset({"service", "project"}),
    ),
    JOB: Kind(
        id_of=_job_id,
        noun="Job",
        taken=lambda inputs, context: job_exists(_job_id(inputs, context.place)),
        required=("schedule", "httpTarget.uri"),
        patterns={"schedule": (re.compile(r"\S+( \S+){4}"), "five fields of cron, like */5 * * * *")},
        autoname="name",
        replaced_by=frozenset({"name", "region", "project"}),
        computed=lambda inputs, _context: {"state": "PAUSED" if inputs.get("paused") else "ENABLED"},
        unknown=("state",),
        refusals=_job_refusals,
    ),
    REPOSITORY: Kind(
        id_of=repository_id,
        noun="Repository",
        taken=lambda _inputs, _context: repository_exists(),
        required=("repositoryId", "format"),
        patterns={"repositoryId": (re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"), "1 to 63 of a-z, 0-9, -")},
        autoname="repositoryId",
        replaced_by=frozenset({"repositoryId", "location", "project", "format"}),
        computed=lambda inputs, _context: {"name": str(inputs["repositoryId"])},
        unknown=("name",),
        refusals=lambda _inputs, context: needs_api("artifactregistry")(context),
    ),
    LOG_METRIC: Kind(
        id_of=lambda inputs, _place: str(inputs["name"]),
        noun="Metric",
        taken=lambda inputs, _context: f"Error 409: metric {inputs['name']} exists already",
        required=("filter",),
        patterns={
            "name": (re.compile(r"[A-Za-z0-9_.,+!*',()%-][A-Za-z0-9_.,+!*',()%/-]{0,99}"), "1 to 100 characters")
        },
        autoname="name",
        replaced_by=frozenset({"name", "project"}),
        refusals=_metric_refusals,
    ),
    ALERT_POLICY: Kind(
        id_of=_numbered("alertPolicies", "displayName"),
        noun="AlertPolicy",
        required=("displayName", "combiner", "conditions"),
        replaced_by=frozenset({"project"}),
        refusals=_alert_refusals,
    ),
    DASHBOARD: Kind(
        id_of=_numbered("dashboards", "dashboardJson"),
        noun="Dashboard",
        required=("dashboardJson",),
        replaced_by=frozenset({"project"}),
        refusals=_dashboard_refusals,
    ),
}
_OTHER = Kind(
    id_of=lambda inputs, place: f"{project_of(inputs, place)}/{inputs.get('name', '')}",
    taken=lambda inputs, _context: f"Error 409: {inputs.get('name', '')} already exists",
    autoname="name",
)
