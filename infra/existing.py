"""What somebody else owns and the stack's config names, so that the program does not make it.

The program grants rights on what it made, and on nothing else: not in the project for an account of somebody else's,
and not on their secret. docs/operations.md lists what the owner must grant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from infra.config_reader import ConfigReader
from infra.names import project_of_account
from infra.stack_settings import (
    BUILD_SERVICE_ACCOUNT,
    ENABLE_APIS,
    IMAGE_REPOSITORY,
    RUN_SERVICE_ACCOUNT,
    SCHEDULE_SERVICE_ACCOUNT,
    VERSION_OF,
    Setting,
)
from infra.twilio_resources.client import ENVIRONMENT_OF


@dataclass(frozen=True)
class ExistingAccount:
    """A service account.

    Attributes:
        email: how APIs name it.
    """

    email: str

    @property
    def name(self) -> str:
        """Its full name, as Cloud Build wants it."""
        return f"projects/{project_of_account(self.email)}/serviceAccounts/{self.email}"

    @property
    def member(self) -> str:
        """As bindings name it."""
        return f"serviceAccount:{self.email}"


@dataclass(frozen=True)
class ExistingSecret:
    """One version of a secret in Secret Manager.

    Attributes:
        project: id or number of its project.
        secret: id of the secret.
        version: a number; with `latest`, a running instance and a new one could have different secrets.
    """

    project: str
    secret: str
    version: str

    @classmethod
    def named(cls, name: str) -> Self:
        """From `projects/PROJECT/secrets/SECRET/versions/NUMBER`."""
        _, project, _, secret, _, version = name.split("/")
        return cls(project, secret, version)


@dataclass(frozen=True)
class Existing:
    """Everything of that kind; by default nothing.

    Attributes:
        build: the account that builds the functions.
        run: the account that they run as.
        schedule: the account that calls the sweep.
        secrets: by the key of the setting that would have the value.
        repository: full name of the Docker repository of the functions' images.
        apis_are_on: whether somebody else turns Google's APIs on.
    """

    build: ExistingAccount | None = None
    run: ExistingAccount | None = None
    schedule: ExistingAccount | None = None
    secrets: Mapping[str, ExistingSecret] = field(default_factory=dict)
    repository: str = ""
    apis_are_on: bool = False


def read_existing(read: ConfigReader) -> Existing:
    """Read it; what is bad or does not go together is noted as a problem."""
    existing = Existing(
        build=_account(read, BUILD_SERVICE_ACCOUNT),
        run=_account(read, RUN_SERVICE_ACCOUNT),
        schedule=_account(read, SCHEDULE_SERVICE_ACCOUNT),
        secrets={key: ExistingSecret.named(name) for key, named in VERSION_OF.items() if (name := read.read(named))},
        repository=read.read(IMAGE_REPOSITORY) or "",
        apis_are_on=not read.read(ENABLE_APIS),
    )
    if existing.repository and BUILD_SERVICE_ACCOUNT.key not in read.values:
        read.complain(
            IMAGE_REPOSITORY.key,
            f"is {existing.repository!r}, which the build's account must be allowed to write to by whoever owns it; "
            f"name that account too, with pulumi config set {BUILD_SERVICE_ACCOUNT.key}",
        )
    for key, secret in existing.secrets.items():
        named = VERSION_OF[key].key
        if read.values.get(key):
            read.complain(
                key,
                f"is set together with {named}, and would be in the config and in the state; run pulumi config rm "
                f"{key}, and export {ENVIRONMENT_OF[key]} if this run needs it",
            )
        if RUN_SERVICE_ACCOUNT.key not in read.values:
            read.complain(
                named,
                f"names {secret.secret}, which the functions' account must be allowed to read by whoever owns it; "
                f"name that account too, with pulumi config set {RUN_SERVICE_ACCOUNT.key}",
            )
    return existing


def _account(read: ConfigReader, setting: Setting[str | None]) -> ExistingAccount | None:
    email = read.read(setting)
    return ExistingAccount(email) if email else None
