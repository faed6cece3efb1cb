"""Reads a deployment: the stack's outputs, and credentials from the environment.

Everything that is not secret comes from `pulumi stack output`, or from a file with that output, for the time when
Pulumi's state cannot be reached.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from function.settings import Settings
from infra.names import task_events_url
from infra.twilio_resources.client import Credentials, find_credentials
from ops.messages import OneLineError

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 60

NO_CREDENTIALS = "no credentials for Twilio: export TWILIO_AUTH_TOKEN (or an API key's SID and secret)"

_WRITE_IT = "write it again: pulumi stack output --json > FILE"

_NO_TOKEN = "none: nobody signs anything here"  # noqa: S105 -- a placeholder: an API key makes the calls


class DeploymentError(OneLineError):
    """The deployment cannot be read; one line, with the way out."""


class PlaceError(DeploymentError):
    """It is not clear which deployment is meant."""


@dataclass(frozen=True)
class Deployment:
    """One stack, as far as it is known; after an interrupted run the rest is empty.

    Attributes:
        webhook_url: what Twilio calls while it is on.
        service_sid: the service of that webhook.
        sweep_job: Google's name of the schedule; empty where there is none.
        environment: the function's plain variables.
        credentials: for Twilio's API; may be incomplete.
        function_name: of the function that Twilio calls; empty without one in Google.
        own_urls: more webhook URLs that an interrupted run of the stack may have set.
        own_event_urls: more URLs of event callbacks that it may have set.
        more_services: more services on which it may have set the webhook.
        more_workspaces: more workspaces in which it may have set the event callback.
        more_jobs: more schedules that it has made, or has not deleted yet.
        outputs: the file that all of this is from, which may be a copy of earlier; None if Pulumi was asked.
    """

    webhook_url: str
    service_sid: str
    sweep_job: str
    environment: Mapping[str, str]
    credentials: Credentials = field(repr=False)
    function_name: str = ""
    own_urls: tuple[str, ...] = ()
    own_event_urls: tuple[str, ...] = ()
    more_services: tuple[str, ...] = ()
    more_workspaces: tuple[str, ...] = ()
    more_jobs: tuple[str, ...] = ()
    outputs: Path | None = None

    @property
    def account_sid(self) -> str:
        """AC..."""
        return self.environment.get("TWILIO_ACCOUNT_SID", "")

    @property
    def twilio_base_url(self) -> str | None:
        """Another base URL of Twilio's API; None for the real one."""
        return self.environment.get("TWILIO_BASE_URL") or None

    @property
    def twilio_edge(self) -> str | None:
        """The edge where calls enter Twilio's network; None for Twilio's choice."""
        return self.environment.get("TWILIO_EDGE") or None

    @property
    def workspace_sid(self) -> str:
        """WS..."""
        return self.environment.get("WORKSPACE_SID", "")

    @property
    def task_events_url(self) -> str | None:
        """What TaskRouter calls while it is on; None without `timers: on-accept`."""
        public_url, listens = self.environment.get("PUBLIC_URL"), self.environment.get("ARM_ON_ACCEPT")
        if public_url and listens:
            return task_events_url(public_url)
        return self.own_event_urls[-1] if self.own_event_urls else None

    @property
    def settings(self) -> Settings:
        """The function's settings, with the operator's credentials instead of its own.

        Raises:
            DeploymentError: the settings are not known, or there are no credentials.
        """
        key_sid, secret = self.credentials.api_key_sid, self.credentials.api_key_secret
        if not self.credentials.complete:
            raise DeploymentError(NO_CREDENTIALS)
        own = {
            "TWILIO_AUTH_TOKEN": self.credentials.auth_token or _NO_TOKEN,
            "TWILIO_API_KEY_SID": key_sid if key_sid and secret else None,
            "TWILIO_API_KEY_SECRET": secret if key_sid and secret else None,
        }
        kept = {key: value for key, value in self.environment.items() if key not in own}
        try:
            return Settings.from_environment({**kept, **{key: value for key, value in own.items() if value}})
        except ValueError as error:
            raise DeploymentError(
                f"the stack's output settings cannot be used ({error}): run pulumi up with this version first"
            ) from None


def read_deployment(*, stack: str | None = None, outputs: Path | None = None) -> Deployment:
    """Read a stack. It may be incomplete: `off` must work when not everything is known.

    Args:
        stack: its name; the selected one by default.
        outputs: a file with the output of `pulumi stack output --json`, instead of asking Pulumi.

    Raises:
        PlaceError: both are given, or the name is empty.
        DeploymentError: nothing is known that can be switched off.
    """
    if stack is not None and outputs is not None:
        raise PlaceError(
            f"--stack is {stack!r} and --outputs is {outputs}, which may be of another stack: give one of them"
        )
    if stack == "":
        raise PlaceError("--stack is '', which names no stack: write its name, or leave --stack out")
    known = _from_file(outputs) if outputs else _from_pulumi(stack)
    state = {} if outputs else _from_state(stack, needed=bool(_missing(known)))
    known = {**state, **known}
    missing = _missing(known)
    if missing and not known.get("sweepJob"):
        raise DeploymentError(f"the stack has no output {', '.join(missing)}: run pulumi up with this version first")
    service_sid, job = str(known.get("serviceSid") or ""), str(known.get("sweepJob") or "")
    environment = _variables(known.get("settings"))
    return Deployment(
        webhook_url=str(known.get("webhookUrl") or ""),
        service_sid=service_sid,
        sweep_job=job,
        environment=environment,
        credentials=_credentials(stack, ask=not outputs),
        function_name=str(known.get("functionName") or ""),
        own_urls=tuple(known.get("ownUrls") or ()),
        own_event_urls=tuple(known.get("ownEventUrls") or ()),
        more_services=_others(known.get("services"), service_sid),
        more_workspaces=_others(known.get("workspaces"), environment.get("WORKSPACE_SID")),
        more_jobs=_others(known.get("jobs"), job),
        outputs=outputs,
    )


def _others(found: Sequence[str] | None, known: str | None) -> tuple[str, ...]:
    """What the state has besides what is known of the last finished run."""
    return tuple(each for each in found or () if each != known)


def _missing(known: Mapping[str, Any]) -> list[str]:
    """The outputs that are needed to find our webhook, and are missing or of another shape."""
    shapes = {"webhookUrl": str, "serviceSid": str, "settings": Mapping}
    return [name for name, shape in shapes.items() if not known.get(name) or not isinstance(known[name], shape)]


def _variables(settings: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in settings.items()} if isinstance(settings, Mapping) else {}


def _credentials(stack: str | None, *, ask: bool) -> Credentials:
    """Those of the environment, else those of the stack, and never a mix."""
    credentials = find_credentials(os.environ, lambda _key: None)
    if credentials.complete or not ask:
        return credentials
    try:
        return find_credentials({}, _config(stack).get)
    except DeploymentError:
        return credentials  # pausing the sweep needs none


def _from_state(stack: str | None, *, needed: bool) -> dict[str, Any]:
    """What an interrupted run, which has no outputs or old ones, left in the state."""
    try:
        deployment = _pulumi("stack", "export", *_named(stack)).get("deployment") or {}
    except DeploymentError:
        if needed:
            raise
        return {}
    return outputs_in(deployment.get("resources") or (), config=lambda: _config(stack))


def outputs_in(resources: Sequence[Mapping[str, Any]], config: Callable[[], Mapping[str, str]]) -> dict[str, Any]:
    """The stack's outputs, as far as the resources of its state show them, and all that may call us; else empty.

    A run that moved the stack and broke off leaves two of them, the earlier one to be deleted.

    Args:
        resources: of `pulumi stack export`.
        config: reads the stack's config; called where no function was created that has the settings.
    """
    standing = [each for each in resources if not each.get("delete")]
    prior = next(_outputs_of("twilio:PriorSettings", standing), None)
    if not prior:
        return {}
    functions = (each.get("serviceConfig") or {} for each in _outputs_of("/function:Function", standing))
    settings = next((each["environmentVariables"] for each in functions if each.get("environmentVariables")), None)
    webhooks = list(_outputs_of("twilio:ServiceWebhook", resources))
    callbacks = list(_outputs_of("twilio:TaskEvents", resources))
    return {
        "webhookUrl": prior["webhook_url"],
        "serviceSid": prior["service_sid"],
        "sweepJob": next(iter(_jobs(standing)), ""),
        "settings": settings or _settings_of(prior, config()),
        "ownUrls": _once([*_each("url", webhooks), *(prior.get("own_urls") or ()), prior["webhook_url"]]),
        "ownEventUrls": _once([*_each("url", callbacks), *(prior.get("own_event_urls") or ())]),
        "services": _once([prior["service_sid"], *_each("service_sid", webhooks)]),
        "workspaces": _once([prior["workspace_sid"], *_each("workspace_sid", callbacks)]),
        "jobs": _once(_jobs(resources)),
    }


def _outputs_of(kind: str, resources: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (each.get("outputs") or {} for each in resources if str(each.get("type")).endswith(kind))


def _jobs(resources: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(each["id"]) for each in resources if str(each.get("type")).endswith("/job:Job") and each.get("id")]


def _each(key: str, outputs: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(each[key]) for each in outputs if each.get(key)]


def _once(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _settings_of(prior: Mapping[str, Any], config: Mapping[str, str]) -> dict[str, str]:
    """The settings of a function that was never created, as far as they are needed to remove what calls it."""
    return {
        "TWILIO_ACCOUNT_SID": prior["account_sid"],
        "TWILIO_BASE_URL": config.get("twilioBaseUrl", ""),
        "TWILIO_EDGE": config.get("twilioEdge", ""),
        "WORKSPACE_SID": prior["workspace_sid"],
        "PUBLIC_URL": prior["webhook_url"].rpartition("/")[0],
        "ARM_ON_ACCEPT": prior.get("events_url") or "",
    }


def _from_file(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DeploymentError(
            f"{path} is not the output of pulumi stack output --json ({error}); {_WRITE_IT}"
        ) from None
    if not isinstance(document, dict):
        raise DeploymentError(f"{path} is no output of pulumi stack output --json (no object); {_WRITE_IT}")
    return document


def _from_pulumi(stack: str | None) -> dict[str, Any]:
    return _pulumi("stack", "output", "--json", *_named(stack))


def _config(stack: str | None) -> dict[str, str]:
    """The stack's config with its secrets, keys without their namespace."""
    values = _pulumi("config", "--json", "--show-secrets", *_named(stack))
    return {key.rpartition(":")[2]: str(value.get("value", "")) for key, value in values.items()}


def _named(stack: str | None) -> tuple[str, ...]:
    return ("--stack", stack) if stack else ()


def _pulumi(*arguments: str) -> dict[str, Any]:
    command = ["pulumi", *arguments, "--non-interactive"]
    try:
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False, timeout=SECONDS, cwd=ROOT
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DeploymentError(f"pulumi does not run ({error}); give --outputs FILE instead") from None
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise DeploymentError(f"pulumi {' '.join(arguments[:2])} failed: {reason}; or give --outputs FILE")
    try:
        document = json.loads(done.stdout)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise DeploymentError(f"pulumi {' '.join(arguments[:2])} did not answer in JSON; give --outputs FILE instead")
    return document
