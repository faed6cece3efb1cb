"""Names that people and other systems see: the function's and its service accounts'.

A name carries project and stack, so that whatever refuses to be overwritten can say who owns it.
"""

import hashlib
import re
from collections.abc import Sequence

from function.contract import Route

TASKS_RETRIES = "rc=2&rp=5xx,ct,rt"
"""The fragment of the URL that TaskRouter's events go to: try twice again after a 5xx, no connection or no answer
(Twilio docs, webhooks connection overrides). Conversations' webhooks have no such thing. A fragment is neither sent nor
signed."""


LONGEST_PREFIX = 14
"""Characters, so that the longest role fits into a service account's id."""

LONGEST_FUNCTION_NAME = 49
"""Characters: Cloud Run's limit for the service below a function, tighter than the function's own 63."""


def function_name(project: str, stack: str, prefix: str = "") -> str:
    """Name of the stack's function: `{project}-{stack}`, made to fit Google's rules; with a prefix, that comes first.

    Where letters had to be changed or cut, a few digits of a hash keep two stacks from sharing one name.
    """
    wanted = f"{prefix}-{project}-{stack}" if prefix else f"{project}-{stack}"
    name = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")
    if not re.match(r"[a-z]", name):
        name = f"f-{name}"
    if name == wanted and len(name) <= LONGEST_FUNCTION_NAME:
        return name
    mark = _digits(wanted)
    return f"{name[: LONGEST_FUNCTION_NAME - len(mark) - 1].rstrip('-')}-{mark}"


def sweep_name(project: str, stack: str, prefix: str = "") -> str:
    """Name of the stack's second function; the word comes first, so that no stack's name can make it another's."""
    return function_name(f"sweep-{project}", stack, prefix)


def task_events_url(public_url: str) -> str:
    """What TaskRouter calls, and how often it tries again; `public_url` is the function's, without a route."""
    return f"{public_url}/{Route.TASKS}#{TASKS_RETRIES}"


def service_account_id(role: str, name: str, prefix: str = "") -> str:
    """Account id for a function's `build` or `run` service account: at most 30 characters, the same at every run."""
    return f"{prefix or 'inactivity'}-{role}-{_digits(name)}"


def bucket_name(prefix: str, google_project: str, name: str, location: str) -> str:
    """Name of the zips' bucket, the same at every run; all of Google's customers share the names of buckets."""
    return f"{prefix}-sources-{_digits(f'{google_project}/{name}/{location}', 12)}"


def project_host(project: str) -> str:
    """A project's id as a part of host names: `p`, and `p.example.com` for `example.com:p`, as in accounts' emails."""
    domain, _, own = project.rpartition(":")
    return f"{own}.{domain}" if domain else own


def project_of_account(email: str) -> str:
    """Id of the project that a service account belongs to: the other way round."""
    host = email.partition("@")[2].removesuffix(".iam.gserviceaccount.com")
    project, _, domain = host.partition(".")
    return f"{domain}:{project}" if domain else project


def secret_id(name: str, label: str, regions: Sequence[str]) -> str:
    """Id of a function's secret. Other regions are another secret, so both stand until the functions are updated."""
    return "-".join([name, label, *([_digits(",".join(regions))] if regions else [])])


def _digits(text: str, count: int = 6) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:count]
