"""The rules of each type of Google resource: ids, required inputs, names, what must exist first, computed outputs.

A rule is here only if Google refuses too. A type that is not listed is stored and returned as it is. Inputs and outputs
are named as in pulumi-gcp 10.
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import md5
from zlib import crc32

from laptop.gcp_provider.cloud import Cloud, Place, Resource
from laptop.gcp_provider.problem import Problem
from laptop.gcp_provider.sentences import (
    account_exists,
    account_is_missing,
    api_is_off,
    bucket_exists,
    bucket_location_is_forbidden,
    build_was_denied_its_source,
    function_exists,
    ingress_is_forbidden,
    job_exists,
    member_is_not_permitted,
    secret_exists,
    secret_is_denied,
    secret_location_is_forbidden,
    service_is_missing,
)
from laptop.gcp_provider.switches import Switches
from laptop.gcp_provider.values import Blob, Properties, at, reveal

BUCKET = "gcp:storage/bucket:Bucket"
BUCKET_OBJECT = "gcp:storage/bucketObject:BucketObject"
BUCKET_MEMBER = "gcp:storage/bucketIAMMember:BucketIAMMember"
ACCOUNT = "gcp:serviceaccount/account:Account"
SECRET = "gcp:secretmanager/secret:Secret"  # noqa: S105 - a type's name
SECRET_VERSION = "gcp:secretmanager/secretVersion:SecretVersion"  # noqa: S105 - a type's name
SECRET_MEMBER = "gcp:secretmanager/secretIamMember:SecretIamMember"  # noqa: S105 - a type's name
SERVICE = "gcp:projects/service:Service"
PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember"
FUNCTION = "gcp:cloudfunctionsv2/function:Function"
RUN_MEMBER = "gcp:cloudrunv2/serviceIamMember:ServiceIamMember"
JOB = "gcp:cloudscheduler/job:Job"
LOG_METRIC = "gcp:logging/metric:Metric"
ALERT_POLICY = "gcp:monitoring/alertPolicy:AlertPolicy"
DASHBOARD = "gcp:monitoring/dashboard:Dashboard"

ACTIVE, FAILED = "ACTIVE", "FAILED"
"""States of a function."""
_OF_THE_SERVICE = frozenset({"uri", "gcfUri", "service"})

ACCESSOR = "roles/secretmanager.secretAccessor"
INVOKER = "roles/run.invoker"
_READERS = frozenset({"roles/storage.objectViewer", "roles/cloudbuild.builds.builder"})

_ROLE = re.compile(r"(roles|projects/[^/]+/roles|organizations/[^/]+/roles)/[A-Za-z0-9_.]+")
_MEMBER = re.compile(r"allUsers|allAuthenticatedUsers|(user|serviceAccount|group|domain|principal|principalSet):\S+")
_EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})
_EVERYTHING = frozenset({"*"})
_API_OF_FUNCTIONS = ("cloudfunctions", "run", "cloudbuild", "artifactregistry")


@dataclass(frozen=True)
class Context:
    """Where a resource is created, and what exists there."""

    cloud: Cloud
    place: Place
    front_url: str
    switches: Switches

    def in_effect(self, binding: Resource) -> bool:
        """Whether this IAM binding is known everywhere."""
        return self.cloud.age(binding) >= self.switches.binding_delay


@dataclass(frozen=True)
class Kind:
    """One type of resource.

    Attributes:
        id_of: Google's id of a resource with these inputs.
        noun: how Google's provider calls it in errors.
        creating: the words before Google's in the error of a creation; by default of the noun.
        taken: what Google says when one with this name exists; None where it then takes the creation as a change.
        required: inputs that Google requires beyond what `pulumi_gcp` declares, as dotted paths.
        patterns: the form of inputs, with a description for people.
        autoname: the input that Pulumi fills in when it is not given.
        replaced_by: inputs whose change replaces the resource; `*` for all.
        computed: outputs beyond the inputs.
        unknown: outputs that a preview of a creation cannot know, as dotted paths.
        refusals: why Google would refuse to create or update it now.
        failures: why Google would accept that, and then fail.
    """

    id_of: Callable[[Properties, Place], str]
    noun: str = "resource"
    creating: Callable[[Properties, Place], str] | None = None
    taken: Callable[[Properties, Context], str] | None = None
    required: tuple[str, ...] = ()
    patterns: Mapping[str, tuple[re.Pattern[str], str]] = field(default_factory=dict)
    autoname: str | None = None
    replaced_by: frozenset[str] = frozenset()
    computed: Callable[[Properties, Context], Properties] = lambda _inputs, _context: {}
    unknown: tuple[str, ...] = ()
    refusals: Callable[[Properties, Context], Iterator[str]] = lambda _inputs, _context: iter(())
    failures: Callable[[Properties, Context], Iterator[str]] = lambda _inputs, _context: iter(())

    def problems(self, inputs: Properties) -> Iterator[Problem]:
        """What is wrong with the inputs themselves. Unknown values are accepted."""
        for path in self.required:
            if reveal(at(inputs, path)) in (None, ""):
                yield Problem(path, "is required")
        for path, (pattern, words) in self.patterns.items():
            value = reveal(at(inputs, path))
            if isinstance(value, str) and value and not pattern.fullmatch(value):
                yield Problem(path, f"value {value!r} must be {words}")

    def refused(self, inputs: Properties, place: Place, existing: Resource | None, reason: str) -> str:
        """Google's reason for refusing a creation or an update, as its provider passes it on."""
        if existing:
            return f'Error updating {self.noun} "{existing.id}": googleapi: {reason}'
        words = self.creating(inputs, place) if self.creating else f"Error creating {self.noun}"
        return f"{words}: googleapi: {reason}"

    def replaces(self, changed: list[str]) -> list[str]:
        """Those of the changed inputs that replace the resource."""
        return [key for key in changed if key in self.replaced_by or self.replaced_by == _EVERYTHING]


def kind_of(token: str) -> Kind:
    """The type's rules; for a type that has none, the kind without rules."""
    return KINDS.get(token, _OTHER)


def function_key(name: str, location: str, project: str) -> str:
    """Google's id of a function."""
    return f"projects/{project}/locations/{location}/functions/{name}"


def function_id(inputs: Properties, place: Place) -> str:
    """Google's id of the function with these inputs."""
    return function_key(inputs["name"], inputs["location"], _project(inputs, place))


def _job_id(inputs: Properties, place: Place) -> str:
    return f"projects/{_project(inputs, place)}/locations/{inputs.get('region') or place.region}/jobs/{inputs['name']}"


def _project(inputs: Properties, place: Place) -> str:
    return str(inputs.get("project") or place.project)


def _path_id(*parts: str) -> Callable[[Properties, Place], str]:
    """An id of the project and these inputs, joined by slashes."""
    return lambda inputs, place: "/".join([_project(inputs, place), *(str(inputs.get(part, "")) for part in parts)])


def needs_api(*names: str) -> Callable[[Context], Iterator[str]]:
    """Google's refusals while these APIs are off; names without `.googleapis.com`."""

    def check(context: Context) -> Iterator[str]:
        enabled = {found.value("service") for found in context.cloud.all(SERVICE)} | context.switches.enabled_apis
        for name in names:
            if f"{name}.googleapis.com" not in enabled:
                yield api_is_off(f"{name}.googleapis.com", context.place.number)

    return check


def _missing_account(email: str, context: Context) -> Iterator[str]:
    """A service account of our project must exist; others are assumed to."""
    if email.endswith(f"@{context.place.project}.iam.gserviceaccount.com"):
        known = {found.value("email") for found in context.cloud.all(ACCOUNT)}
        if email not in known:
            yield account_is_missing(email)


def _missing_member(inputs: Properties, context: Context) -> Iterator[str]:
    prefix, _, email = str(inputs["member"]).partition(":")
    if prefix == "serviceAccount":
        yield from _missing_account(email, context)


def _setting_policy(resource: str) -> str:
    return f"Error applying IAM policy for {resource}: Error setting IAM policy for {resource}"


def _is_missing(target: str) -> Callable[[Properties, Context], str]:
    return lambda inputs, _context: f"Error 404: {target} {inputs.get(target)} does not exist"


def _service_id(inputs: Properties, place: Place) -> str:
    name = str(inputs["name"]).rpartition("/")[2]
    return f"projects/{_project(inputs, place)}/locations/{inputs.get('location') or place.region}/services/{name}"


def _service_is_missing(inputs: Properties, context: Context) -> str:
    name = str(inputs["name"]).rpartition("/")[2]
    region = str(inputs.get("location") or context.place.region)
    return service_is_missing(name, region, _project(inputs, context.place))


def _binding(
    target: str,
    id_of: Callable[[Properties, Place], str],
    described: Callable[[Properties, Place], str],
    exists: "_Exists",
    *,
    missing: Callable[[Properties, Context], str] | None = None,
    apis: tuple[str, ...] = (),
) -> Kind:
    """An IAM member: a role for a member on a resource. Any change is another binding."""
    missing = missing or _is_missing(target)

    def refusals(inputs: Properties, context: Context) -> Iterator[str]:
        yield from needs_api(*apis)(context)
        if not exists(inputs, context):
            yield missing(inputs, context)
        if context.switches.policies.own_members_only and inputs["member"] in _EVERYBODY:
            yield member_is_not_permitted()
        yield from _missing_member(inputs, context)

    return Kind(
        id_of=id_of,
        creating=lambda inputs, place: _setting_policy(described(inputs, place)),
        patterns={
            "role": (_ROLE, "a role like roles/run.invoker"),
            "member": (_MEMBER, "a member like allUsers or serviceAccount:EMAIL"),
        },
        replaced_by=_EVERYTHING,
        computed=lambda _inputs, _context: {"etag": "BwLaptop"},
        unknown=("etag",),
        refusals=refusals,
    )


_Exists = Callable[[Properties, Context], bool]


def _secret_id(inputs: Properties, key: str, place: Place) -> str:
    """A secret's full id, also from its short name."""
    given = str(inputs[key])
    return given if given.startswith("projects/") else f"projects/{_project(inputs, place)}/secrets/{given}"


# Buckets and objects


def _bucket_outputs(inputs: Properties, context: Context) -> Properties:
    name = inputs["name"]
    project = _project(inputs, context.place)
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


def _account_outputs(inputs: Properties, context: Context) -> Properties:
    project = _project(inputs, context.place)
    email = f"{inputs['accountId']}@{project}.iam.gserviceaccount.com"
    return {
        "email": email,
        "name": f"projects/{project}/serviceAccounts/{email}",
        "member": f"serviceAccount:{email}",
        "uniqueId": str(int.from_bytes(email.encode()[:8].ljust(8), "big")),
        "project": project,
    }


def _secret_exists(inputs: Properties, context: Context) -> bool:
    return context.cloud.get(SECRET, _secret_id(inputs, "secretId", context.place)) is not None


def _version_outputs(inputs: Properties, context: Context) -> Properties:
    secret = str(inputs["secret"])
    number = context.cloud.next_number(f"version {secret}")
    return {"version": str(number), "name": f"{secret}/versions/{number}", "enabled": True}


def _version_refusals(inputs: Properties, context: Context) -> Iterator[str]:
    if context.cloud.get(SECRET, str(inputs["secret"])) is None:
        yield f"Error 404: secret {inputs['secret']} does not exist"


# Functions


def _function_outputs(inputs: Properties, context: Context) -> Properties:
    name, location = inputs["name"], inputs["location"]
    project = _project(inputs, context.place)
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
        yield from _missing_account(email, context)
    allowed = context.switches.policies.ingress_settings
    ingress = str(at(inputs, "serviceConfig.ingressSettings") or "ALLOW_ALL")
    if allowed and ingress not in allowed:
        yield ingress_is_forbidden(place.project, ingress)
    for key, secret_id, version in function_secrets(inputs, place):
        if secret_version(cloud, secret_id, version) is None:
            yield f"Error 404: {key}: {secret_id}/versions/{version} does not exist"


def _function_failures(inputs: Properties, context: Context) -> Iterator[str]:
    """Rights that build and start need. Those of accounts that were not made here are taken for granted."""
    cloud, place, name = context.cloud, context.place, str(inputs["name"])
    build_account = str(at(inputs, "buildConfig.serviceAccount") or "").rpartition("/")[2]
    may_build = not _is_made_here(build_account, cloud) or _may_read_copies(build_account, context)
    if name in context.switches.failing_builds or not may_build:
        email = build_account or f"{place.number}-compute@developer.gserviceaccount.com"
        yield build_was_denied_its_source(place.number, str(inputs["location"]), name, email)
    runtime_account = str(at(inputs, "serviceConfig.serviceAccountEmail") or "")
    if not _is_made_here(runtime_account, cloud):
        return
    allowed = {
        _secret_id(found.outputs, "secretId", place)
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


def _may_read_copies(email: str, context: Context) -> bool:
    """Whether a build of this account may read the copies of function sources."""
    in_project = context.cloud.all(PROJECT_MEMBER)
    on_copies = (
        found for found in context.cloud.all(BUCKET_MEMBER) if str(found.value("bucket")).startswith("gcf-v2-sources-")
    )
    return any(
        found.value("role") in _READERS
        and found.value("member") == f"serviceAccount:{email}"
        and context.in_effect(found)
        for found in (*in_project, *on_copies)
    )


def _run_service_exists(inputs: Properties, context: Context) -> bool:
    project = _project(inputs, context.place)
    location = str(inputs.get("location") or context.place.region)
    name = str(inputs["name"]).rpartition("/")[2]
    function = context.cloud.get(FUNCTION, function_key(name, location, project))
    return function is not None and "service" in function.value("serviceConfig")


def invokers(cloud: Cloud, function_name: str, binding_delay: timedelta = timedelta()) -> frozenset[str]:
    """Who may call the function's service, as Cloud Run's IAM says when a binding takes that long to be known."""
    return frozenset(
        str(found.value("member"))
        for found in cloud.all(RUN_MEMBER)
        if found.value("role") == INVOKER
        and str(found.value("name")).rpartition("/")[2] == function_name
        and cloud.age(found) >= binding_delay
    )


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


def _account_refusals(_inputs: Properties, context: Context) -> Iterator[str]:
    return needs_api("iam")(context)


WITHOUT_SCHEDULER = frozenset({"europe-west9"})
"""Regions that have functions and no Cloud Scheduler (public reports; Google lists the regions that have it)."""


def _job_refusals(inputs: Properties, context: Context) -> Iterator[str]:
    yield from needs_api("cloudscheduler")(context)
    region = inputs.get("region") or context.place.region
    if region in WITHOUT_SCHEDULER:
        yield f"Error 400: Location '{region}' is not a valid location. Use ListLocations to list valid locations."
    if email := at(inputs, "httpTarget.oidcToken.serviceAccountEmail"):
        yield from _missing_account(str(email), context)


# Monitoring


def _numbered(collection: str, key: str) -> Callable[[Properties, Place], str]:
    """An id with a number that Google would give; here it follows from an input."""
    return lambda inputs, place: f"projects/{_project(inputs, place)}/{collection}/{crc32(str(inputs[key]).encode())}"


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
    BUCKET_MEMBER: _binding(
        "bucket",
        lambda inputs, _place: f"b/{inputs['bucket']}/{inputs['role']}/{inputs['member']}",
        lambda inputs, _place: f'storage bucket "b/{inputs["bucket"]}"',
        lambda inputs, context: context.cloud.get(BUCKET, str(inputs["bucket"])) is not None,
    ),
    ACCOUNT: Kind(
        id_of=lambda inputs, place: (
            f"projects/{_project(inputs, place)}/serviceAccounts/"
            f"{inputs['accountId']}@{_project(inputs, place)}.iam.gserviceaccount.com"
        ),
        noun="service account",
        taken=lambda inputs, context: account_exists(str(inputs["accountId"]), _project(inputs, context.place)),
        patterns={"accountId": (re.compile(r"[a-z][-a-z0-9]{4,28}[a-z0-9]"), "6 to 30 of a-z, 0-9, -")},
        autoname="accountId",
        replaced_by=frozenset({"accountId", "project"}),
        computed=_account_outputs,
        unknown=("email", "name", "member", "uniqueId"),
        refusals=_account_refusals,
    ),
    SECRET: Kind(
        id_of=lambda inputs, place: f"projects/{_project(inputs, place)}/secrets/{inputs['secretId']}",
        noun="Secret",
        taken=lambda inputs, context: secret_exists(f"projects/{context.place.number}/secrets/{inputs['secretId']}"),
        patterns={"secretId": (re.compile(r"[A-Za-z0-9_-]{1,255}"), "1 to 255 letters, digits, _ and -")},
        autoname="secretId",
        replaced_by=frozenset({"secretId", "project", "replication"}),
        computed=lambda inputs, context: {
            "name": f"projects/{context.place.number}/secrets/{inputs['secretId']}",
            "project": _project(inputs, context.place),
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
    SECRET_MEMBER: _binding(
        "secretId",
        lambda inputs, place: f"{_secret_id(inputs, 'secretId', place)}/{inputs['role']}/{inputs['member']}",
        lambda inputs, place: f'secretmanager secret "{_secret_id(inputs, "secretId", place)}"',
        _secret_exists,
    ),
    SERVICE: Kind(
        id_of=_path_id("service"),
        refusals=lambda _inputs, context: needs_api("cloudresourcemanager", "serviceusage")(context),
        creating=lambda inputs, place: f"Error reading Project Service {_project(inputs, place)}/{inputs['service']}",
        patterns={"service": (re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+"), "a service like run.googleapis.com")},
        replaced_by=frozenset({"service", "project"}),
    ),
    PROJECT_MEMBER: _binding(
        "project",
        _path_id("role", "member"),
        lambda inputs, place: f'project "{_project(inputs, place)}"',
        lambda _inputs, _context: True,
        apis=("cloudresourcemanager",),
    ),
    FUNCTION: Kind(
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
    ),
    RUN_MEMBER: _binding(
        "name",
        lambda inputs, place: (
            f"projects/{_project(inputs, place)}/locations/{inputs.get('location') or place.region}"
            f"/services/{inputs['name']}/{inputs['role']}/{inputs['member']}"
        ),
        lambda inputs, place: f'cloudrunv2 service "{_service_id(inputs, place)}"',
        _run_service_exists,
        missing=_service_is_missing,
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
    id_of=lambda inputs, place: f"{_project(inputs, place)}/{inputs.get('name', '')}",
    taken=lambda inputs, _context: f"Error 409: {inputs.get('name', '')} already exists",
    autoname="name",
)
