"""The demo: the whole product on one machine, from nothing to nothing.

It defines the steps, their order and the exit status. The stack, the player and the replay do the work.
"""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from function.policy import Policy, PolicyError, parse_policy
from laptop import demo_output as output
from laptop.chat_player import Assumption, ChatPlayer, Check
from laptop.chat_script import POLICY_FILE, ChatScript, ScriptError, find_scripts, policy_beside, read_script
from laptop.decision_feed import decision_feed
from laptop.engine_output import EngineOutput
from laptop.footprint import Footprint
from laptop.function_log import FunctionLog
from laptop.interruption import Interrupted, Interruption
from laptop.operating import operator_environment, operator_lines
from laptop.ports import PortTakenError, listen
from laptop.progress import shown_progress
from laptop.pulumi_cli import CACHE, PulumiUnavailableError, obtain_pulumi
from laptop.replay import Replay, ReplayError
from laptop.replay_report import progress_shown, report, report_pace
from laptop.stack import EngineFailedError, LocalStack, RunGoesOnError, StoppedError
from laptop.strip import Strip
from laptop.timeline import Story, Timeline
from laptop.twilio_settings import SettingsError, SettingsReader, TwilioSettings
from ops.what_if.history import History, HistoryError, PastChat, skipped
from simulator.client import HttpTransport, SimulatorClient, SimulatorError
from simulator.process import SimulatorStartError, simulator_process

EXPECTED_ERRORS = (
    EngineFailedError,
    HistoryError,
    PolicyError,
    PortTakenError,
    PulumiUnavailableError,
    ReplayError,
    RunGoesOnError,
    ScriptError,
    SettingsError,
    SimulatorError,
    SimulatorStartError,
)
"""What can go wrong on a user's machine: shown as one message, without a traceback."""

INTERRUPTED_STATUS = 130


@dataclass(frozen=True)
class DemoOptions:
    """The options of the command line; see `python -m laptop demo --help`."""

    scripts: tuple[Path, ...]
    keep: bool = False
    verbose: bool = False
    chats: Path | None = None
    first: int | None = None
    skip_bad: bool = False
    timeout: str = "PT10M"
    warn_before: str = "PT2M"
    port: int = 8700
    front_port: int = 8701
    home: Path | None = None
    auth_token: str | None = None
    foreign_webhook: str | None = None


def run_demo(options: DemoOptions, console: Console) -> int:
    """Run the demo and return the exit status: 0 only if every expectation held."""
    try:
        with Interruption(lambda: console.print("\nStopping ...", style="yellow")) as interruption:
            return _run(options, console, interruption)
    except (Interrupted, StoppedError):
        console.print("Stopped, as you asked; nothing is left running.", style="yellow")
        return INTERRUPTED_STATUS
    except EXPECTED_ERRORS as error:
        console.print(f"\n[bold red]The demo stopped:[/] {escape(str(error))}", soft_wrap=True)
        return 1


def _config(options: DemoOptions) -> dict[str, str]:
    """The stack's config; a replay does not use the policy beside the scripts."""
    policy = None if options.chats else policy_beside(options.scripts)
    return {"timeout": options.timeout, "warnBefore": options.warn_before, "policy": policy or "{}"}


def _policy(config: dict[str, str]) -> Policy:
    """The policy to deploy.

    Raises:
        PolicyError: an option is wrong.
        ScriptError: the policy beside the scripts is; the message says where policies are described.
    """
    try:
        return parse_policy(config | {"policy": json.loads(config["policy"])})
    except PolicyError as error:
        if not str(error).startswith("policy"):
            raise
        raise ScriptError(f"{POLICY_FILE} beside the scripts: {error} (docs/policy.md says what it may hold)") from None


def _history(options: DemoOptions) -> tuple[tuple[PastChat, ...], str]:
    """The past chats to replay, and what to say of rows that were skipped; the whole file is read and checked.

    Raises:
        HistoryError: it cannot be replayed.
    """
    if options.chats is None:
        return (), ""
    history = History(options.chats, skip_bad=options.skip_bad)
    chats = tuple(history.chats())
    return chats[: options.first], skipped(history.broken, history.named)


def _run(options: DemoOptions, console: Console, interruption: Interruption) -> int:
    # Check all input before anything starts.
    config = _config(options)
    policy = _policy(config)
    history, skipped_rows = _history(options)
    scripts = [] if options.chats else [read_script(path) for path in find_scripts(options.scripts)]
    for script in scripts:
        Assumption(policy.default.timeout, policy.default.warn_before).check(script)
    for port, purpose, option in (
        (options.port, "the simulator", "--port"),
        (options.front_port, "the deployed function", "--front-port"),
    ):
        listen(port, purpose=purpose, option=option).close()

    with Footprint() as footprint, ExitStack() as running:
        simulator = running.enter_context(simulator_process(options.port))
        output.introduction(console, simulator)
        if skipped_rows:
            console.print(skipped_rows, style="yellow", markup=False)
        transport = HttpTransport(simulator.url, (simulator.account_sid, simulator.auth_token))
        running.callback(transport.close)
        twilio = SimulatorClient(transport)
        if history:
            twilio.reset(now=min(chat.messages[0].at for chat in history))
        demo = _Demo(options, console, interruption, twilio)
        with demo.deployed(), demo.shown_on_the_page():
            if history:
                held = demo.replay(history, policy.default.timeout, footprint)
            else:
                held = demo.play(scripts) and demo.drift()
            if options.keep:
                lines = operator_lines(operator_environment(demo.stack, simulator.auth_token))
                output.instructions(console, simulator.url, demo.stack.function_log(), lines)
                output.open_page(console, simulator.url)
                interruption.wait()
        held = demo.restored and held
    if held:
        output.next_steps(console)
    output.failures(console, demo.checks)
    output.whole_verdict(console, demo.checks, held)
    return 0 if held else 1


class _Demo:
    """The steps of the demo, on one simulator and one local stack."""

    def __init__(
        self,
        options: DemoOptions,
        console: Console,
        interruption: Interruption,
        twilio: SimulatorClient,
    ) -> None:
        self._options = options
        self._console = console
        self._interruption = interruption
        self._twilio = twilio
        self._settings = SettingsReader(twilio)
        self._engine = EngineOutput(console, verbose=options.verbose)
        with shown_progress() as progress:
            pulumi = obtain_pulumi(progress)
        self.stack = LocalStack(
            home=options.home or CACHE / "demo",
            simulator_url=twilio.url,
            account_sid=twilio.account.account_sid,
            auth_token=options.auth_token or twilio.account.auth_token,
            # A replay plays days in minutes, where a sweep costs real time and no webhook is ever lost.
            config=_config(options) | ({"sweepEvery": "PT1H"} if options.chats else {}),
            front_port=options.front_port,
            pulumi=pulumi,
            on_output=self._engine.line,
            say=self._say,
        )
        self.restored = False
        self.checks: list[Check] = []

    @contextmanager
    def deployed(self) -> Iterator[None]:
        """Run `up` before and `destroy` after the block, whatever happens in it, and check that nothing is left."""
        if self._options.foreign_webhook:
            self._settings.change(
                self._settings.service_webhook, PostWebhookUrl=self._options.foreign_webhook, Method="POST"
            )
        with self.stack:
            self.stack.recover()
            if not self.stack.is_empty:  # its Twilio is gone: a simulator keeps nothing when it ends
                self._say("An earlier run left its stack; destroying that first.")
                with self._engine.of("pulumi destroy"):
                    self.stack.destroy()
            before = self._settings.read()
            output.settings(self._console, "Twilio's settings before", before)
            try:
                self._heading("pulumi up")
                with self._engine.of("pulumi up"):
                    self.stack.up()
                output.settings(self._console, "Twilio's settings now", self._settings.read())
                yield
            except BaseException:
                self._undo_after_failure(before)
                raise
            self._undo(before)

    def shown_on_the_page(self) -> AbstractContextManager[None]:
        """Let the simulator's page show the function's decisions, if there is somebody to open it."""
        return decision_feed(self._twilio, self.stack.function_log()) if self._options.keep else nullcontext()

    def play(self, scripts: list[ChatScript]) -> bool:
        """Play every script, and return whether every expectation held."""
        output.heading(self._console, f"{len(scripts)} chats")
        story: Story = (Timeline if self._options.verbose else Strip)(self._console)
        player = ChatPlayer(self._twilio, FunctionLog(self.stack.function_log()), story.tell)
        for script in scripts:
            self._interruption.check()
            story.begin(script)
            self.checks += player.play(script)
            story.end()
        return all(check.held for check in self.checks)

    def drift(self) -> bool:
        """Change a timer behind Pulumi's back, and return whether `up` found and repaired it."""
        self._heading("drift")
        self._console.print("Somebody sets the account's default inactive timer to an hour, behind Pulumi's back:")
        deployed = self._settings.read()
        try:
            self._settings.change("Configuration", DefaultInactiveTimer="PT1H")
            output.differences(self._console, deployed.differences(self._settings.read()))
            with self._engine.of("pulumi up"):
                self.stack.up(preview=False)
        except BaseException:  # undo the change, also when stopped in between
            timer = deployed.documents["Configuration"]["default_inactive_timer"]
            self._settings.change("Configuration", DefaultInactiveTimer=timer)
            raise
        left = deployed.differences(self._settings.read())
        output.verdict(self._console, not left, "Drift was found and repaired", "the drift is still there")
        with self._engine.of("pulumi up"):
            again = self.stack.up(preview=False)
        output.verdict(
            self._console, not again.changed, "Another `up` has nothing to do", "another `up` changed things"
        )
        return not left and not again.changed

    def replay(self, history: tuple[PastChat, ...], timeout: timedelta, footprint: Footprint) -> bool:
        """Replay past chats, and return whether both promises were kept."""
        output.heading(self._console, f"{len(history)} chats of the past")
        with progress_shown(self._console) as progress:

            def checked(done: int, total: int) -> None:
                self._interruption.check()
                progress(done, total)

            played, pace = Replay(self._twilio, history, checked).run()
        kept = report(self._console, played, timeout)
        report_pace(self._console, played, pace, footprint)
        return kept

    def _undo(self, before: TwilioSettings) -> None:
        output.heading(self._console, "pulumi destroy")
        with self._engine.of("pulumi destroy"):
            self.stack.destroy()
        self.restored = self._prove(before)

    def _undo_after_failure(self, before: TwilioSettings) -> None:
        """Undo too, and leave the first error to be reported last."""
        try:
            self._undo(before)
        except EXPECTED_ERRORS as error:
            self._console.print(f"\nDestroying failed too; the next run starts from here: {escape(str(error))}")

    def _prove(self, before: TwilioSettings) -> bool:
        after = self._settings.read()
        differences = before.differences(after)
        output.settings(self._console, "Twilio's settings after it", after)
        output.differences(self._console, differences)
        output.verdict(
            self._console,
            not differences,
            "Twilio's settings are what they were",
            "Twilio's settings are not what they were",
        )
        return not differences

    def _heading(self, title: str) -> None:
        self._interruption.check()
        output.heading(self._console, title)

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, style="yellow")
