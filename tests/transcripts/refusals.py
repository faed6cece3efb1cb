"""What a run says when the config cannot be used, and when Google refuses."""

from infra.propagation import CREATE, reaction
from infra.pulumi_run import PulumiRun
from infra.stack_config import StackConfigError, parse_stack_config
from laptop.gcp_provider import sentences
from tests.infra.program_graph import PROJECT
from tests.infra.test_refusals import APP_ENGINE, NO_JOBS, NO_SCHEDULER, TOO_MANY

NUMBER = "123456789012"
BUILDER = "inactivity-build-4c9b8d@my-project.iam.gserviceaccount.com"
ACT_AS = (
    "Error 403: Permission 'iam.serviceaccounts.actAs' denied on service account "
    "inactivity-run-4c9b8d@my-project.iam.gserviceaccount.com"
)
BAD_CONFIG = {
    "timeout": "5m",
    "warnBefore": "PT2M",
    "minInstances": "20",
    "notificationChannels": '["me@example.com"]',
    "secretRegions": "europe-west1, europe-west4",
    "timout": "PT5M",
    "twilioApiKeySid": "SK" + "0a" * 16,
    "twilioAuthTokenVersion": "projects/security/secrets/twilio/versions/latest",
}
REFUSED = (
    sentences.api_is_off("cloudresourcemanager.googleapis.com", NUMBER),
    ACT_AS,
    sentences.member_is_not_permitted(),
    sentences.secret_location_is_forbidden(NUMBER, "global"),
    sentences.bucket_location_is_forbidden("us-central1"),
    sentences.ingress_is_forbidden("my-project", "ALLOW_ALL"),
    NO_JOBS,
    APP_ENGINE,
    NO_SCHEDULER,
    TOO_MANY,
    "Error waiting to create function: Error waiting for Creating function: "
    + sentences.build_was_denied_its_source(NUMBER, "us-central1", f"{PROJECT}-prod", BUILDER),
)
"""Google's words about everything that has a way out; errors of accounts, rights and APIs are not of this run."""


def config_refusals() -> str:
    """The lines of one preview with everything wrong at once."""
    named = {f"{PROJECT}:{key}": value for key, value in BAD_CONFIG.items()}
    try:
        parse_stack_config(PulumiRun(PROJECT, "prod", True, named, frozenset()), environment={})
    except StackConfigError as refused:
        return f"```text\nerror: {refused}\n```"
    raise AssertionError("the config was accepted")


def google_refusals() -> str:
    """A table: what Google says, and what the run adds."""
    rows = (f"| {_cell(error)} | {_cell(reaction(error, CREATE, new=()).way_out or '')} |" for error in REFUSED)
    return "\n".join(["| Google says | the run adds |", "|---|---|", *rows])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("*", "\\*").replace("https://", "")
