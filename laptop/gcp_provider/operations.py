"""Check, diff, create, read, update, delete: what the provider does with one resource, without the protocol.

An `Effect` is what a type of resource does on this machine: a function runs. A type without one is only stored.
"""

import itertools
import os
import re
import secrets
import signal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

import psutil

from laptop.gcp_provider import function_kind, kind, kinds, tokens
from laptop.gcp_provider.cloud import Cloud, Place, Resource
from laptop.gcp_provider.input_types import type_problems
from laptop.gcp_provider.kind import Context
from laptop.gcp_provider.kinds import kind_of
from laptop.gcp_provider.problem import Problem
from laptop.gcp_provider.sentences import caller_is_denied, internal_error, no_answer_in_time
from laptop.gcp_provider.switches import ALL_WORKS, Switches, Way
from laptop.gcp_provider.values import UNKNOWN, Blob, Properties, Secret, changed_keys, merged, reveal

_RANDOM = 7
"""Hexadecimal digits at the end of an automatic name."""


class RefusedError(Exception):
    """Google would refuse the request. The message is the reason, for people."""


class FailedOperationError(Exception):
    """Google accepted the request, and the operation that it began failed. The message is the reason."""


class PartlyDoneError(Exception):
    """The operation failed, and left a resource behind. The message is the reason, for people.

    Attributes:
        resource: what exists now.
    """

    def __init__(self, reason: str, resource: Resource) -> None:
        super().__init__(reason)
        self.resource = resource


class Effect(Protocol):
    """What a type of resource does on this machine."""

    def apply(self, resource: Resource) -> None:
        """Start it for a new resource, update it for a changed one, and return when that is done.

        Raises:
            RefusedError: it failed; the resource is then not stored.
            FailedOperationError: it failed; the resource is stored as failed.
        """

    def remove(self, resource: Resource) -> None:
        """Stop it, if it runs."""


@dataclass(frozen=True)
class Difference:
    """What differs between two inputs.

    Attributes:
        changed: top-level inputs that changed.
        replaces: those among them that replace the resource.
        delete_first: the replacement would need the same name, so the old resource goes first.
    """

    changed: tuple[str, ...]
    replaces: tuple[str, ...]
    delete_first: bool


class Operations:
    """The provider's work on one cloud.

    Attributes:
        switches: how this project behaves from now on.
    """

    def __init__(
        self, cloud: Cloud, front_url: str, effects: Mapping[str, Effect], switches: Switches = ALL_WORKS
    ) -> None:
        self._cloud = cloud
        self._front_url = front_url
        self._effects = effects
        self.switches = switches
        self._calls = itertools.count(1)

    def configure(self, project: str | None, region: str | None) -> None:
        """Set project and region for resources that name none."""
        self._cloud.move_to(Place(project or Place.project, region or Place.region))

    def check(self, token: str, name: str, olds: Properties, news: Properties) -> tuple[Properties, list[Problem]]:
        """The inputs, with an automatic name where they have none, and what is wrong with them."""
        kind = kind_of(token)
        inputs = dict(news)
        if kind.autoname and inputs.get(kind.autoname) is None:
            inputs[kind.autoname] = olds.get(kind.autoname) or f"{name}-{secrets.token_hex(4)[:_RANDOM]}"
        return inputs, [*type_problems(token, inputs), *kind.problems(inputs)]

    def diff(self, token: str, name: str, old_inputs: Properties, new_inputs: Properties) -> Difference:
        """What changed between two checked inputs of the resource that the program calls `name`."""
        kind = kind_of(token)
        place = {"project": self._cloud.place.project}  # of a resource that names none, so naming it is no change
        changed = changed_keys(place | old_inputs, place | new_inputs)
        replaces = kind.replaces(changed)
        fixed_name = kind.autoname is not None and not _is_automatic(reveal(new_inputs.get(kind.autoname)), name)
        return Difference(
            changed=tuple(changed),
            replaces=tuple(replaces),
            # As Pulumi's bridge to Terraform providers answers for a name that the program fixes, whatever makes it
            # unique besides: a function's old region is deleted before the new one is built.
            delete_first=bool(replaces) and fixed_name and kind.autoname not in changed,
        )

    def previewed(self, token: str, inputs: Properties, outputs: Properties | None = None) -> Properties:
        """The outputs in a preview: unknown where a new resource computes them, else what does not change."""
        if outputs is not None:
            return merged(outputs, inputs)
        result: Properties = dict(inputs)
        for path in kind_of(token).unknown:
            unknown: Properties | object = UNKNOWN
            for key in reversed(path.split(".")):
                unknown = {key: unknown}
            result = merged(result, unknown if isinstance(unknown, dict) else {})
        return result

    def create(self, token: str, inputs: Properties) -> Resource:
        """Create a resource.

        Raises:
            RefusedError: Google would refuse it, or it exists already.
            PartlyDoneError: it exists now, and failed.
        """
        kind, plain = kind_of(token), reveal(inputs)
        way = self._way()
        waiting = f"Error waiting to create {kind.noun}: Error waiting for Creating {kind.noun}: "
        if way is Way.REFUSED:
            raise RefusedError(kind.refused(plain, self._cloud.place, None, caller_is_denied()))
        self._refuse(token, inputs, None)
        existing = None if kind.taken is None else self._cloud.get(token, kind.id_of(plain, self._cloud.place))
        if existing and kind.taken:
            if not inputs.get("createIgnoreAlreadyExists"):
                raise RefusedError(kind.refused(plain, self._cloud.place, None, kind.taken(plain, self._context())))
            made = replace(existing, inputs=inputs)
            self._cloud.put(made)
        elif way is Way.FAILED_OPERATION and token != tokens.FUNCTION:
            raise RefusedError(waiting + internal_error())
        else:
            made = self._put(token, inputs, None, [internal_error()] if way is Way.FAILED_OPERATION else [])
        if way is Way.FAILED_LATER:
            raise PartlyDoneError(waiting + internal_error(), made)
        if way is Way.TIMED_OUT:
            raise RefusedError(waiting + no_answer_in_time())
        if way is Way.KILLED:
            _kill_this_run()
        return made

    def update(self, token: str, resource_id: str, inputs: Properties) -> Resource:
        """Update a resource.

        Raises:
            RefusedError: Google would refuse it, or it does not exist.
            PartlyDoneError: it has the new inputs now, and failed.
        """
        existing = self._cloud.get(token, resource_id)
        if existing is None:
            raise RefusedError(f"Error 404: {resource_id} does not exist")
        self._refuse(token, inputs, existing)
        return self._put(token, inputs, existing)

    def read(self, token: str, resource_id: str, known: Properties | None = None) -> Resource | None:
        """The resource as it is now; None when it does not exist.

        A secret whose payload may not be read passes with the payload that is `known` from the state, as with the real
        provider.
        """
        found = self._cloud.get(token, resource_id)
        if found and token == tokens.SECRET_VERSION and self.switches.unreadable_payloads:
            payload = {key: value for key, value in (known or {}).items() if key == "secretData"}
            rest = {key: value for key, value in found.outputs.items() if key != "secretData"}
            return replace(found, outputs=rest | payload)
        return found

    def get_function(self, inputs: Properties) -> Properties:
        """What the data source `getFunction` answers.

        Source: https://github.com/hashicorp/terraform-provider-google/blob/main/google/services/cloudfunctions2/
        data_source_google_cloudfunctions2_function.go, read 2026-11-27.

        Raises:
            RefusedError: there is no such function, or the API is off.
        """
        resource_id = function_kind.function_id(inputs, self._cloud.place)
        for reason in kind.needs_api("cloudfunctions")(self._context()):
            raise RefusedError(
                f'Error when reading or editing Cloudfunctions2function "{resource_id}": googleapi: {reason}'
            )
        found = self._cloud.get(tokens.FUNCTION, resource_id)
        if found is None:
            raise RefusedError(f"{resource_id} not found")
        plural = {"buildConfig": "buildConfigs", "serviceConfig": "serviceConfigs", "eventTrigger": "eventTriggers"}
        blocks = {many: [found.outputs[one]] if one in found.outputs else [] for one, many in plural.items()}
        single = {key: value for key, value in found.outputs.items() if key not in plural}
        return {"id": resource_id, **single, **blocks}

    def delete(self, token: str, resource_id: str) -> None:
        """Remove a resource, if it exists."""
        existing = self._cloud.get(token, resource_id)
        if existing is None:
            return
        if effect := self._effects.get(token):
            effect.remove(existing)
        self._cloud.remove(token, resource_id)

    def _refuse(self, token: str, inputs: Properties, existing: Resource | None) -> None:
        kind, plain = kind_of(token), reveal(inputs)
        for reason in kind.refusals(plain, self._context()):
            raise RefusedError(kind.refused(plain, self._cloud.place, existing, reason))

    def _context(self) -> Context:
        return Context(self._cloud, self._cloud.place, self._front_url, self.switches)

    def _way(self) -> Way | None:
        """How the creation that begins now goes wrong; None when it does not."""
        number, trouble = next(self._calls), self.switches.trouble
        return trouble.way if trouble and trouble.at == number else None

    def _put(self, token: str, inputs: Properties, existing: Resource | None, failures: Iterable[str] = ()) -> Resource:
        kind = kind_of(token)
        plain = reveal(inputs)
        computed = kind.computed(plain, self._context())
        outputs = merged(inputs, computed)
        resource_id = kind.id_of(plain, self._cloud.place)
        if token == tokens.SECRET_VERSION:
            resource_id = str(computed["name"])
            outputs["secretData"] = Secret(plain["secretData"])
        if token == tokens.BUCKET_OBJECT and (isinstance(inputs.get("source"), Blob) or "content" in inputs):
            outputs["contentSha256"] = self._cloud.store(kinds.object_content(inputs))
        resource = Resource(token, existing.id if existing else resource_id, inputs, outputs)
        try:
            self._run(resource, itertools.chain(failures, kind.failures(plain, self._context())))
        except FailedOperationError as error:
            failed = function_kind.failed_function(resource, existing)
            self._cloud.put(failed)
            began = "Updating" if existing else "Creating"
            prefix = "" if existing else "Error waiting to create function: "
            raise PartlyDoneError(f"{prefix}Error waiting for {began} function: {error}", failed) from None
        self._cloud.put(resource)
        return resource

    def _run(self, resource: Resource, failures: Iterable[str]) -> None:
        for reason in failures:
            raise FailedOperationError(reason)
        if effect := self._effects.get(resource.token):
            effect.apply(resource)


def _kill_this_run() -> None:
    """End the engine, its plugins and this process, in this order: the engine must not see that we are gone."""
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    os.kill(os.getpid(), signal.SIGKILL)


def _is_automatic(value: object, name: str) -> bool:
    """Whether `check` made this name for the resource that the program calls `name`."""
    return isinstance(value, str) and re.fullmatch(rf"{re.escape(name)}-[0-9a-f]{{{_RANDOM}}}", value) is not None
