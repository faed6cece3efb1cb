"""Nothing that could lead to a real cloud, account or backend is seen by a local run; afterwards it is all back."""

import os

import pytest

from laptop.environment import scrubbed, scrubbed_process

DANGEROUS = {
    "GOOGLE_APPLICATION_CREDENTIALS": "/key.json",
    "GOOGLE_CLOUD_PROJECT": "real",
    "CLOUDSDK_CORE_PROJECT": "real",
    "TWILIO_AUTH_TOKEN": "real",
    "PULUMI_ACCESS_TOKEN": "real",
    "PULUMI_BACKEND_URL": "gs://real",
    "AWS_SECRET_ACCESS_KEY": "real",
    "PYTHONPATH": "/elsewhere",
}


@pytest.fixture
def dangerous(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell in which somebody works with real accounts."""
    for key, value in DANGEROUS.items():
        monkeypatch.setenv(key, value)


def test_what_reaches_real_accounts_is_left_out() -> None:
    """Credentials, projects and backends go; what a program needs to run stays."""
    harmless = {"PATH": "/bin", "HOME": "/home/x", "LANG": "C.UTF-8", "HTTPS_PROXY": "http://proxy"}
    assert scrubbed(DANGEROUS | harmless) == harmless


def test_this_process_does_not_see_it_while_the_stack_is_open(dangerous: None) -> None:
    """The inline program reads `os.environ` too."""
    with scrubbed_process():
        assert not DANGEROUS.keys() & os.environ.keys()


def test_everything_is_back_afterwards_even_after_a_failure(dangerous: None) -> None:
    """A local stack leaves the environment of tests and shells unchanged."""
    with pytest.raises(RuntimeError), scrubbed_process():
        raise RuntimeError
    assert DANGEROUS.items() <= os.environ.items()
