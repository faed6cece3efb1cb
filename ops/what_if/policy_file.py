"""The policy of a what-if: read from a file, and the same with other timeouts."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from function.contract import format_duration
from function.policy import Policy, PolicyError, parse_policy, policy_document

SETTINGS = ("timeout", "warnBefore", "policy")


class PolicyFileError(ValueError):
    """A policy cannot be used; one line, with the way out."""


def read_document(path: Path | None) -> Mapping[str, Any]:
    """Read the settings `timeout`, `warnBefore` and `policy` from a JSON file, or the policy alone; none for defaults.

    Raises:
        PolicyFileError: the file cannot be read, is not JSON, or is not a policy.
    """
    if path is None:
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyFileError(f"{path}: cannot be read ({error.strerror}); name a JSON file") from None
    except (ValueError, RecursionError) as error:
        raise PolicyFileError(f"{path}: is not JSON ({error}); see docs/policy.md") from None
    if not isinstance(document, dict):
        raise PolicyFileError(f"{path}: is not an object; see docs/policy.md")
    settings = document if set(document) & set(SETTINGS) else {"policy": document}
    try:
        parse_policy(settings)
    except PolicyError as error:
        raise PolicyFileError(f"{path}: {'; '.join(str(each) for each in error.problems)}") from None
    return settings


def with_timeout(document: Mapping[str, Any], timeout: timedelta) -> Policy | None:
    """Return the policy with another default timeout; None if its warnings or its rules do not fit that.

    A `warnBefore` that does not fit is left out, as a person would.
    """
    changed = {**document, "timeout": format_duration(timeout)}
    for candidate in (changed, {**changed, "warnBefore": "PT0S"}):
        try:
            return parse_policy(candidate)
        except PolicyError:
            continue
    return None


def fingerprint(policy: Policy) -> str:
    """Return a fingerprint of what a policy means, whatever its file looks like."""
    text = json.dumps(policy_document(policy), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
