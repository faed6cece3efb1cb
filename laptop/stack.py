"""The stack `local`: the same program that goes to the cloud, under the real engine, on this machine alone.

The state is on a file backend, the provider named gcp runs in this process, functions are child processes behind one
front, and Twilio's API is the simulator's. Everything is in one home folder, and nothing outside it is changed.
`laptop.recovery` recovers from a killed run, `laptop.engine` stops an engine, `laptop.gcp_provider` does what Google
would do.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, TypeVar

import pulumi
import yaml
from pulumi.automation import (
    CommandError,
    ConfigValue,
    DestroyResult,
    PulumiCommand,
    RefreshResult,
    Stack,
    StackSettings,
)
from pulumi.runtime._callbacks import _CallbackServicer

from laptop.engine import EngineCommand, Say, StoppedError
from laptop.environment import scrubbed_process
from laptop.gcp_provider.cloud import Place
from laptop.gcp_provider.running import RunningCloud
from laptop.gcp_provider.switches import ALL_WORKS, Switches
from laptop.progress import ignored
from laptop.pulumi_cli import obtain_pulumi
from laptop.recovery import HOME_VARIABLE, RunGoesOnError, end, engine_locks, leftovers, only_run
from laptop.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "flex-chat-inactivity-timeout"
"""The project's name in `Pulumi.yaml`."""
STACK = "local"
FRONT_PORT = 8701

_PASSPHRASE = "local"  # noqa: S105 - of a stack whose secrets are the simulator's


ENGINE_ENDED = "Resource monitor has terminated"
"""What a program hears whose engine has ended."""

_Result = TypeVar("_Result", RefreshResult, DestroyResult)


class EngineFailedError(Exception):
    """A command of the engine failed. The message is its reason; its whole output was shown before."""


@dataclass(frozen=True)
class Changes:
    """What an operation did or would do: the number of resources by kind of change, as the engine counts them."""

    counts: Mapping[str, int]

    @property
    def changed(self) -> int:
        """The number of resources that change."""
        return sum(count for kind, count in self.counts.items() if kind not in {"same", "read"})


def deploy_project() -> None:
    """The project's own program."""
    from infra.program import deploy  # noqa: PLC0415 - a run with another program does not need it

    deploy(rights_take=timedelta())


class LocalStack:
    """The stack on this machine. Everything that it started ends when the block is left, or with this process.

    Args:
        home: the folder for everything that it keeps.
        simulator_url: Twilio's API on this machine.
        account_sid: the simulator's account.
        auth_token: that account's token.
        config: more configuration; keys without a colon belong to the project.
        secrets: more configuration, encrypted.
        environment: variables of the engine and the program beside those that every run has.
        front_port: where the functions answer; 0 for any free port.
        program: what to deploy; the project's own program by default.
        pulumi: the CLI; searched for by default.
        cleans_up: whether a run removes what a killed one made in Google and did not record; Google itself keeps it.
        google: how the Google project behaves, until `switch`; by default everything is allowed and works at once.
        on_output: called with each line of the engine's progress.
        say: called with what a user should know beyond that (recovery, stopping).

    Raises:
        PortTakenError: on entering, when another process listens on the front's port.
        RunGoesOnError: on entering, when another run uses the home.
        PulumiUnavailableError: on entering, when there is no CLI.
    """

    def __init__(
        self,
        *,
        home: Path,
        simulator_url: str,
        account_sid: str,
        auth_token: str,
        config: Mapping[str, str] = MappingProxyType({}),
        secrets: Mapping[str, str] = MappingProxyType({}),
        environment: Mapping[str, str] = MappingProxyType({}),
        front_port: int = FRONT_PORT,
        program: Callable[[], None] = deploy_project,
        pulumi: PulumiCommand | None = None,
        cleans_up: bool = True,
        google: Switches = ALL_WORKS,
        on_output: Say = ignored,
        say: Say = ignored,
    ) -> None:
        self.home = home.absolute()
        self._backend = self.home / "backend"
        # Without sidecar files, which the engine does not write in one step: a kill while it writes one makes the state
        # unreadable ("failed to load checkpoint: EOF").
        self._backend_url = f"{self._backend.as_uri()}?metadata=skip"
        self._program = program
        self._refusal = ""
        self._more_environment = environment
        self._pulumi = pulumi
        self._cleans_up = cleans_up
        self._on_output = on_output
        self._say = say
        self._cloud = RunningCloud(self.home, front_port, simulator_url, google)
        self._opened = ExitStack()
        self._recovered = False
        self._twilio = {
            "twilioBaseUrl": ConfigValue(simulator_url),
            "twilioAccountSid": ConfigValue(account_sid),
            "twilioAuthToken": ConfigValue(auth_token, secret=True),
        }
        self._more_config = _values(config, secrets)
        self._engine: EngineCommand
        self._workspace: Workspace
        self._stack: Stack
        self._outputs: Mapping[str, Any] | None = None

    def __enter__(self) -> "LocalStack":
        with ExitStack() as opening:
            opening.enter_context(only_run(self.home))
            self._engine = EngineCommand(self._pulumi or obtain_pulumi(ignored))
            opening.enter_context(scrubbed_process(self._more_environment))
            opening.enter_context(self._cloud)
            self._workspace = self._open_workspace()
            self._stack = Stack.create_or_select(STACK, self._workspace)
            self._set_config()
            self._opened = opening.pop_all()
        return self

    def __exit__(self, *_exc: TracebackType | type[BaseException] | BaseException | None) -> None:
        self._opened.close()

    @property
    def front_url(self) -> str:
        """Where the functions answer: `{front_url}/{function name}/...`."""
        return self._cloud.front_url

    @property
    def function_name(self) -> str:
        """The name of the public function of this stack."""
        return f"{PROJECT}-{STACK}"

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The stack's outputs after the last `up`, with secrets in plain text."""
        if self._outputs is None:
            self._outputs = self._workspace.read_outputs(STACK)
        return self._outputs

    @property
    def is_empty(self) -> bool:
        """Whether nothing is deployed, as far as the state knows; a killed run may have left something."""
        return not (self._stack.export_stack().deployment or {}).get("resources")

    def export(self) -> dict[str, Any]:
        """The state, with secrets in plain text."""
        return dict(self._stack.export_stack().deployment or {})

    def function_log(self) -> Path:
        """The file with what all functions wrote since this stack was opened: their JSON lines, and anything else."""
        return self._cloud.function_log

    def identity_token(self, email: str, audience: str) -> str:
        """A service account's token, with which it may call what it has the invoker's role for."""
        return self._cloud.identity_token(email, audience)

    def switch(self, google: Switches) -> None:
        """Let the Google project behave in another way from now on."""
        self._cloud.switch(google)

    def configure(self, config: Mapping[str, str], secrets: Mapping[str, str] = MappingProxyType({})) -> None:
        """Replace what the stack was given as `config` and `secrets`; what is deployed runs on."""
        self._more_config = _values(config, secrets)
        self._set_config()

    def preview(self, *, diff: bool = False) -> Changes:
        """What `up` would do; with `diff`, the output names each property that changes, with both values.

        Raises:
            EngineFailedError: the program or the engine refused.
            StoppedError: the user stopped it.
        """
        with self._operation("preview"):
            result = self._stack.preview(diff=diff, on_output=self._on_output, on_error=self._on_output)
        return Changes(_counts(result.change_summary))

    def up(self, *, preview: bool = True, replace: Sequence[str] = ()) -> Changes:
        """Deploy, after a preview unless the caller needs none; make these URNs again. Raises as `preview` does."""
        if preview:
            self.preview()
        self._outputs = None
        with self._operation("up"):
            result = self._stack.up(
                show_secrets=False, replace=list(replace), on_output=self._on_output, on_error=self._on_output
            )
        return Changes(_counts(result.summary.resource_changes))

    def refresh(self) -> Changes:
        """Update the state from the resources as they are. Raises as `preview` does."""
        result = self._with_the_program("refresh", self._stack.refresh)
        return Changes(_counts(result.summary.resource_changes))

    def destroy(self) -> Changes:
        """Destroy everything. Raises as `preview` does."""
        result = self._with_the_program("destroy", self._stack.destroy)
        return Changes(_counts(result.summary.resource_changes))

    def recover(self) -> None:
        """Clean up what a killed run left. Every operation begins with it; only the first call does anything.

        Raises:
            RunGoesOnError: an engine that no run of ours started works on this stack.
        """
        if self._recovered:
            return
        self._recovered = True
        self._end_leftovers()
        if locks := engine_locks(self._backend):
            for lock in locks:
                if lock.holder_lives:
                    raise RunGoesOnError(
                        f"an engine that was not started from here works on this stack (process {lock.pid} on "
                        f"{lock.host}): wait for it, or stop it; if it no longer runs, remove {lock.path}"
                    )
            self._say("An earlier run was killed while it worked; removing its lock.")
            self._stack.cancel()
        if not self._cloud.is_empty or locks:
            self._forget_what_nobody_knows()

    def _end_leftovers(self) -> None:
        found = leftovers(self.home)
        if found:
            numbers = ", ".join(str(process.pid) for process in found)
            self._say(f"An earlier run was killed and left processes behind; ending them: {numbers}.")
            end(found)

    def _forget_what_nobody_knows(self) -> None:
        deployment = self._stack.export_stack().deployment or {}
        if pending := deployment.get("pending_operations"):
            self._say(f"{len(pending)} steps of that run were not finished; refreshing the state.")
            self._with_the_program("refresh", partial(self._stack.refresh, clear_pending_creates=True))
            deployment = self._stack.export_stack().deployment or {}
        if not self._cleans_up:
            return
        known = [(found["type"], found.get("id", "")) for found in deployment.get("resources") or ()]
        for gone in self._cloud.keep_only(known):
            self._say(f"{gone} was made by a run that did not record it; removed.")

    def _with_the_program(self, name: str, command: Callable[..., _Result]) -> _Result:
        """Run the program too, where possible, for the present configuration instead of the one in the state.

        On an incomplete stack it may not be possible: the engine passes a resource that was never created to the
        program with its inputs as outputs, and a program that needs more fails.
        """
        run = partial(command, show_secrets=False, on_output=self._on_output, on_error=self._on_output)
        try:
            with self._operation(name):
                return run(run_program=True)
        except EngineFailedError:
            self._say(f"The program does not run on this incomplete stack; {name} continues without it.")
        with self._operation(name):
            return run(run_program=False)

    @contextmanager
    def _operation(self, name: str) -> Iterator[None]:
        """One command of the engine, after recovery; it can be stopped, and its failure becomes one message."""
        self.recover()
        _forget_callbacks()
        self._refusal = ""
        try:
            with self._engine.stopping_on_interrupt(self._say):
                yield
        except StoppedError:
            end(leftovers(self.home))  # a killed engine leaves its plugins
            raise
        except CommandError as error:
            raise EngineFailedError(f"pulumi {name} failed: {reason_of(str(error), self._refusal)}") from None

    def _run_program(self) -> None:
        """Run the program, and remember why it refused."""
        try:
            self._program()
        except pulumi.RunError as refusal:
            self._refusal = str(refusal)
            raise

    def _open_workspace(self) -> Workspace:
        work = self.home / "project"
        for folder in (work, self._backend):
            folder.mkdir(parents=True, exist_ok=True)
        self._write_project(work)
        return Workspace(
            work_dir=str(work),
            pulumi_home=str(self.home / "pulumi-home"),
            program=self._run_program,
            env_vars=self._environment(),
            pulumi_command=self._engine,
        )

    def _write_project(self, folder: Path) -> None:
        """Write the Pulumi.yaml that ships, with another backend and without the runtime's options.

        It is a file because the Automation API drops keys that it does not know, `options` among them.
        """
        shipped = yaml.safe_load((ROOT / "Pulumi.yaml").read_text(encoding="utf-8"))
        project = {**shipped, "runtime": "python", "backend": {"url": self._backend_url}}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")

    def _set_config(self) -> None:
        """Set exactly what this run was given: keys of earlier runs go, the encryption's salt stays."""
        given = {
            **self._twilio,
            "publicUrl": ConfigValue(f"{self.front_url}/{self.function_name}"),
            "gcp:project": ConfigValue(Place.project),
            "gcp:region": ConfigValue(Place.region),
            **self._more_config,
        }
        settings = self._workspace.stack_settings(STACK) if self._has_settings() else StackSettings()
        settings.config = None
        self._workspace.save_stack_settings(STACK, settings)
        self._workspace.set_all_config(
            STACK, {key if ":" in key else f"{PROJECT}:{key}": v for key, v in given.items()}
        )

    def _has_settings(self) -> bool:
        return (self.home / "project" / f"Pulumi.{STACK}.yaml").exists()

    def _environment(self) -> dict[str, str]:
        return {
            **self._more_environment,
            HOME_VARIABLE: str(self.home),
            # Each run of the CLI allocates a lot before it does anything; collecting it is a third of that time.
            "GOGC": "400",
            "PULUMI_BACKEND_URL": self._backend_url,
            "PULUMI_CONFIG_PASSPHRASE": _PASSPHRASE,
            "PULUMI_DEBUG_PROVIDERS": f"gcp:{self._cloud.provider_port}",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_PYTHON_CMD": sys.executable,
            # The process of the dynamic resources starts in another folder, and imports `infra` from here.
            "PYTHONPATH": str(ROOT),
        }


def _forget_callbacks() -> None:
    """Forget callback servers that an earlier program left in this process.

    A program that fails never stops its server. The next program would try to, from another event loop, and fail (seen
    with pulumi 3.259: "got Future ... attached to a different loop").
    """
    _CallbackServicer._servicers.clear()  # noqa: SLF001 - there is no public API for it


def _values(config: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, ConfigValue]:
    return {key: ConfigValue(value) for key, value in config.items()} | {
        key: ConfigValue(value, secret=True) for key, value in secrets.items()
    }


def _counts(changes: Mapping[Any, int] | None) -> dict[str, int]:
    return {str(getattr(kind, "value", kind)): count for kind, count in (changes or {}).items()}


def reason_of(output: str, refusal: str = "") -> str:
    """Return why a command failed: the engine's errors, each once, after `error: ` or as items of a list below it.

    Args:
        output: everything that the engine printed.
        refusal: what the program said when it refused. An engine that ends before it has heard that names only its own
            end (seen with pulumi 3.259, on a busy machine).
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    found = (line.removeprefix("* ") if line.startswith("* ") else line.partition("error: ")[2] for line in lines)
    reasons = list(dict.fromkeys(filter(None, found)))
    telling = [reason for reason in reasons if reason not in {"update failed", "preview failed", "1 error occurred:"}]
    if refusal and all(ENGINE_ENDED in reason for reason in telling):
        return refusal
    return os.linesep.join(telling or reasons) or (lines[-1] if lines else "no reason given")


__all__ = ["Changes", "EngineFailedError", "LocalStack", "RunGoesOnError", "StoppedError"]
