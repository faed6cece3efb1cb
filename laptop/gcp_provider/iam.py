"""Google's rules for identities: service accounts, roles for members, and who may call a function."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from laptop.gcp_provider.cloud import Cloud, Place
from laptop.gcp_provider.kind import (
    EVERYTHING,
    Context,
    Kind,
    full_secret_id,
    function_key,
    missing_account,
    needs_api,
    project_of,
    repository_id,
)
from laptop.gcp_provider.sentences import (
    account_exists,
    member_is_not_permitted,
    service_is_missing,
)
from laptop.gcp_provider.tokens import (
    ACCOUNT,
    BUCKET,
    BUCKET_MEMBER,
    FUNCTION,
    PROJECT_MEMBER,
    REPOSITORY,
    REPOSITORY_MEMBER,
    RUN_MEMBER,
    SECRET,
    SECRET_MEMBER,
)
from laptop.gcp_provider.values import Properties, at

ACCESSOR = "roles/secretmanager.secretAccessor"
INVOKER = "roles/run.invoker"

_ROLE = re.compile(r"(roles|projects/[^/]+/roles|organizations/[^/]+/roles)/[A-Za-z0-9_.]+")
_MEMBER = re.compile(r"allUsers|allAuthenticatedUsers|(user|serviceAccount|group|domain|principal|principalSet):\S+")
_EVERYBODY = frozenset({"allUsers", "allAuthenticatedUsers"})

_Exists = Callable[[Properties, Context], bool]


def _missing_member(inputs: Properties, context: Context) -> Iterator[str]:
    prefix, _, email = str(inputs["member"]).partition(":")
    if prefix == "serviceAccount":
        yield from missing_account(email, context)


def _project_member_id(inputs: Properties, place: Place) -> str:
    """With the condition's title, which tells two bindings of one role and member apart."""
    title = at(inputs, "condition.title")
    return "/".join([project_of(inputs, place), inputs["role"], inputs["member"], *([str(title)] if title else [])])


def _setting_policy(resource: str) -> str:
    return f"Error applying IAM policy for {resource}: Error setting IAM policy for {resource}"


def _is_missing(target: str) -> Callable[[Properties, Context], str]:
    return lambda inputs, _context: f"Error 404: {target} {inputs.get(target)} does not exist"


def _service_id(inputs: Properties, place: Place) -> str:
    name = str(inputs["name"]).rpartition("/")[2]
    return f"projects/{project_of(inputs, place)}/locations/{inputs.get('location') or place.region}/services/{name}"


def _service_is_missing(inputs: Properties, context: Context) -> str:
    name = str(inputs["name"]).rpartition("/")[2]
    region = str(inputs.get("location") or context.place.region)
    return service_is_missing(name, region, project_of(inputs, context.place))


def _binding(
    target: str,
    id_of: Callable[[Properties, Place], str],
    described: Callable[[Properties, Place], str],
    exists: _Exists,
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
        replaced_by=EVERYTHING,
        computed=lambda _inputs, _context: {"etag": "BwLaptop"},
        unknown=("etag",),
        refusals=refusals,
    )


def _account_outputs(inputs: Properties, context: Context) -> Properties:
    project = project_of(inputs, context.place)
    email = f"{inputs['accountId']}@{project}.iam.gserviceaccount.com"
    return {
        "email": email,
        "name": f"projects/{project}/serviceAccounts/{email}",
        "member": f"serviceAccount:{email}",
        "uniqueId": str(int.from_bytes(email.encode()[:8].ljust(8), "big")),
        "project": project,
    }


def _account_refusals(_inputs: Properties, context: Context) -> Iterator[str]:
    return needs_api("iam")(context)


def _secret_exists(inputs: Properties, context: Context) -> bool:
    return context.cloud.get(SECRET, full_secret_id(inputs, "secretId", context.place)) is not None


def _run_service_exists(inputs: Properties, context: Context) -> bool:
    project = project_of(inputs, context.place)
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


IAM_KINDS: Mapping[str, Kind] = {
    ACCOUNT: Kind(
        id_of=lambda inputs, place: (
            f"projects/{project_of(inputs, place)}/serviceAccounts/"
            f"{inputs['accountId']}@{project_of(inputs, place)}.iam.gserviceaccount.com"
        ),
        noun="service account",
        taken=lambda inputs, context: account_exists(str(inputs["accountId"]), project_of(inputs, context.place)),
        patterns={"accountId": (re.compile(r"[a-z][-a-z0-9]{4,28}[a-z0-9]"), "6 to 30 of a-z, 0-9, -")},
        autoname="accountId",
        replaced_by=frozenset({"accountId", "project"}),
        computed=_account_outputs,
        unknown=("email", "name", "member", "uniqueId"),
        refusals=_account_refusals,
    ),
    BUCKET_MEMBER: _binding(
        "bucket",
        lambda inputs, _place: f"b/{inputs['bucket']}/{inputs['role']}/{inputs['member']}",
        lambda inputs, _place: f'storage bucket "b/{inputs["bucket"]}"',
        lambda inputs, context: context.cloud.get(BUCKET, str(inputs["bucket"])) is not None,
    ),
    SECRET_MEMBER: _binding(
        "secretId",
        lambda inputs, place: f"{full_secret_id(inputs, 'secretId', place)}/{inputs['role']}/{inputs['member']}",
        lambda inputs, place: f'secretmanager secret "{full_secret_id(inputs, "secretId", place)}"',
        _secret_exists,
    ),
    REPOSITORY_MEMBER: _binding(
        "repository",
        lambda inputs, place: f"{repository_id(inputs, place)}/{inputs['role']}/{inputs['member']}",
        lambda inputs, place: f'artifactregistry repository "{repository_id(inputs, place)}"',
        lambda inputs, context: context.cloud.get(REPOSITORY, repository_id(inputs, context.place)) is not None,
    ),
    PROJECT_MEMBER: _binding(
        "project",
        _project_member_id,
        lambda inputs, place: f'project "{project_of(inputs, place)}"',
        lambda _inputs, _context: True,
        apis=("cloudresourcemanager",),
    ),
    RUN_MEMBER: _binding(
        "name",
        lambda inputs, place: (
            f"projects/{project_of(inputs, place)}/locations/{inputs.get('location') or place.region}"
            f"/services/{inputs['name']}/{inputs['role']}/{inputs['member']}"
        ),
        lambda inputs, place: f'cloudrunv2 service "{_service_id(inputs, place)}"',
        _run_service_exists,
        missing=_service_is_missing,
    ),
}
"""By type."""
