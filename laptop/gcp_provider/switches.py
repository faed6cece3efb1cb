"""What can be different in a Google project: builds that fail, rights that come late, APIs that are off, policies.

A test or a run gives `LocalStack` other switches than the default, in which everything is allowed and works at once.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum

BEFOREHAND = frozenset({"cloudresourcemanager.googleapis.com", "serviceusage.googleapis.com"})
"""APIs that must be on before a program can turn on others (https://github.com/GoogleCloudPlatform/
k8s-config-connector/issues/135, 2020-04-13)."""


@dataclass(frozen=True)
class OrganisationPolicies:
    """Constraints that an organisation puts on its projects; none of them by default.

    Attributes:
        own_members_only: roles go to members of the organisation, so not to `allUsers`
            (`constraints/iam.allowedPolicyMemberDomains`).
        locations: where resources may be; empty for anywhere (`constraints/gcp.resourceLocations`).
        ingress_settings: what a function may have; empty for any (`constraints/cloudfunctions.allowedIngressSettings`).
    """

    own_members_only: bool = False
    locations: frozenset[str] = frozenset()
    ingress_settings: frozenset[str] = frozenset()


class Way(Enum):
    """How one creation can go wrong."""

    KILLED = "killed after it was done"
    REFUSED = "refused"
    FAILED_OPERATION = "accepted, and its operation fails"
    FAILED_LATER = "done, and reported as failed later"
    TIMED_OUT = "done, and its answer does not come in time"


@dataclass(frozen=True)
class Trouble:
    """One creation that goes wrong.

    Attributes:
        at: which one, counted from 1 since the cloud was opened.
        way: what becomes of it. `KILLED` ends this process and all that it started (SIGKILL), before the engine hears
            of the creation.
    """

    at: int
    way: Way


@dataclass(frozen=True)
class Switches:
    """One project's behaviour.

    Attributes:
        failing_builds: names of functions whose build is refused the copy of their source.
        binding_delay: how long a new IAM binding has no effect yet.
        enabled_apis: APIs that are on although no program turned them on.
        unreadable_payloads: whoever deploys may not read what is in a secret.
        policies: of the organisation.
        trouble: a creation that goes wrong, if one does.
    """

    failing_builds: frozenset[str] = frozenset()
    binding_delay: timedelta = timedelta()
    enabled_apis: frozenset[str] = BEFOREHAND
    unreadable_payloads: bool = False
    policies: OrganisationPolicies = field(default_factory=OrganisationPolicies)
    trouble: Trouble | None = None


ALL_WORKS = Switches()
"""Everything is allowed and works at once."""
