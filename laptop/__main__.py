"""`python -m laptop`: commands that need no account, only this machine. `make demo` is the usual way in."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from laptop.demo import DemoOptions, run_demo

CHATS = Path(__file__).parents[1] / "chats"

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def about() -> None:
    """Run the whole product on this machine: Twilio simulated, the Pulumi engine and the function real."""


@app.command()
def demo(
    scripts: Annotated[list[Path] | None, typer.Argument(help="Chat scripts, or folders of them.")] = None,
    *,
    keep: Annotated[bool, typer.Option(help="Leave everything running after the chats, until Ctrl-C.")] = False,
    chats: Annotated[Path | None, typer.Option(help="Replay real chats from this CSV file instead of scripts.")] = None,
    first: Annotated[int | None, typer.Option(min=1, help="With --chats: only so many chats of the file.")] = None,
    timeout: Annotated[str, typer.Option(help="The policy's timeout to deploy.")] = "PT10M",
    warn_before: Annotated[str, typer.Option(help="The policy's warnBefore to deploy.")] = "PT2M",
    port: Annotated[int, typer.Option(help="The simulator's port; 0 takes any.")] = 8700,
    front_port: Annotated[int, typer.Option(help="The deployed function's port; 0 takes any.")] = 8701,
    home: Annotated[
        Path | None, typer.Option(help="Where the local stack lives; the user's cache unless given.")
    ] = None,
    auth_token: Annotated[str | None, typer.Option(help="Deploy with this token, to see a wrong one refused.")] = None,
    foreign_webhook: Annotated[
        str | None, typer.Option(help="Let somebody else's webhook stand there first, to see it respected.")
    ] = None,
) -> None:
    """Deploy on this machine, let chats time out, find and repair drift, destroy, and show that nothing is left."""
    options = DemoOptions(
        scripts=tuple(scripts or [CHATS]),
        keep=keep,
        chats=chats,
        first=first,
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
