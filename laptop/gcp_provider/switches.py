"""What can be different in a Google project: builds that fail, rights that come late, APIs that are off, policies.

A test or a run gives `LocalStack` other switches than the default, in which everything is allowed and works at once.
"""

from dataclasses import dataclass, field
from datetime import timedelta

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


@dataclass(frozen=True)
class Switches:
    """One project's behaviour.

    Attributes:
        failing_builds: names of functions whose build is refused the copy of their source.
        binding_delay: how long a new IAM binding has no effect yet.
        enabled_apis: APIs that are on although no program turned them on.
        unreadable_payloads: whoever deploys may not read what is in a secret.
        policies: of the organisation.
        killed_after: the process is killed (SIGKILL) when so many resources are made, before the engine hears of the
            last; 0 for never.
    """

    failing_builds: frozenset[str] = frozenset()
    binding_delay: timedelta = timedelta()
    enabled_apis: frozenset[str] = BEFOREHAND
    unreadable_payloads: bool = False
    policies: OrganisationPolicies = field(default_factory=OrganisationPolicies)
    killed_after: int = 0


ALL_WORKS = Switches()
"""Everything is allowed and works at once."""
