"""What somebody else owns, and the config names: how it is read, and what of it does not go together."""

import pytest

from infra.existing import Existing, ExistingAccount, ExistingSecret
from tests.infra.test_program import RUN, only, program
from tests.infra.test_stack_config import parse, refusal

THEIRS = "runner@security.iam.gserviceaccount.com"
VERSION = "projects/security/secrets/twilio/versions/7"
KEPT = {"twilioAuthToken": None, "twilioAuthTokenVersion": VERSION, "runServiceAccount": THEIRS}
TOKEN = {"TWILIO_AUTH_TOKEN": "5e" * 16}
IMAGES = "projects/security/locations/us-central1/repositories/images"
MADE = {
    "Account",
    "IAMMember",
    "Repository",
    "RepositoryIamMember",
    "Secret",
    "SecretIamMember",
    "SecretVersion",
    "Service",
}
"""Types that need more than the rights of whoever deploys a function."""


def test_by_default_the_program_makes_everything() -> None:
    """Nothing is named."""
    assert parse().existing == Existing()


def test_accounts_and_versions_are_read() -> None:
    """By email, and by the name that gcloud prints."""
    config = parse(environment=TOKEN, **KEPT, buildServiceAccount="builder@p.example.com.iam.gserviceaccount.com")

    assert config.existing == Existing(
        build=ExistingAccount("builder@p.example.com.iam.gserviceaccount.com"),
        run=ExistingAccount(THEIRS),
        secrets={"twilioAuthToken": ExistingSecret("security", "twilio", "7")},
    )
    assert config.existing.build
    assert config.existing.build.name == (
        "projects/example.com:p/serviceAccounts/builder@p.example.com.iam.gserviceaccount.com"
    )


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (KEPT | {"runServiceAccount": None}, "twilioAuthTokenVersion names twilio, which the functions' account must"),
        (KEPT | {"twilioAuthToken": "5e" * 16}, "pulumi config rm twilioAuthToken, and export TWILIO_AUTH_TOKEN"),
        (
            KEPT | {"twilioApiKeySecretVersion": VERSION},
            "twilioApiKeySecretVersion is set without twilioApiKeySid; set both",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_with_the_way_out(config: dict[str, str | None], said: str) -> None:
    """A secret that nobody may read, or one that would be in the state all the same."""
    assert said in refusal(environment=TOKEN, **config)


def test_up_needs_the_token_in_the_environment_where_a_version_is_named() -> None:
    """It signs the test event; the config is no way out here."""
    said = refusal(preview=False, **KEPT)

    assert "twilioAuthToken is not set; export TWILIO_AUTH_TOKEN: it signs the test event, and is kept nowhere" in said
    assert parse(preview=False, environment=TOKEN, **KEPT).existing.secrets


def test_an_api_key_whose_secret_is_kept_elsewhere_calls_from_the_function_only() -> None:
    """The deployment itself calls with the token, unless the environment has the key's secret too."""
    config = parse(
        environment=TOKEN, **KEPT, twilioApiKeySid="SK" + "0a" * 16, twilioApiKeySecretVersion=VERSION, preview=False
    )

    assert (config.credentials.api_key_sid, config.credentials.api_key_secret) == ("SK" + "0a" * 16, None)


def test_of_what_is_named_nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """No account, no API, no secret, and no right in the project: whoever deploys administers none of them."""
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN["TWILIO_AUTH_TOKEN"])
    graph = program(
        **KEPT,
        buildServiceAccount=THEIRS,
        scheduleServiceAccount=THEIRS,
        imageRepository=IMAGES,
        enableApis="false",
        preview=True,
    )

    assert [name for name, each in graph.resources.items() if each.type.rpartition(":")[2] in MADE] == []
    for function in graph.of(":Function"):
        service, build = function.inputs["serviceConfig"], function.inputs["buildConfig"]
        assert service["secretEnvironmentVariables"] == [
            {"key": "TWILIO_AUTH_TOKEN", "projectId": "security", "secret": "twilio", "version": "7"}
        ]
        assert service["serviceAccountEmail"] == THEIRS
        assert build["dockerRepository"] == IMAGES
        assert build["serviceAccount"] == f"projects/security/serviceAccounts/{THEIRS}"
    assert only(graph, ":Job").inputs["httpTarget"]["oidcToken"]["serviceAccountEmail"] == THEIRS


def test_rights_on_what_is_made_here_are_granted_to_accounts_of_others() -> None:
    """On bucket and repository, on our secret and on the sweep; in the project they are the owner's to grant."""
    graph = program(buildServiceAccount=THEIRS, runServiceAccount=THEIRS, scheduleServiceAccount=THEIRS)
    granted = {each.inputs["role"] for each in graph.resources.values() if THEIRS in each.inputs.get("member", "")}

    assert granted == {
        "roles/artifactregistry.writer",
        "roles/storage.objectViewer",
        "roles/secretmanager.secretAccessor",
        "roles/run.invoker",
    }
    assert graph.of(":IAMMember") == []


def test_a_secret_of_somebody_elses_stands_beside_one_of_ours() -> None:
    """Each secret is a choice of its own."""
    graph = program(runServiceAccount=THEIRS, twilioAuthTokenSecondaryVersion=VERSION)

    assert [each.name for each in graph.of("manager/secret:Secret")] == ["inactivity-foundation-twilio-auth-token"]
    assert RUN not in {each.inputs.get("member") for each in graph.resources.values()}
