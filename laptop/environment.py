"""The environment of a local run, without the variables that lead to a real cloud, account or Pulumi backend.

The engine and its plugins get `scrubbed()`. This process, in which the inline program runs, is scrubbed while a
`scrubbed_process()` block lasts.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

_REACHES_REAL_ACCOUNTS = (
    "GOOGLE_",
    "GCLOUD_",
    "GCP_",
    "CLOUDSDK_",
    "TWILIO_",
    "PULUMI_",
    "AWS_",
    "AZURE_",
    "ARM_",
    "VAULT_",
    "KUBE",
)
_MISLEADS_PYTHON = frozenset({"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"})


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that a local run may see."""
    return {key: value for key, value in environment.items() if not _is_scrubbed(key)}


@contextmanager
def scrubbed_process(added: Mapping[str, str] = MappingProxyType({})) -> Iterator[None]:
    """Remove the other variables from this process while the block lasts, and add these; then restore all."""
    taken = {key: os.environ.pop(key) for key in list(os.environ) if _is_scrubbed(key)}
    before = {key: os.environ[key] for key in added if key in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for key in added:
            os.environ.pop(key, None)
        os.environ.update(before | taken)


def _is_scrubbed(key: str) -> bool:
    return key in _MISLEADS_PYTHON or key.upper().startswith(_REACHES_REAL_ACCOUNTS)
