"""The public function and everything in Google that it needs.

Decides names, rights and sizes. What the function is told (its settings) and when it may be deployed come from outside.
Errors that are only Google catching up with itself are waited out; every other one stops the deployment.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from function.contract import EVENTS_AT_ONCE, EntryPoint
from infra import source_zip
from infra.names import service_account_id
from infra.refusals import is_prerequisite, way_out
from infra.stack_config import StackConfig
from infra.stack_settings import PublicAccess

SecretVariable = gcp.cloudfunctionsv2.FunctionServiceConfigSecretEnvironmentVariableArgsDict

APIS = (
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "iam.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
)
BUILD_ROLES = {"build-stores-images": "roles/artifactregistry.writer", "build-writes-log": "roles/logging.logWriter"}
"""What a build writes, image and log, both outside anything of ours (Google Cloud docs, custom build account)."""

RUNTIME = "python313"
TIMEOUT_SECONDS = 30
"""Twilio waits five; the rest is for a cold start."""

ZIPS_KEPT_DAYS = 30
PROPAGATION_PAUSE_SECONDS = 15
PROPAGATION_ATTEMPTS = 8
PROPAGATION_MARKERS = (
    "does not exist",
    "does not have permission",
    "permission denied",
    "iam.serviceaccounts.actas",
    "has not been used in project",
    "it is disabled",
    "unable to retrieve",
)
"""What Google says while a new account, role or API is not yet known everywhere (Google's docs: minutes, at most)."""


def is_propagation(error: str) -> bool:
    """Whether this error goes away by waiting for IAM and newly enabled APIs."""
    text = error.lower()
    known = any(marker in text for marker in PROPAGATION_MARKERS) and ("403" in text or "400" in text)
    return known and not is_prerequisite(error)


@dataclass(frozen=True)
class Foundation:
    """What both functions stand on: one zip, one build, one set of secrets.

    Attributes:
        build: the service account that builds them.
        bucket: where the zip is.
        source: the zip.
        run: the service account that they run as.
        secret_variables: from Secret Manager.
        needs: what must stand before one of them can be built and started.
    """

    build: gcp.serviceaccount.Account
    bucket: gcp.storage.Bucket
    source: gcp.storage.BucketObject
    run: gcp.serviceaccount.Account
    secret_variables: list[SecretVariable]
    needs: list[pulumi.Resource]

    def build_config(self, entry_point: EntryPoint) -> gcp.cloudfunctionsv2.FunctionBuildConfigArgsDict:
        """How the function of this entry point is built."""
        return {
            "runtime": RUNTIME,
            "entry_point": entry_point.value,
            "service_account": self.build.name,
            "source": {"storage_source": {"bucket": self.bucket.name, "object": self.source.name}},
        }


class WebhookFunction(pulumi.ComponentResource):
    """The public function, deployed from this very checkout.

    Attributes:
        url: the function's address as Google reports it.
        foundation: what another function of the same zip stands on.
        ready: what must stand before anybody is pointed at the function.
    """

    url: pulumi.Output[str]
    foundation: Foundation
    ready: list[pulumi.Resource]

    def __init__(
        self,
        name: str,
        config: StackConfig,
        *,
        environment: pulumi.Input[Mapping[str, str]],
        secrets: Mapping[str, pulumi.Input[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare the function.

        Args:
            name: of the component.
            config: of the stack.
            environment: the function's plain variables.
            secrets: the variables that travel through Secret Manager, with their values.
            opts: of the component; what it depends on comes before anything in Google.
        """
        super().__init__("inactivity:google:WebhookFunction", name, None, opts)
        self._config = config
        self._retry = retrying_propagation()
        apis = self._apis()
        build, run = self._service_account("build", apis), self._service_account("run", apis)
        bucket, source = self._source(apis)
        build_rights = self._build_rights(build, bucket)
        secret_variables, secret_rights = self._secrets(secrets, run, apis)
        self.foundation = Foundation(
            build=build,
            bucket=bucket,
            source=source,
            run=run,
            secret_variables=secret_variables,
            needs=[*apis, *build_rights, *secret_rights],
        )
        function = gcp.cloudfunctionsv2.Function(
            "webhook",
            name=config.function_name,
            project=config.google_project,
            location=config.region,
            description="Warns silent customers of a Flex chat and releases the chat. Managed by Pulumi.",
            build_config=self.foundation.build_config(EntryPoint.WEBHOOK),
            service_config={
                "service_account_email": run.email,
                "available_cpu": "1",
                "available_memory": "256Mi",
                "max_instance_request_concurrency": EVENTS_AT_ONCE,
                "min_instance_count": config.min_instances,
                "max_instance_count": config.max_instances,
                "timeout_seconds": TIMEOUT_SECONDS,
                "ingress_settings": "ALLOW_ALL",
                "all_traffic_on_latest_revision": True,
                "environment_variables": with_platform_variables(environment, EVENTS_AT_ONCE),
                "secret_environment_variables": secret_variables,
            },
            opts=self._options(self.foundation.needs),
        )
        self.url = function.url
        self.ready = [function, *self._invoker(function)]
        self.register_outputs({"url": self.url})

    def _options(self, depends_on: Sequence[pulumi.Resource] = ()) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(depends_on), hooks=self._retry)

    def _apis(self) -> list[pulumi.Resource]:
        # Others in the project may live off the same APIs, so a destroy leaves them on.
        return [
            gcp.projects.Service(
                api.partition(".")[0],
                project=self._config.google_project,
                service=api,
                disable_on_destroy=False,
                disable_dependent_services=False,
                opts=self._options(),
            )
            for api in APIS
        ]

    def _service_account(self, role: str, apis: Sequence[pulumi.Resource]) -> gcp.serviceaccount.Account:
        return gcp.serviceaccount.Account(
            role,
            account_id=service_account_id(role, self._config.function_name),
            project=self._config.google_project,
            display_name=f"{self._config.function_name}: {role}",
            opts=self._options(apis),
        )

    def _source(self, apis: Sequence[pulumi.Resource]) -> tuple[gcp.storage.Bucket, gcp.storage.BucketObject]:
        files = source_zip.source_files()
        bucket = gcp.storage.Bucket(
            "inactivity-source",
            project=self._config.google_project,
            location=self._config.region,
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning={"enabled": True},
            lifecycle_rules=[
                {
                    "action": {"type": "Delete"},
                    "condition": {"days_since_noncurrent_time": ZIPS_KEPT_DAYS, "with_state": "ARCHIVED"},
                }
            ],
            force_destroy=True,  # only our zips are in it; old versions must not keep a destroy from finishing
            opts=self._options(apis),
        )
        source = gcp.storage.BucketObject(
            "source",
            name=source_zip.object_name(files),
            bucket=bucket.name,
            source=source_zip.archive(files),
            content_type="application/zip",
            opts=self._options(),
        )
        return bucket, source

    def _build_rights(self, build: gcp.serviceaccount.Account, bucket: gcp.storage.Bucket) -> list[pulumi.Resource]:
        rights: list[pulumi.Resource] = [
            gcp.projects.IAMMember(
                name,
                project=self._config.google_project,
                role=role,
                member=build.member,
                opts=self._options(),
            )
            for name, role in BUILD_ROLES.items()
        ]
        # Cloud Functions copies our zip to a bucket of its own, and the build reads it there.
        copies = gcp.projects.IAMMember(
            "build-reads-copies",
            project=self._config.google_project,
            role="roles/storage.objectViewer",
            member=build.member,
            condition={
                "title": "copies of function sources",
                "expression": 'resource.name.startsWith("projects/_/buckets/gcf-v2-sources-")',
            },
            opts=self._options(),
        )
        zips = gcp.storage.BucketIAMMember(
            "build-reads-source",
            bucket=bucket.name,
            role="roles/storage.objectViewer",
            member=build.member,
            opts=self._options(),
        )
        return [*rights, copies, zips]

    def _secrets(
        self,
        secrets: Mapping[str, pulumi.Input[str]],
        run: gcp.serviceaccount.Account,
        apis: Sequence[pulumi.Resource],
    ) -> tuple[list[SecretVariable], list[pulumi.Resource]]:
        variables: list[SecretVariable] = []
        rights: list[pulumi.Resource] = []
        for variable, value in secrets.items():
            label = variable.lower().replace("_", "-")
            secret = gcp.secretmanager.Secret(
                label,
                secret_id=f"{self._config.function_name}-{label}",
                project=self._config.google_project,
                replication={"auto": {}},
                opts=self._options(apis),
            )
            version = gcp.secretmanager.SecretVersion(
                label, secret=secret.id, secret_data=pulumi.Output.secret(value), opts=self._options()
            )
            rights.append(
                gcp.secretmanager.SecretIamMember(
                    label,
                    project=self._config.google_project,
                    secret_id=secret.secret_id,
                    role="roles/secretmanager.secretAccessor",
                    member=run.member,
                    opts=self._options(),
                )
            )
            # A numeric version, never `latest`: a rotated secret is a new revision, and running instances agree.
            variables.append(
                {
                    "key": variable,
                    "project_id": self._config.google_project,
                    "secret": secret.secret_id,
                    "version": version.version,
                }
            )
        return variables, rights

    def _invoker(self, function: gcp.cloudfunctionsv2.Function) -> list[pulumi.Resource]:
        if self._config.public_access is PublicAccess.NONE:
            return []
        options = self._options()
        options.replace_with = [function]  # a function that is created anew has lost its callers
        return [
            gcp.cloudrunv2.ServiceIamMember(
                "everybody-may-call",
                project=self._config.google_project,
                location=self._config.region,
                name=function.name,
                role="roles/run.invoker",
                member="allUsers",
                opts=options,
            )
        ]


def with_platform_variables(
    environment: pulumi.Input[Mapping[str, str]], threads: int
) -> pulumi.Output[dict[str, str]]:
    """A function's variables, and those that the platform reads."""
    # Google sets LOG_EXECUTION_ID where we do not, and every preview would then show a change.
    added = {"THREADS": str(threads), "LOG_EXECUTION_ID": "true"}
    return pulumi.Output.from_input(environment).apply(lambda ours: {**ours, **added})


def retrying_propagation(name: str = "wait-for-propagation") -> pulumi.ResourceHookBinding:
    """For resources whose creation may fail for minutes, only because Google has not caught up with itself."""
    return pulumi.ResourceHookBinding(on_error=[_wait_for_propagation(name)])


def _wait_for_propagation(name: str) -> pulumi.ErrorHook:
    @pulumi.error_hook(name)
    def wait(args: pulumi.ErrorHookArgs) -> bool:
        if len(args.errors) > PROPAGATION_ATTEMPTS or not is_propagation(args.errors[0]):
            if hint := way_out(args.errors[0]):
                pulumi.log.error(f"{args.name}: {hint}")
            return False
        if len(args.errors) == 1:
            seconds = PROPAGATION_ATTEMPTS * PROPAGATION_PAUSE_SECONDS
            pulumi.log.info(f"{args.name}: Google has not caught up with itself; trying again for {seconds} s at most")
        time.sleep(PROPAGATION_PAUSE_SECONDS)
        return True

    return wait
