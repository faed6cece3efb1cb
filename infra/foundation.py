"""What both functions need: APIs, service accounts with their rights, the uploaded zip, and the secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pulumi
import pulumi_gcp as gcp

from function.contract import EntryPoint
from infra import source_zip
from infra.broken_functions import VARIABLE
from infra.earlier_names import with_earlier_names
from infra.existing import Existing, ExistingAccount, ExistingSecret
from infra.image_repository import image_repository
from infra.names import bucket_name, secret_id, service_account_id
from infra.not_known_yet import known
from infra.propagation import PAUSE, Propagation
from infra.rights_in_effect import RightsInEffect

Account = gcp.serviceaccount.Account | ExistingAccount
SecretVariable = gcp.cloudfunctionsv2.FunctionServiceConfigSecretEnvironmentVariableArgsDict
Replication = gcp.secretmanager.SecretReplicationArgsDict
StorageSource = gcp.cloudfunctionsv2.FunctionBuildConfigSourceStorageSourceArgsDict

PROJECT_API = "cloudresourcemanager.googleapis.com"
"""The provider reads the project for each API and each binding in it; without this one it tries again for minutes."""

APIS = (
    "artifactregistry.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudfunctions.googleapis.com",
    "iam.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
)
OBJECT_READER = "roles/storage.objectViewer"

RUNTIME = "python313"


@dataclass(frozen=True)
class FoundationArgs:
    """What the foundation needs to know.

    Attributes:
        function_name: the public function's, after which accounts and secrets are named.
        project: id of the Google project.
        location: where the zip is stored.
        secrets: the variables that travel through Secret Manager, with their values, or with the versions that
            somebody else keeps; None where a preview was not given one.
        secret_regions: where Secret Manager keeps them; empty to replicate them automatically.
        existing: what somebody else owns.
        name_prefix: what names begin with; empty for our own word.
        kept_for: how long earlier zips and images stay.
        protect: whether Pulumi refuses to delete or replace what chats depend on.
        rights_take: how long a build waits for new rights; no other pause is longer.
    """

    function_name: str
    project: str
    location: str
    secrets: Mapping[str, str | ExistingSecret | None]
    secret_regions: Sequence[str]
    existing: Existing
    name_prefix: str
    kept_for: timedelta
    protect: bool
    rights_take: timedelta


class Foundation(pulumi.ComponentResource):
    """One zip, one build, one set of secrets for both functions.

    Attributes:
        run: the service account that the functions run as.
        secret_variables: from Secret Manager.
        secret_versions: which version of each, as `VARIABLE/NUMBER`.
        zip_name: of the source, which its content's hash is part of.
        needs: what a function's build and start depend on.
    """

    run: Account
    secret_variables: list[SecretVariable]
    secret_versions: list[pulumi.Output[str]]
    zip_name: pulumi.Output[str]
    needs: list[pulumi.Resource]

    def __init__(self, name: str, args: FoundationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare it; what `opts` depends on comes before anything in Google."""
        earlier = with_earlier_names(name, moved_from="inactivity:google:WebhookFunction::webhook-function")
        aliases = pulumi.ResourceOptions(transformations=[earlier])
        super().__init__("inactivity:google:Foundation", name, None, pulumi.ResourceOptions.merge(opts, aliases))
        self._name = name
        self._args = args
        self._propagation = Propagation(args.project, pause=min(PAUSE, args.rights_take))
        self._hooks = self._propagation.hooks()
        project_api = self.apis(name, [PROJECT_API])
        apis = [*project_api, *self.apis(name, APIS, after=project_api)]
        self._build: Account = args.existing.build or self._service_account("build", apis)
        self.run = args.existing.run or self._service_account("run", apis)
        self._bucket, self._source = self._zip(apis)
        self._repository = None if args.existing.repository else self._image_repository(apis)
        self.zip_name = self._source.name
        self.secret_variables, secret_rights = self._secrets(apis)
        self.secret_versions = [
            pulumi.Output.concat(each["key"], "/", each["version"]) for each in self.secret_variables
        ]
        build_rights = [*self._project_rights(), *self._rights_on_what_is_made_here()]
        in_effect = RightsInEffect(
            f"{name}-rights-in-effect",
            rights=[each.id for each in build_rights],
            wait=args.rights_take,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*build_rights, *secret_rights]),
        )
        self.needs = [*apis, in_effect]
        self.register_outputs({})

    def build_config(
        self, entry_point: EntryPoint, broken_since: str | None
    ) -> gcp.cloudfunctionsv2.FunctionBuildConfigArgsDict:
        """How the function of this entry point is built, and built again if it is broken."""
        # Without the generation, an update that brings a new zip would carry the generation of the old one.
        source: StorageSource = {
            "bucket": self._bucket.name,
            "object": self._source.name,
            "generation": self._source.generation,
        }
        return {
            "runtime": RUNTIME,
            "entry_point": entry_point.value,
            "service_account": self._build.name,
            "docker_repository": self._repository.id if self._repository else self._args.existing.repository,
            "source": {"storage_source": source},
            "environment_variables": {
                **source_zip.BUILD_VARIABLES,
                **({VARIABLE: broken_since} if broken_since else {}),
            },
        }

    def child(self, parent: pulumi.Resource, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of a resource in Google that belongs to this component or to one that builds on it."""
        self._propagation.knows(parent)
        return pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on), hooks=self._hooks)

    def lasting(self, parent: pulumi.Resource, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of a child that chats depend on, and that must not be deleted before what replaces it is made."""
        lasts = pulumi.ResourceOptions(
            protect=self._args.protect,
            # The provider itself asks for deletion first where a name is fixed; then Twilio would have nothing to call
            # for the length of a build, and for good if that fails.
            delete_before_replace=False,
        )
        return pulumi.ResourceOptions.merge(self.child(parent, *depends_on), lasts)

    def apis(
        self,
        prefix: str,
        names: Sequence[str],
        parent: pulumi.Resource | None = None,
        after: Sequence[pulumi.Resource] = (),
    ) -> list[pulumi.Resource]:
        """Turn APIs on, unless somebody else does. Others may live off them too, so a destroy leaves them on."""
        if self._args.existing.apis_are_on:
            return []
        return [
            gcp.projects.Service(
                f"{prefix}-{name.partition('.')[0]}",
                service=name,
                disable_on_destroy=False,
                disable_dependent_services=False,
                opts=self.child(parent or self, *after),
            )
            for name in names
        ]

    def service_account(
        self, parent: pulumi.Resource, name: str, account_id: str, display_name: str, *depends_on: pulumi.Resource
    ) -> gcp.serviceaccount.Account:
        """An account, taken as it is where a killed run created it and did not record it."""
        # An account that was created before this option existed keeps its state as it is.
        unchanged = pulumi.ResourceOptions(ignore_changes=["createIgnoreAlreadyExists"])
        return gcp.serviceaccount.Account(
            name,
            account_id=account_id,
            display_name=display_name,
            create_ignore_already_exists=True,
            opts=pulumi.ResourceOptions.merge(self.child(parent, *depends_on), unchanged),
        )

    def _service_account(self, role: str, apis: Sequence[pulumi.Resource]) -> gcp.serviceaccount.Account:
        name = self._args.function_name
        return self.service_account(
            self,
            f"{self._name}-{role}",
            service_account_id(role, name, self._args.name_prefix),
            f"{name}: {role}",
            *apis,
        )

    def _image_repository(self, apis: Sequence[pulumi.Resource]) -> gcp.artifactregistry.Repository:
        args = self._args
        name = f"{self._name}-images"
        return image_repository(name, args.function_name, args.location, args.kept_for, self.child(self, *apis))

    def _zip(self, apis: Sequence[pulumi.Resource]) -> tuple[gcp.storage.Bucket, gcp.storage.BucketObject]:
        files = source_zip.source_files()
        prefix, name = self._args.name_prefix, self._args.function_name
        bucket = gcp.storage.Bucket(
            f"{self._name}-sources",
            name=bucket_name(prefix, self._args.project, name, self._args.location) if prefix else None,
            location=self._args.location,
            uniform_bucket_level_access=True,
            public_access_prevention="enforced",
            versioning={"enabled": True},
            lifecycle_rules=[
                {
                    "action": {"type": "Delete"},
                    "condition": {
                        "days_since_noncurrent_time": self._args.kept_for.days,
                        "with_state": "ARCHIVED",
                    },
                }
            ],
            force_destroy=True,  # only our zips are in it; old versions must not keep a destroy from finishing
            opts=self.lasting(self, *apis),
        )
        source = gcp.storage.BucketObject(
            f"{self._name}-source",
            name=source_zip.object_name(files),
            bucket=bucket.name,
            source=source_zip.archive(files),
            content_type="application/zip",
            # Both functions are built from the new zip before the old one goes, although the provider asks otherwise.
            opts=pulumi.ResourceOptions.merge(self.child(self), pulumi.ResourceOptions(delete_before_replace=False)),
        )
        return bucket, source

    def _project_rights(self) -> list[pulumi.CustomResource]:
        """The build account's in the project; those of somebody else's account are theirs to grant."""
        if isinstance(self._build, ExistingAccount):
            return []
        # What a build writes and reads outside anything of ours (Google Cloud docs, custom build account): its log, and
        # the copy of our zip in a bucket that Cloud Functions has for each project and region.
        writes_log = gcp.projects.IAMMember(
            f"{self._name}-build-writes-log",
            project=self._args.project,
            role="roles/logging.logWriter",
            member=self._build.member,
            opts=self.child(self),
        )
        copies = pulumi.Output.format(
            "projects/_/buckets/gcf-v2-sources-{0}-{1}", self._bucket.project_number, self._args.location
        )
        reads_copies = gcp.projects.IAMMember(
            f"{self._name}-build-reads-copies",
            project=self._args.project,
            role=OBJECT_READER,
            member=self._build.member,
            condition={
                "title": f"copies of function sources in {self._args.location}",
                "expression": pulumi.Output.format(
                    'resource.name == "{0}" || resource.name.startsWith("{0}/")', copies
                ),
            },
            opts=self.child(self),
        )
        return [writes_log, reads_copies]

    def _rights_on_what_is_made_here(self) -> list[pulumi.CustomResource]:
        """The build account's, whoever owns it."""
        rights: list[pulumi.CustomResource] = [
            gcp.storage.BucketIAMMember(
                f"{self._name}-build-reads-source",
                bucket=self._bucket.name,
                role=OBJECT_READER,
                member=self._build.member,
                opts=self.child(self),
            )
        ]
        if self._repository:
            stores_images = gcp.artifactregistry.RepositoryIamMember(
                f"{self._name}-build-stores-images",
                repository=self._repository.name,
                location=self._args.location,
                role="roles/artifactregistry.writer",
                member=self._build.member,
                opts=self.child(self),
            )
            rights.append(stores_images)
        return rights

    def _secrets(self, apis: Sequence[pulumi.Resource]) -> tuple[list[SecretVariable], list[pulumi.Resource]]:
        regions = self._args.secret_regions
        replication: Replication = {"auto": {}}
        if regions:
            replication = {"user_managed": {"replicas": [{"location": region} for region in regions]}}
        variables: list[SecretVariable] = []
        rights: list[pulumi.Resource] = []
        for variable, value in self._args.secrets.items():
            if isinstance(value, ExistingSecret):
                variables.append(
                    {
                        "key": variable,
                        "project_id": value.project,
                        "secret": value.secret,
                        "version": value.version,
                    }
                )
                continue
            label = variable.lower().replace("_", "-")
            name = f"{self._name}-{label}"
            secret = gcp.secretmanager.Secret(
                name,
                secret_id=secret_id(self._args.function_name, label, regions),
                replication=replication,
                opts=self.lasting(self, *apis),
            )
            # A preview without the token would show a new version of a secret that stands, and both functions with it.
            unknown = pulumi.ResourceOptions(ignore_changes=[] if value else ["secretData"])
            data: pulumi.Input[str] = known(value)
            version = gcp.secretmanager.SecretVersion(
                name,
                secret=secret.id,
                secret_data=pulumi.Output.secret(data),
                opts=pulumi.ResourceOptions.merge(self.child(self), unknown),
            )
            rights.append(
                gcp.secretmanager.SecretIamMember(
                    name,
                    secret_id=secret.secret_id,
                    role="roles/secretmanager.secretAccessor",
                    member=self.run.member,
                    opts=self.child(self),
                )
            )
            # A numeric version, never `latest`: a rotated secret is a new revision, and running instances agree.
            variables.append(
                {
                    "key": variable,
                    "project_id": self._args.project,
                    "secret": secret.secret_id,
                    "version": version.version,
                }
            )
        return variables, rights


def with_platform_variables(
    environment: pulumi.Input[Mapping[str, str]], threads: int
) -> pulumi.Output[dict[str, str]]:
    """A function's variables, and those that the platform reads."""
    # Google sets LOG_EXECUTION_ID where we do not, and every preview would then show a change.
    added = {"THREADS": str(threads), "LOG_EXECUTION_ID": "true"}
    return pulumi.Output.from_input(environment).apply(lambda ours: {**ours, **added})
