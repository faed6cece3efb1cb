"""`python -m laptop`: commands that need only this machine and no account. `make demo` calls them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from laptop.demo import DemoOptions, run_demo

CHATS = Path(__file__).parents[1] / "chats"

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def about() -> None:
    """Run the whole product on this machine: Twilio is simulated, the Pulumi engine and the function are real."""


@app.command()
def demo(
    scripts: Annotated[list[Path] | None, typer.Argument(help="Chat scripts, or folders of them.")] = None,
    *,
    keep: Annotated[bool, typer.Option(help="Leave everything running after the chats, until Ctrl-C.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show each resource, each chat as a timeline, and each call's time.")
    ] = False,
    chats: Annotated[Path | None, typer.Option(help="Replay real chats from this CSV file instead of scripts.")] = None,
    first: Annotated[
        int | None, typer.Option(min=1, help="With --chats: replay only the first so many chats of the file.")
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="With --chats: skip broken rows, and say which.")
    ] = False,
    timeout: Annotated[str, typer.Option(help="The timeout to deploy.")] = "PT10M",
    warn_before: Annotated[str, typer.Option(help="The warnBefore to deploy.")] = "PT2M",
    port: Annotated[int, typer.Option(help="The simulator's port; 0 for any free port.")] = 8700,
    front_port: Annotated[int, typer.Option(help="The deployed function's port; 0 for any free port.")] = 8701,
    home: Annotated[
        Path | None, typer.Option(help="The folder of the local stack; in the user's cache by default.")
    ] = None,
    auth_token: Annotated[str | None, typer.Option(help="Deploy with this token, to see a wrong one refused.")] = None,
    foreign_webhook: Annotated[
        str | None, typer.Option(help="Set this as somebody else's webhook first, to see that it is not overwritten.")
    ] = None,
) -> None:
    """Deploy on this machine, play chats that time out, repair drift, destroy, and show that nothing is left."""
    options = DemoOptions(
        scripts=tuple(scripts or [CHATS]),
        keep=keep,
        verbose=verbose,
        chats=chats,
        first=first,
        skip_bad=skip_bad,
        timeout=timeout,
        warn_before=warn_before,
        port=port,
        front_port=front_port,
        home=home,
        auth_token=auth_token,
        foreign_webhook=foreign_webhook,
    )
    raise typer.Exit(run_demo(options, Console(highlight=False)))


if __name__ == "__main__":
    app()
