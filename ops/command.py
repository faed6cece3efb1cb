"""`bin/inactivity`: what an operator does with a deployment besides deploying it. `commands/` has a file for each."""

import typer

from ops.commands.backfill import backfill
from ops.commands.chat_tests import check_chats
from ops.commands.doctor import doctor
from ops.commands.end import end
from ops.commands.explain import explain
from ops.commands.extend import extend
from ops.commands.list_chats import list_chats
from ops.commands.off_and_on import off, on, status
from ops.commands.report import report
from ops.probe.command import probe_command
from ops.what_if.command import what_if

app = typer.Typer(
    name="inactivity",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

CHOOSE, SEE, ACT, SWITCH = (
    "Choose a policy, without a deployment",
    "See what happens",
    "Act in an incident",
    "Switch off and on",
)


@app.callback()
def about() -> None:
    """See what a deployed stack does and why, act in an incident, switch it off at once, and on again.

    Credentials come from the environment (TWILIO_AUTH_TOKEN or an API key; GOOGLE_OAUTH_ACCESS_TOKEN or gcloud), or
    from the stack's config. `--json` prints one document. Everything can be tried without an account:
    `make demo KEEP=1`.

    Exit status: 0, done; 1, something failed or was found, and its line says what; 2, nothing was done.
    """


app.command(rich_help_panel=SEE)(explain)
app.command(name="list", rich_help_panel=SEE)(list_chats)
app.command(rich_help_panel=SEE)(doctor)
app.command(rich_help_panel=SEE)(report)
app.command(rich_help_panel=ACT)(end)
app.command(rich_help_panel=ACT)(extend)
app.command(rich_help_panel=ACT)(backfill)
app.command(rich_help_panel=SWITCH)(off)
app.command(rich_help_panel=SWITCH)(on)
app.command(rich_help_panel=SWITCH)(status)
app.command(name="what-if", rich_help_panel=CHOOSE)(what_if)
app.command(name="test", rich_help_panel=CHOOSE)(check_chats)
app.command(name="probe", rich_help_panel=CHOOSE)(probe_command)
