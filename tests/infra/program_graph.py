"""The program's resources as the engine would receive them, recorded without an engine."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import grpc
import pulumi
from google.protobuf import json_format
from pulumi.runtime import _callbacks, mocks, settings
from pulumi.runtime.stack import run_in_stack

from infra.program import deploy

PROJECT = "flex-chat-inactivity-timeout"
SECRET_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"
_PROVIDER = "__provider"


@dataclass(frozen=True)
class Declared:
    """One registered resource."""

    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    depends_on: frozenset[str]
    secret_outputs: frozenset[str]
    replace_with: frozenset[str]
    hooks: frozenset[str]
    ignored: frozenset[str]
    protected: bool
    deleted_first: bool | None
    """None where the provider decides."""
    aliases: tuple[tuple[str, str], ...]
    """Each with its name, and with the short URN of its parent where that is another one."""


@dataclass
class Graph:
    """Everything that one run declared, by `name (last part of the type)`."""

    resources: dict[str, Declared] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def of(self, type_name: str) -> list[Declared]:
        """The resources whose type ends so."""
        return [each for each in self.resources.values() if each.type.endswith(type_name)]


class NoFunctionError(grpc.RpcError):
    """Google has no function of this name; the engine reports it like this."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def code(self) -> grpc.StatusCode:
        """Of the engine's own protocol."""
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        """Google's message in it."""
        return f"Error 404: function {self._name} not found"


class _Mocks(mocks.Mocks):
    def __init__(self, google: Mapping[str, Mapping[str, str]], project: str) -> None:
        self._google = google
        self._project = project

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        made = dict(args.inputs)
        kind = args.typ.rpartition(":")[2]
        if kind == "Account":
            email = f"{made['accountId']}@{self._project}.iam.gserviceaccount.com"
            made |= {"email": email, "member": f"serviceAccount:{email}"}
            made["name"] = f"projects/{self._project}/serviceAccounts/{email}"
        if kind == "Bucket":
            made["name"] = f"{args.name}-0123456"
            made["projectNumber"] = 123456
        if kind == "Repository":
            made["name"] = made["repositoryId"]
        if kind == "BucketObject":
            made["generation"] = 1
        if kind == "SecretVersion":
            made["version"] = "1"
        if kind == "Function":
            made["url"] = f"https://us-central1-a-project.cloudfunctions.net/{made['name']}"
            made["serviceConfig"] = made["serviceConfig"] | {"uri": f"https://{made['name']}-0123456789-uc.a.run.app"}
        if kind == "PriorSettings":
            made |= {"service_sid": "IS" + "0a" * 16, "workspace_sid": "WS" + "0a" * 16}
            made |= {"previous_webhook": {}, "previous_timers": {}, "own_urls": [], "own_timers": []}
            made |= {"previous_events": {}, "own_event_urls": [], "left_services": [], "left_workspaces": []}
        return f"{args.name}-id", made

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        name = args.args["name"]
        if name not in self._google:
            raise NoFunctionError(name)
        return dict(self._google[name])


class _Monitor(mocks.MockMonitor):
    def __init__(self, graph: Graph, google: Mapping[str, Mapping[str, str]], project: str) -> None:
        super().__init__(_Mocks(google, project))
        self._graph = graph

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the name in the protocol
        inputs = json_format.MessageToDict(request.object)
        name = f"{request.name} ({request.type.rpartition(':')[2]})"
        self._graph.resources[name] = Declared(
            request.type,
            request.name,
            {key: value for key, value in inputs.items() if key != _PROVIDER},
            _short(request.parent) if request.parent else "",
            frozenset(_short(urn) for urn in request.dependencies),
            frozenset(request.additionalSecretOutputs),
            frozenset(_short(urn) for urn in request.replace_with),
            frozenset(request.hooks.on_error),
            frozenset(request.ignoreChanges),
            request.protect,
            request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
            tuple((each.spec.name, each.spec.parentUrn and _short(each.spec.parentUrn)) for each in request.aliases),
        )
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the name in the protocol
        if request.urn.split("::")[-2] == "pulumi:pulumi:Stack":
            self._graph.outputs = json_format.MessageToDict(request.outputs)
        return super().RegisterResourceOutputs(request)


class _Callbacks:
    """Takes hooks; there is no engine here that would call one."""

    def register_error_hook(self, hook: pulumi.ErrorHook) -> None:
        """Take it."""

    def register_resource_hook(self, hook: pulumi.ResourceHook) -> None:
        """Take it."""


class _Engine(mocks.MockEngine):
    def __init__(self, graph: Graph) -> None:
        super().__init__(None)
        self._graph = graph

    def Log(self, request: Any) -> None:  # noqa: N802 - the name in the protocol
        if request.severity >= 2:
            self._graph.warnings.append(request.message)


def declare(
    config: dict[str, str],
    *,
    secrets: set[str],
    preview: bool,
    google: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    entry_point: Callable[[], object] = deploy,
    graph: Graph | None = None,
    stack: str = "test",
) -> Graph:
    """Run the program with this config; keys without a colon belong to the project.

    Args:
        config: of the stack.
        secrets: keys that are encrypted.
        preview: whether nothing will be created.
        google: the functions that exist, by name, as Google describes them.
        entry_point: what runs the program.
        graph: where to record, for a program that refuses.
        stack: its name.

    Raises:
        RunError: the program refused.
    """
    graph = graph or Graph()
    # Pulumi ends a run by stopping every callback server that the process ever had, and has no way to forget those of
    # loops that are closed, which an engine test in this process leaves behind.
    _callbacks._CallbackServicer._servicers.clear()  # noqa: SLF001 -- the only place where they are kept
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    settings.reset_options(project=PROJECT, stack=stack)
    monitor = _Monitor(graph, google, config.get("gcp:project", "a-project"))
    settings.configure(
        mocks.MockSettings(
            monitor=monitor,
            monitor_features=set(monitor.GetDeploymentInfo(None).supportedFeatures),
            engine=_Engine(graph),
            project=PROJECT,
            stack=stack,
            dry_run=preview,
            organization=None,
            callbacks=_Callbacks(),
        )
    )
    named = {key if ":" in key else f"{PROJECT}:{key}": value for key, value in config.items()}
    pulumi.runtime.set_all_config(named, [key if ":" in key else f"{PROJECT}:{key}" for key in secrets])
    try:
        loop.run_until_complete(run_in_stack(entry_point))
    finally:
        _end(loop)
        loop.close()
        asyncio.set_event_loop(None)
    return graph


def _end(loop: asyncio.AbstractEventLoop) -> None:
    """End what a refused program left waiting."""
    waiting = asyncio.all_tasks(loop)
    for task in waiting:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))


def is_secret(value: Any) -> bool:
    """Whether a recorded value is marked as a secret."""
    return isinstance(value, dict) and value.get(SECRET_KEY) == SECRET_SIGNATURE


def _short(urn: str) -> str:
    type_name, name = urn.split("::")[-2:]
    return f"{name} ({type_name.rpartition(':')[2]})"
