"""What one type of Google resource is to the provider, and what the rules of several types share."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from laptop.gcp_provider.cloud import Cloud, Place, Resource
from laptop.gcp_provider.problem import Problem
from laptop.gcp_provider.sentences import (
    account_is_missing,
    api_is_off,
)
from laptop.gcp_provider.switches import Switches
from laptop.gcp_provider.tokens import ACCOUNT, SERVICE
from laptop.gcp_provider.values import Properties, at, reveal

EVERYTHING = frozenset({"*"})
"""Inputs whose change replaces a resource: all of them."""


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
        return [key for key in changed if key in self.replaced_by or self.replaced_by == EVERYTHING]


def project_of(inputs: Properties, place: Place) -> str:
    """The resource's own project, or the provider's."""
    return str(inputs.get("project") or place.project)


def path_id(*parts: str) -> Callable[[Properties, Place], str]:
    """An id of the project and these inputs, joined by slashes."""
    return lambda inputs, place: "/".join([project_of(inputs, place), *(str(inputs.get(part, "")) for part in parts)])


def full_secret_id(inputs: Properties, key: str, place: Place) -> str:
    """A secret's full id, also from its short name."""
    given = str(inputs[key])
    return given if given.startswith("projects/") else f"projects/{project_of(inputs, place)}/secrets/{given}"


def function_key(name: str, location: str, project: str) -> str:
    """Google's id of a function."""
    return f"projects/{project}/locations/{location}/functions/{name}"


def repository_id(inputs: Properties, place: Place) -> str:
    """Google's id of a repository of Artifact Registry, for the repository's inputs or a binding's."""
    name = inputs.get("repositoryId") or inputs["repository"]
    location = inputs.get("location") or place.region
    return f"projects/{project_of(inputs, place)}/locations/{location}/repositories/{name}"


def needs_api(*names: str) -> Callable[[Context], Iterator[str]]:
    """Google's refusals while these APIs are off; names without `.googleapis.com`."""

    def check(context: Context) -> Iterator[str]:
        enabled = {found.value("service") for found in context.cloud.all(SERVICE)} | context.switches.enabled_apis
        for name in names:
            if f"{name}.googleapis.com" not in enabled:
                yield api_is_off(f"{name}.googleapis.com", context.place.number)

    return check


def missing_account(email: str, context: Context) -> Iterator[str]:
    """A service account of our project must exist; others are assumed to."""
    if email.endswith(f"@{context.place.project}.iam.gserviceaccount.com"):
        known = {found.value("email") for found in context.cloud.all(ACCOUNT)}
        if email not in known:
            yield account_is_missing(email)
