"""`inactivity probe`, as an operator types it."""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from function.chat import sid_or_none
from infra.twilio_resources.client import find_credentials
from ops.messages import one_line
from ops.probe import account, report
from ops.probe.api import TwilioApi
from ops.probe.budget import Budget
from ops.probe.clock import Clock, SystemClock
from ops.probe.errors import ProbeError
from ops.probe.listener import Listener
from ops.probe.probing import CHECK, Report, clean, plan, probe

DEFAULT_PORT = 8798


@dataclass(frozen=True)
class Surroundings:
    """What the command touches of the world; tests hand in others as the `obj` of Typer's context."""

    clock: Clock = field(default_factory=SystemClock)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)


def probe_command(
    context: typer.Context,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    listen: Annotated[
        str | None, typer.Option(metavar="URL", help="Address of a tunnel to this machine, to receive webhooks.")
    ] = None,
    port: Annotated[int, typer.Option(help="Where that tunnel leads to on this machine.")] = DEFAULT_PORT,
    out: Annotated[Path | None, typer.Option(help="The file to write; twilio-dialect-DATE.json by default.")] = None,
    json_: Annotated[
        bool, typer.Option("--json", help="Print the file's content, and progress on standard error.")
    ] = False,
    clean_: Annotated[bool, typer.Option("--clean", help="Only remove what a killed probe left.")] = False,
    any_account: Annotated[
        bool, typer.Option("--any-account", help="The account need not be a subaccount: nobody else uses it.")
    ] = False,
    base_url: Annotated[
        str | None, typer.Option(envvar="TWILIO_BASE_URL", help="Another address of Twilio's API, e.g. a simulator's.")
    ] = None,
    edge: Annotated[str | None, typer.Option(envvar="TWILIO_EDGE", help="Where calls enter Twilio's network.")] = None,
) -> None:
    """Settle by experiment what Twilio does not document, on a scratch subaccount, and write a file for the simulator.

    Says first what it costs, and asks. Everything that it creates is removed, also after Ctrl-C.
    The account comes from TWILIO_ACCOUNT_SID, the credentials from TWILIO_AUTH_TOKEN or an API key.

    Exit status: 0, it ran to its end; 1, it stopped early or something could not be removed; 2, nothing was done.
    """
    surroundings = context.obj if isinstance(context.obj, Surroundings) else Surroundings()
    with _errors_in_one_line(), _terminated_like_interrupted():
        api = _api(surroundings, *_place(context, base_url, edge))
        console, progress = Console(highlight=False), _Progress(surroundings.clock)
        if clean_:
            account.require_own(api)
            left = clean(api, surroundings.clock, progress.say)
            for line in left or ["Nothing of a probe is left."]:
                _print(console, line)
            raise typer.Exit(1 if left else 0)
        file = _writable(out or Path(f"twilio-dialect-{surroundings.clock.now():%Y-%m-%d}.json"))
        with api.within(Budget(CHECK, surroundings.clock)):
            account.check(api, any_account=any_account)
        with Listener(listen, port) if listen else nullcontext() as listener:
            if listener:
                listener.check()
            for line in report.announced(api.account_sid, plan(listening=listener is not None)):
                _print(progress.console, line)
            if not yes and not typer.confirm("Go ahead?", err=True):
                _stop("nothing was done")
            found = probe(api, surroundings.clock, listener, progress.say)
        text = report.document(api.account_sid, found)
        if out or not json_:
            file.write_text(text, encoding="utf-8")
        if json_:
            typer.echo(text, nl=False)
        else:
            _show(console, found, file)
    raise typer.Exit(1 if found.stopped or found.left else 0)


def _show(console: Console, found: Report, file: Path) -> None:
    console.print(report.table(found))
    for line in report.verdict(found):
        _print(console, line)
    _print(console, f"Written to {file}: python -m simulator --dialect {file} speaks like this.")


def _writable(file: Path) -> Path:
    """Refuse a file that cannot be written before anything is spent on its content."""
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise ProbeError(f"cannot write {file}: choose another with --out")
    return file


def _place(context: typer.Context, base_url: str | None, edge: str | None) -> tuple[str | None, str | None]:
    """Another address of Twilio's, and the edge; an edge that is typed wins over an address that is exported."""
    sources = (context.get_parameter_source(name) for name in ("base_url", "edge"))
    address_is_typed, edge_is_typed = (source is not None and source.name == "COMMANDLINE" for source in sources)
    if address_is_typed and edge_is_typed:
        raise ProbeError(
            f"--base-url is {base_url} and --edge is {edge}, which only Twilio's own address has: give one"
        )
    return (None if edge_is_typed else base_url), edge


def _api(surroundings: Surroundings, base_url: str | None, edge: str | None) -> TwilioApi:
    environment = surroundings.environment
    sid = environment.get("TWILIO_ACCOUNT_SID", "")
    if sid_or_none(sid, "AC") is None:
        raise ProbeError("no account: export TWILIO_ACCOUNT_SID, AC followed by 32 hexadecimal digits")
    credentials = find_credentials(environment, lambda _key: None)
    return TwilioApi(sid, credentials, surroundings.clock, base_url=base_url, edge=edge)


class _Progress:
    """Lines on standard error, each with the time since the start."""

    def __init__(self, clock: Clock) -> None:
        self.console = Console(stderr=True, highlight=False)
        self._clock = clock
        self._began: datetime | None = None

    def say(self, line: str) -> None:
        self._began = self._began or self._clock.now()
        seconds = int((self._clock.now() - self._began).total_seconds())
        _print(self.console, f"{seconds // 60:02}:{seconds % 60:02} {line}")


def _print(console: Console, line: str) -> None:
    """Print text, never markup, because part of it comes from elsewhere."""
    console.print(one_line(line), soft_wrap=True, markup=False)


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    """End the command with one line and status 2 on any error, never with a traceback."""
    try:
        yield
    except typer.Exit:
        raise
    except typer.Abort:
        _stop("nothing was done")
    except ProbeError as error:
        _stop(str(error))
    except KeyboardInterrupt:
        _stop("interrupted; if anything was created, bin/inactivity probe --clean removes it")
    except Exception as error:  # noqa: BLE001 -- an operator needs one line, not a traceback
        _stop(f"{type(error).__name__}: {error}; if anything was created, bin/inactivity probe --clean removes it")


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM clean up as Ctrl-C does; SIGINT too, which a shell has ignored for what it runs in the background."""

    def interrupt(_number: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(why: str) -> NoReturn:
    _print(Console(stderr=True, highlight=False), why)
    raise typer.Exit(2)
