"""The whole program without an engine: which resources, with which rights and in which order, and which secrets."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pulumi
import pytest

from function.contract import EVENTS_AT_ONCE, parse_duration, sweep_lasts
from function.handling.sweep_run import ATTEMPT_LASTS
from function.policy import parse_policy
from function.settings import SECRET_VARIABLES, Settings
from tests.infra.earlier_state import EARLIER_CHILDREN
from tests.infra.program_graph import Declared, Graph, declare, is_secret

AC = "AC" + "0a" * 16
TOKEN = "5e" * 16
NAME = "flex-chat-inactivity-timeout-test"
GOOD = {"twilioAccountSid": AC, "twilioAuthToken": TOKEN, "gcp:project": "a-project"}
SECRETS = {"twilioAuthToken", "twilioAuthTokenSecondary", "twilioApiKeySecret"}
BUILD = "serviceAccount:inactivity-build-4c9b8d@a-project.iam.gserviceaccount.com"
RUN = "serviceAccount:inactivity-run-4c9b8d@a-project.iam.gserviceaccount.com"
BUILD_RIGHTS = ("writes-log", "reads-copies", "reads-source", "stores-images")
SCHEDULE = "serviceAccount:inactivity-schedule-4c9b8d@a-project.iam.gserviceaccount.com"
SWEEP = "sweep-flex-chat-inactivity-timeout-test"
CHECKED_BY_ITS_HASH = 0b11
"""Flags in the head of what Python compiled (PEP 552)."""


@pytest.fixture(autouse=True)
def _no_credentials_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET"):
        monkeypatch.delenv(variable, raising=False)


def program(
    *, preview: bool = False, google: Mapping[str, Mapping[str, str]] = MappingProxyType({}), **config: str | None
) -> Graph:
    """Return the graph of a good config with these changes; None removes a key."""
    values = {key: value for key, value in (GOOD | config).items() if value is not None}
    return declare(values, secrets=SECRETS, preview=preview, google=google)


def only(graph: Graph, type_name: str) -> Declared:
    """Return the one resource of this type."""
    (found,) = graph.of(type_name)
    return found


def function(graph: Graph, name: str = "webhook") -> Declared:
    """One of the two functions."""
    return graph.resources[f"{name}-function (Function)"]


def environment(graph: Graph) -> dict[str, str]:
    """The function's plain variables."""
    variables: dict[str, str] = function(graph).inputs["serviceConfig"]["environmentVariables"]
    return variables


@pytest.mark.parametrize("preview", [True, False])
def test_the_inventory_is_the_reviewed_one(preview: bool) -> None:
    """A new resource must be added to this list. Preview and up declare the same."""
    assert sorted(program(preview=preview).resources) == [
        "default-timers (DefaultTimers)",
        f"{NAME} (Stack)",
        "google (gcp)",
        "inactivity-foundation (Foundation)",
        "inactivity-foundation-artifactregistry (Service)",
        "inactivity-foundation-build (Account)",
        "inactivity-foundation-build-reads-copies (IAMMember)",
        "inactivity-foundation-build-reads-source (BucketIAMMember)",
        "inactivity-foundation-build-stores-images (RepositoryIamMember)",
        "inactivity-foundation-build-writes-log (IAMMember)",
        "inactivity-foundation-cloudbuild (Service)",
        "inactivity-foundation-cloudfunctions (Service)",
        "inactivity-foundation-cloudresourcemanager (Service)",
        "inactivity-foundation-iam (Service)",
        "inactivity-foundation-images (Repository)",
        "inactivity-foundation-rights-in-effect (RightsInEffect)",
        "inactivity-foundation-run (Account)",
        "inactivity-foundation-run (Service)",
        "inactivity-foundation-secretmanager (Service)",
        "inactivity-foundation-source (BucketObject)",
        "inactivity-foundation-sources (Bucket)",
        "inactivity-foundation-twilio-auth-token (Secret)",
        "inactivity-foundation-twilio-auth-token (SecretIamMember)",
        "inactivity-foundation-twilio-auth-token (SecretVersion)",
        "monitoring (Monitoring)",
        "monitoring-dashboard (Dashboard)",
        "monitoring-deferred (Metric)",
        "monitoring-ended (Metric)",
        "monitoring-errors (Metric)",
        "monitoring-found-by-sweep (Metric)",
        "monitoring-kept (Metric)",
        "monitoring-latency (Metric)",
        "monitoring-logging (Service)",
        "monitoring-monitoring (Service)",
        "monitoring-refused (Metric)",
        "monitoring-sweeps (Metric)",
        "monitoring-unread (Metric)",
        "monitoring-waiting (Metric)",
        "monitoring-warned (Metric)",
        "prior-settings (PriorSettings)",
        "service-webhook (ServiceWebhook)",
        "signed-test-event (SignedTestEvent)",
        "sweep-function (Function)",
        "sweep-function (SweepFunction)",
        "sweep-function-cloudscheduler (Service)",
        "sweep-function-job (Job)",
        "sweep-function-schedule (Account)",
        "sweep-function-schedule-may-call (ServiceIamMember)",
        "webhook-function (Function)",
        "webhook-function (WebhookFunction)",
        "webhook-function-everybody-may-call (ServiceIamMember)",
    ]


def test_the_name_of_a_resource_begins_with_the_name_of_its_component() -> None:
    """In a list of a hundred resources the name says what it belongs to."""
    children = [each for each in program().resources.values() if each.type.startswith("gcp:")]

    assert [each.name for each in children if not each.name.startswith(each.parent.partition(" ")[0])] == []


def test_a_resource_that_was_renamed_knows_its_earlier_name_and_component() -> None:
    """Without the alias `up` would create it a second time; secrets that only some stacks have are included."""
    graph = program(twilioAuthTokenSecondary="6f" * 16, twilioApiKeySid="SK" + "0a" * 16, twilioApiKeySecret="hunter3")
    earlier = {
        (each.type, name, (parent or each.parent).partition(" ")[0])
        for each in graph.resources.values()
        for name, parent in each.aliases
        if name  # of Google's SDK are types that it has renamed
    }
    more = {
        (f"gcp:secretmanager/{kind}", name, "webhook-function")
        for kind in ("secret:Secret", "secretVersion:SecretVersion", "secretIamMember:SecretIamMember")
        for name in ("twilio-auth-token-secondary", "twilio-api-key-secret")
    } | {("gcp:projects/service:Service", "cloudresourcemanager", "webhook-function")}

    stores_images = ("gcp:projects/iAMMember:IAMMember", "build-stores-images", "webhook-function")
    in_the_repository = {each for each in earlier if each[0].startswith("gcp:artifactregistry/")}

    assert earlier - more - in_the_repository == EARLIER_CHILDREN - {stores_images}
    assert more < earlier


def test_one_provider_carries_project_region_and_label() -> None:
    """Nothing depends on a default provider, which the deployer's shell could change."""
    graph = program()

    assert json.loads(only(graph, "providers:gcp").inputs["defaultLabels"]) == {"inactivity-timeout": NAME}
    assert tuple(only(graph, "providers:gcp").inputs[key] for key in ("project", "region")) == (
        "a-project",
        "us-central1",
    )


def test_the_provider_keeps_what_the_config_says_of_it() -> None:
    """An explicit provider does not read the namespace gcp by itself; secrets stay secret."""
    more = {"gcp:impersonateServiceAccount": "deployer@a-project.iam.gserviceaccount.com", "gcp:credentials": "a key"}
    provider = only(declare(GOOD | more, secrets=SECRETS | {"gcp:credentials"}, preview=False), "providers:gcp")

    assert provider.inputs["impersonateServiceAccount"] == "deployer@a-project.iam.gserviceaccount.com"
    assert is_secret(provider.inputs["credentials"])


def test_rights_are_the_reviewed_ones() -> None:
    """All roles and members; the bindings are additive, so nobody else's are changed."""
    graph = program()
    members = [each for each in graph.resources.values() if "member" in each.inputs]

    assert sorted((each.inputs["role"], each.inputs["member"]) for each in members) == [
        ("roles/artifactregistry.writer", BUILD),
        ("roles/logging.logWriter", BUILD),
        ("roles/run.invoker", "allUsers"),
        ("roles/run.invoker", SCHEDULE),
        ("roles/secretmanager.secretAccessor", RUN),
        ("roles/storage.objectViewer", BUILD),
        ("roles/storage.objectViewer", BUILD),
    ]
    viewers = [each.inputs for each in members if each.inputs["role"] == "roles/storage.objectViewer"]
    copies = "projects/_/buckets/gcf-v2-sources-123456-us-central1"
    exactly = f'resource.name == "{copies}" || resource.name.startsWith("{copies}/")'
    assert [each["condition"]["expression"] for each in viewers if "bucket" not in each] == [exactly]
    (writer,) = graph.of("RepositoryIamMember")
    assert (writer.inputs["repository"], writer.inputs["location"]) == (NAME, "us-central1")
    assert not [each for each in graph.resources.values() if each.type.endswith(("Policy", "Binding"))]


def test_what_stood_there_before_is_read_before_anything_in_google() -> None:
    """A refusal comes before minutes of work: each component waits for PriorSettings."""
    graph = program()

    for component in ("Foundation", "WebhookFunction", "SweepFunction"):
        assert only(graph, component).depends_on == {"prior-settings (PriorSettings)"}
    assert not only(graph, "PriorSettings").depends_on


@pytest.mark.parametrize(
    ("resource", "timers"),
    [("ServiceWebhook", "account"), ("DefaultTimers", "account"), ("TaskEvents", "on-accept")],
)
def test_twilio_is_changed_last_and_changed_back_first(resource: str, timers: str) -> None:
    """It depends on the answer to the test event and on the sweep's schedule; a destroy has the opposite order."""
    expected = {
        "sweep-function-job (Job)",
        "signed-test-event (SignedTestEvent)",
        "prior-settings (PriorSettings)",
    }

    assert expected <= only(program(timers=timers), resource).depends_on


def test_nothing_calls_a_function_that_has_not_answered_a_test_event() -> None:
    """It is sent when everybody may call, and again after each change of code, settings or secrets."""
    graph = program(twilioAuthTokenSecondary="6f" * 16)
    event, url = only(graph, "SignedTestEvent"), f"https://us-central1-a-project.cloudfunctions.net/{NAME}"

    assert event.depends_on >= {
        "webhook-function (Function)",
        "webhook-function-everybody-may-call (ServiceIamMember)",
    }
    assert "signed-test-event (SignedTestEvent)" in only(graph, ":Job").depends_on
    settings = {key: value for key, value in environment(graph).items() if key not in {"THREADS", "LOG_EXECUTION_ID"}}
    assert event.inputs == {
        "account_sid": AC,
        "url": f"{url}/conversations",
        "function_url": url,
        "computed_url": url,
        "zip": only(graph, ":BucketObject").inputs["name"],
        "environment": settings,
        "secrets": ["TWILIO_AUTH_TOKEN/1", "TWILIO_AUTH_TOKEN_SECONDARY/1"],
    }


def test_the_function_waits_until_every_right_that_its_build_and_its_start_need_is_in_effect() -> None:
    """Otherwise the first deployment fails, and Google keeps a function that does not run."""
    graph = program()
    build = {
        "inactivity-foundation-build-stores-images (RepositoryIamMember)",
        "inactivity-foundation-build-writes-log (IAMMember)",
        "inactivity-foundation-build-reads-copies (IAMMember)",
        "inactivity-foundation-build-reads-source (BucketIAMMember)",
    }
    in_effect = only(graph, "RightsInEffect")

    assert in_effect.inputs == {
        "rights": [f"inactivity-foundation-build-{each}-id" for each in BUILD_RIGHTS],
        "seconds": 60,
    }
    assert in_effect.depends_on == build | {"inactivity-foundation-twilio-auth-token (SecretIamMember)"}
    assert {
        "inactivity-foundation-rights-in-effect (RightsInEffect)",
        "inactivity-foundation-twilio-auth-token (SecretVersion)",
        "inactivity-foundation-source (BucketObject)",
        "inactivity-foundation-run (Service)",
    } <= function(graph).depends_on


@pytest.mark.parametrize("state", ["FAILED", "UNKNOWN"])
@pytest.mark.parametrize("preview", [True, False])
def test_a_function_that_google_calls_broken_is_built_again(state: str, preview: bool) -> None:
    """Its build gets a variable that differs after each failure, and the preview says why."""
    failed = {"state": state, "updateTime": "2026-11-27T10:00:00.5Z"}
    graph = program(preview=preview, google={NAME: failed, SWEEP: {"state": "ACTIVE", "updateTime": "2026-11-26"}})

    variables = function(graph).inputs["buildConfig"]["environmentVariables"]
    assert variables["BUILT_AGAIN_AFTER"] == "2026-11-27T10:00:00.5Z"
    assert function(graph).ignored == set()
    said = f"Google calls function {NAME} {state} since 2026-11-27T10:00:00.5Z: its last build or start failed"
    assert [warning for warning in graph.warnings if state in warning] == [f"{said}; pulumi up builds it again"]


@pytest.mark.parametrize("google", [{}, {NAME: {"state": "ACTIVE"}, SWEEP: {"state": "ACTIVE"}}])
def test_a_function_that_works_keeps_the_variable_of_an_earlier_repair(google: dict[str, dict[str, str]]) -> None:
    """Otherwise the `up` after a repair would build once more; without a function there is no message."""
    graph = program(google=google)

    for each in (function(graph), function(graph, "sweep")):
        assert "BUILT_AGAIN_AFTER" not in each.inputs["buildConfig"]["environmentVariables"]
        assert each.ignored == {"buildConfig.environmentVariables.BUILT_AGAIN_AFTER"}
    assert graph.warnings == []


def test_what_a_build_compiles_is_tied_to_the_content_of_the_source(tmp_path: Path) -> None:
    """Google's build runs this compiler with these variables; the times of files may be others in the image."""
    (tmp_path / "main.py").touch()
    graph = program()
    for each in (function(graph), function(graph, "sweep")):
        variables: dict[str, str] = each.inputs["buildConfig"]["environmentVariables"]
        subprocess.run([sys.executable, "-m", "compileall", "-f", "-q", "."], cwd=tmp_path, env=variables, check=True)
        (compiled,) = (tmp_path / "__pycache__").iterdir()

        assert compiled.read_bytes()[4] == CHECKED_BY_ITS_HASH


@pytest.mark.parametrize("kind", [":Function", ":BucketObject", ":Job", ":Repository"])
def test_what_replaces_something_with_a_fixed_name_is_made_before_the_old_one_goes(kind: str) -> None:
    """The provider would delete first, and Twilio would have nothing to call for minutes."""
    assert {each.deleted_first for each in program().of(kind)} == {False}


def test_what_chats_depend_on_can_be_protected() -> None:
    """And nothing that an ordinary update replaces, such as a zip or a secret's version."""
    protected = {name for name, each in program(protect="true").resources.items() if each.protected}

    assert {name for name in protected if not name.startswith("monitoring")} == {
        "default-timers (DefaultTimers)",
        "inactivity-foundation-sources (Bucket)",
        "inactivity-foundation-twilio-auth-token (Secret)",
        "prior-settings (PriorSettings)",
        "service-webhook (ServiceWebhook)",
        "sweep-function (Function)",
        "sweep-function-job (Job)",
        "webhook-function (Function)",
    }
    assert {"monitoring-dashboard (Dashboard)", "monitoring-ended (Metric)"} < protected
    assert [name for name, each in program().resources.items() if each.protected] == []


def test_images_are_in_a_repository_of_ours_that_is_cleaned_up() -> None:
    """The newest stay, however old they are; Google's own repository is never cleaned up."""
    graph = program(retention="P90D")
    repository = only(graph, ":Repository").inputs

    assert (repository["repositoryId"], repository["location"], repository["format"]) == (NAME, "us-central1", "DOCKER")
    assert repository["cleanupPolicies"] == [
        {"id": "keep-newest", "action": "KEEP", "mostRecentVersions": {"keepCount": 5}},
        {"id": "delete-old", "action": "DELETE", "condition": {"tagState": "ANY", "olderThan": "7776000s"}},
    ]
    for each in graph.of(":Function"):
        assert each.inputs["buildConfig"]["dockerRepository"] == "inactivity-foundation-images-id"
    assert only(graph, ":Bucket").inputs["lifecycleRules"][0]["condition"]["daysSinceNoncurrentTime"] == 90


def test_labels_of_the_config_are_on_everything_beside_ours() -> None:
    """The provider adds them where there are labels; alerts have labels of their own kind."""
    channels = '["projects/a-project/notificationChannels/1"]'
    graph = program(notificationChannels=channels, **{"gcp:defaultLabels": '{"team": "support"}'})
    labels = {"team": "support", "inactivity-timeout": NAME}

    assert json.loads(only(graph, "providers:gcp").inputs["defaultLabels"]) == labels
    assert [each.inputs["userLabels"] for each in graph.of(":AlertPolicy")] == [labels] * 6


def test_a_prefix_is_what_every_name_in_google_begins_with() -> None:
    """For policies that refuse other names; also the bucket's, which is Pulumi's to choose without one."""
    graph = program(namePrefix="acme-chat")
    keys = ("accountId", "repositoryId", "secretId", "name")
    kinds = (":Account", ":Repository", ":Bucket", ":Secret", ":Function", ":Job", "logging/metric:Metric")
    named = [each for kind in kinds for each in graph.of(kind)]
    names = [str(next(each.inputs[key] for key in keys if key in each.inputs)) for each in named]

    assert len(names) == 3 + 1 + 1 + 1 + 2 + 1 + 11
    assert [name for name in names if not name.startswith("acme-chat-")] == []
    assert "name" not in only(program(), ":Bucket").inputs


def test_a_build_names_the_generation_of_its_zip() -> None:
    """Without it, the update that brings a new zip would carry the generation of the old one."""
    source = function(program()).inputs["buildConfig"]["source"]["storageSource"]

    assert source == {
        "bucket": "inactivity-foundation-sources-0123456",
        "generation": 1,
        "object": only(program(), ":BucketObject").inputs["name"],
    }


def test_the_function_is_told_what_its_settings_read() -> None:
    """Both sides share one file, so a variable has one name."""
    told = environment(program(timeout="PT5M", author="Bot"))

    settings = Settings.from_environment({**told, "TWILIO_AUTH_TOKEN": TOKEN})
    assert settings == Settings(
        account_sid=AC,
        auth_token=TOKEN,
        service_sid="IS" + "0a" * 16,
        workspace_sid="WS" + "0a" * 16,
        public_url=f"https://us-central1-a-project.cloudfunctions.net/{NAME}",
        policy=parse_policy({"timeout": "PT5M"}),
        author="Bot",
        google_cloud_project="a-project",
    )


def test_threads_and_concurrency_are_one_number_and_the_execution_id_is_ours() -> None:
    """More requests than threads would queue; a variable that Google adds would be a change in every preview."""
    config = function(program()).inputs["serviceConfig"]

    assert config["environmentVariables"]["THREADS"] == str(EVENTS_AT_ONCE)
    assert config["maxInstanceRequestConcurrency"] == EVENTS_AT_ONCE
    assert config["environmentVariables"]["LOG_EXECUTION_ID"] == "true"
    assert config["availableCpu"] == "1"


def test_secrets_travel_through_secret_manager_by_numeric_version_only() -> None:
    """They are never in a plain variable, and never `latest`."""
    graph = program(twilioAuthTokenSecondary="6f" * 16, twilioApiKeySid="SK" + "0a" * 16, twilioApiKeySecret="hunter3")
    variables = function(graph).inputs["serviceConfig"]["secretEnvironmentVariables"]

    assert {each["key"] for each in variables} == set(SECRET_VARIABLES)
    assert {each["version"] for each in variables} == {"1"}
    assert all(is_secret(each.inputs["secretData"]) for each in graph.of("SecretVersion"))
    assert not set(SECRET_VARIABLES) & set(environment(graph))


def test_no_secret_is_in_clear_in_any_input_or_output() -> None:
    """Many people can read the state."""
    graph = program()
    text = json.dumps([_without_secrets(each.inputs) for each in graph.resources.values()] + [graph.outputs])

    assert TOKEN not in text


def test_what_may_hold_somebody_elses_password_is_secret_in_the_state() -> None:
    """A webhook's URL can carry one."""
    graph = program()

    theirs = {"previous_webhook", "previous_events", "left_services", "left_workspaces"}
    assert only(graph, "PriorSettings").secret_outputs == theirs
    assert only(graph, "ServiceWebhook").secret_outputs == {"applied", "previous"}
    assert only(program(timers="on-accept"), "TaskEvents").secret_outputs == {"applied", "previous"}


def test_the_bucket_is_private_versioned_and_ages_out() -> None:
    """Sources of the last month can be read, and only by members."""
    bucket = only(program(), ":Bucket").inputs

    assert (
        bucket["uniformBucketLevelAccess"],
        bucket["publicAccessPrevention"],
        bucket["versioning"],
    ) == (True, "enforced", {"enabled": True})
    assert bucket["lifecycleRules"][0]["action"]["type"] == "Delete"


def test_the_api_that_the_provider_needs_for_the_others_is_turned_on_first() -> None:
    """The provider reads the project for each of them."""
    graph, first = program(), "inactivity-foundation-cloudresourcemanager (Service)"
    others = [each for each in graph.of(":Service") if "foundation" in each.name and "resourcemanager" not in each.name]

    assert len(others) == 6
    assert [each.name for each in others if first not in each.depends_on] == []


def test_an_account_of_a_killed_run_is_taken_as_it_is() -> None:
    """One that was created before this option existed shows no change."""
    accounts = program().of(":Account")

    assert [each.inputs["createIgnoreAlreadyExists"] for each in accounts] == [True] * 3
    assert [each.ignored for each in accounts] == [{"createIgnoreAlreadyExists"}] * 3


def test_a_destroy_leaves_the_apis_on() -> None:
    """Other resources of the project need them."""
    assert {each.inputs["disableOnDestroy"] for each in program().of(":Service")} == {False}


def test_a_replaced_function_gets_its_callers_back() -> None:
    """A new function has lost its binding."""
    graph = program()

    assert graph.resources["webhook-function-everybody-may-call (ServiceIamMember)"].replace_with == {
        "webhook-function (Function)"
    }
    assert graph.resources["sweep-function-schedule-may-call (ServiceIamMember)"].replace_with == {
        "sweep-function (Function)"
    }


def test_the_sweep_is_private_one_at_a_time_and_over_in_time() -> None:
    """It has the same zip and secrets; only Scheduler may call it, with a token for this function."""
    graph = program(sweepEvery="PT15M", maxEndsPerSweep="7")
    webhook, sweep, job = function(graph), function(graph, "sweep"), only(graph, ":Job").inputs

    assert SWEEP == sweep.inputs["name"] == job["name"]
    assert sweep.inputs["buildConfig"] == webhook.inputs["buildConfig"] | {"entryPoint": "sweep"}
    config, public = sweep.inputs["serviceConfig"], webhook.inputs["serviceConfig"]
    assert config["secretEnvironmentVariables"] == public["secretEnvironmentVariables"]
    assert config["environmentVariables"] == public["environmentVariables"] | {"THREADS": "2"}
    assert config["environmentVariables"]["MAX_ENDS_PER_SWEEP"] == "7"
    assert (config["maxInstanceCount"], config["minInstanceCount"]) == (1, 0)
    assert (config["timeoutSeconds"], job["attemptDeadline"]) == (15 * 60, "900s")
    assert (job["schedule"], job["paused"]) == ("*/15 * * * *", False)
    url = f"https://{SWEEP}-0123456789-uc.a.run.app"
    token = {"serviceAccountEmail": SCHEDULE.partition(":")[2], "audience": f"{url}/"}
    assert job["httpTarget"] == {"uri": url, "httpMethod": "POST", "oidcToken": token}
    assert {"sweep-function-schedule-may-call (ServiceIamMember)", "sweep-function-cloudscheduler (Service)"} <= only(
        graph, ":Job"
    ).depends_on


@pytest.mark.parametrize(("region", "expected"), [(None, "us-central1"), ("europe-west3", "europe-west3")])
def test_the_schedule_is_in_the_functions_region_unless_a_setting_names_another(
    region: str | None, expected: str
) -> None:
    """Some regions have no Cloud Scheduler; the function stays in its own."""
    graph = program(schedulerRegion=region)

    assert only(graph, ":Job").inputs["region"] == expected
    assert function(graph, "sweep").inputs["location"] == "us-central1"


def test_secrets_are_replicated_automatically_unless_a_setting_names_regions() -> None:
    """With other regions a new secret is created before the functions stop using the old one."""
    (automatic,) = program().of("manager/secret:Secret")
    (by_region,) = program(secretRegions="europe-west4,europe-west1").of("manager/secret:Secret")

    assert automatic.inputs["replication"] == {"auto": {}}
    assert by_region.inputs["replication"] == {
        "userManaged": {"replicas": [{"location": "europe-west1"}, {"location": "europe-west4"}]}
    }
    assert automatic.inputs["secretId"] == f"{NAME}-twilio-auth-token"
    assert by_region.inputs["secretId"].startswith(f"{NAME}-twilio-auth-token-")
    assert {automatic.deleted_first, by_region.deleted_first} == {False}


@pytest.mark.parametrize(("every", "seconds"), [("PT1M", 60), ("PT5M", 300), ("PT30M", 1800), ("PT1H", 1800)])
def test_a_sweep_may_take_as_long_as_its_interval_allows(every: str, seconds: int) -> None:
    """Google waits until the next one begins, at most as long as Scheduler can; the sweep ends before that."""
    graph = program(sweepEvery=every)
    config, job = function(graph, "sweep").inputs["serviceConfig"], only(graph, ":Job").inputs
    lasts = sweep_lasts(parse_duration(config["environmentVariables"]["SWEEP_EVERY"])).total_seconds()

    assert (config["timeoutSeconds"], job["attemptDeadline"]) == (seconds, f"{seconds}s")
    assert seconds - 3 * ATTEMPT_LASTS < lasts < seconds - ATTEMPT_LASTS


def test_public_access_can_be_left_to_others() -> None:
    """An organisation's policy may forbid allUsers."""
    assert [each.name for each in program(publicAccess="none").of("ServiceIamMember")] == [
        "sweep-function-schedule-may-call"
    ]


def test_unmanaged_timers_are_not_declared() -> None:
    """Another stack of the account owns them."""
    graph = program(timers="unmanaged")

    assert [*graph.of("DefaultTimers"), *graph.of("TaskEvents")] == []
    assert only(graph, "PriorSettings").inputs["inactive"] == ""
    assert only(graph, "PriorSettings").inputs["events_url"] == ""


def test_timers_on_accept_declare_the_workspaces_events_and_no_default_timers() -> None:
    """PriorSettings knows the URL before it is written, and the function sets the timers."""
    graph = program(timers="on-accept")
    url = f"https://us-central1-a-project.cloudfunctions.net/{NAME}/tasks#rc=2&rp=5xx,ct,rt"

    events = only(graph, "TaskEvents").inputs
    assert graph.of("DefaultTimers") == []
    assert (
        events["url"],
        events["events"],
        events["workspace_sid"],
    ) == (url, ["reservation.accepted"], "WS" + "0a" * 16)
    assert tuple(only(graph, "PriorSettings").inputs[key] for key in ("events_url", "inactive")) == (url, "")
    assert Settings.from_environment({**environment(graph), "TWILIO_AUTH_TOKEN": TOKEN}).arm_on_accept
    assert not Settings.from_environment({**environment(program()), "TWILIO_AUTH_TOKEN": TOKEN}).arm_on_accept


def test_with_a_function_url_google_is_not_touched() -> None:
    """This is for a tunnel during development."""
    graph = program(functionUrl="https://tunnel.example.com", **{"gcp:project": None})

    assert [each for each in graph.resources.values() if each.type.startswith("gcp:")] == []
    assert only(graph, "ServiceWebhook").inputs["url"] == "https://tunnel.example.com/conversations"


def test_outputs_say_what_an_operator_asks_for() -> None:
    """The URL that Twilio calls, the function, the service and the workspace."""
    graph = program()

    assert graph.outputs == {
        "webhookUrl": f"https://us-central1-a-project.cloudfunctions.net/{NAME}/conversations",
        "functionName": NAME,
        "sweepJob": "sweep-function-job-id",
        "settings": {k: v for k, v in environment(graph).items() if k not in {"THREADS", "LOG_EXECUTION_ID"}},
        "serviceSid": "IS" + "0a" * 16,
        "workspaceSid": "WS" + "0a" * 16,
    }


def test_a_named_public_url_need_not_be_googles() -> None:
    """A custom domain, or the laptop."""
    graph = program(publicUrl="https://chat.example.com")

    assert only(graph, "SignedTestEvent").inputs["computed_url"] == ""
    assert only(graph, "ServiceWebhook").inputs["url"] == "https://chat.example.com/conversations"
    assert environment(graph)["PUBLIC_URL"] == "https://chat.example.com"


def test_a_preview_needs_no_credentials_and_says_so() -> None:
    """The resources are planned with unknown values; up refuses."""
    nothing = {"twilioAccountSid": None, "twilioAuthToken": None}
    graph = program(preview=True, **nothing)

    assert len(graph.resources) == len(program(preview=True).resources)
    assert any("could not look at Twilio" in warning for warning in graph.warnings)
    with pytest.raises(pulumi.RunError, match="twilioAuthToken is not set"):
        program(preview=False, **nothing)


def test_a_preview_without_the_token_shows_no_new_version_of_the_secret() -> None:
    """Both functions show no update either: the version in the state is used."""
    (without,) = program(preview=True, twilioAuthToken=None).of("SecretVersion")
    (with_token,) = program(preview=True).of("SecretVersion")

    assert (without.ignored, with_token.ignored) == ({"secretData"}, set())


def test_a_bad_config_declares_nothing() -> None:
    """Refused before the first resource."""
    with pytest.raises(pulumi.RunError, match="timeout is '5m'"):
        program(preview=True, timeout="5m")


def _without_secrets(value: Any) -> Any:
    if is_secret(value):
        return "[secret]"
    if isinstance(value, dict):
        return {key: _without_secrets(each) for key, each in value.items()}
    return [_without_secrets(each) for each in value] if isinstance(value, list) else value
