"""The stack's resources as the program declares them, and what runs leave in the state and in the account."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import asdict, replace
from io import StringIO
from typing import Any

from infra.twilio_resources.client import EventSettings, TimerSettings, WebhookSettings
from tests.infra.deployment import EVENTS_URL, ON_ACCEPT, URL, Deployment, KilledError, RefusedError, Wish
from tests.infra.memory import MemoryAccount
from tests.infra.program_graph import Graph, declare, is_secret

GOOD = {
    "twilioAccountSid": "AC" + "0a" * 16,
    "twilioAuthToken": "5e" * 16,
    "gcp:project": "a-project",
    "conversationsServiceSid": "IS" + "0a" * 16,
    "workspaceSid": "WS" + "0a" * 16,
}
SECRETS = frozenset({"twilioAuthToken", "twilioAuthTokenSecondary", "twilioApiKeySecret"})
RULES = {"rules": [{"name": "night", "match": {"queue": "Night"}, "timeout": "PT5M", "warnings": []}]}
CONFIGURATIONS: Mapping[str, Mapping[str, str]] = {
    "default": {},
    "on-accept": {"timers": "on-accept"},
    "unmanaged": {"timers": "unmanaged"},
    "observe": {"mode": "observe"},
    "elsewhere": {"functionUrl": "https://elsewhere.example.com/f"},
    "a policy": {"timeout": "PT20M", "policy": json.dumps(RULES)},
    "keys and a rotation": {
        "twilioApiKeySid": "SK" + "0a" * 16,
        "twilioApiKeySecret": "secret",
        "twilioAuthTokenSecondary": "6f" * 16,
    },
    "warm": {"minInstances": "1", "maxInstances": "3", "sweepEvery": "PT15M"},
    "somebody is on call": {"notificationChannels": '["projects/a-project/notificationChannels/123"]'},
    "closed by the organisation": {"publicAccess": "none", "closedTimeout": "P1D", "takeover": "true"},
}
Run = Callable[[Deployment], list[str] | None]
TAKEOVER = Wish(takeover=True)
HERS = "https://hooks.example.com"


def up(wish: Wish, *, kill_at: int | None = None) -> Run:
    """Run `pulumi up`, killed after some steps if given."""
    return lambda deployment: deployment.up(wish, kill_at=kill_at)


def taken_elsewhere(deployment: Deployment) -> None:
    """Change our settings as somebody else would."""
    account = deployment.account
    assert isinstance(account, MemoryAccount)
    account.webhook = replace(account.webhook, post_url=f"{HERS}/drift")
    account.timers = replace(account.timers, inactive="PT1H")


def new_account() -> MemoryAccount:
    """An account without settings."""
    return MemoryAccount()


def lived_in() -> MemoryAccount:
    """An account in which somebody else uses everything that we write."""
    return MemoryAccount(
        webhook=WebhookSettings(f"{HERS}/pre", f"{HERS}/post", "GET", ("onMessageAdded", "onParticipantRemove")),
        timers=TimerSettings(inactive="PT1H", closed="P7D"),
        events=EventSettings(f"{HERS}/events", ("task.created",)),
    )


def listening() -> MemoryAccount:
    """An account in which somebody else listens only to pre-webhooks of messages."""
    return MemoryAccount(webhook=WebhookSettings(f"{HERS}/pre", "", "POST", ("onMessageAdd",)))


RUNS: Mapping[str, tuple[Callable[[], MemoryAccount], Mapping[str, Run]]] = {
    "a new account": (
        new_account,
        {
            "up": up(Wish()),
            "up again": up(Wish()),
            "another timer": up(Wish(inactive="PT3M", closed="P1D")),
            "another url": up(Wish(url=f"{URL}/moved")),
            "refresh": Deployment.refresh,
            "on-accept": up(ON_ACCEPT),
            "unmanaged": up(Wish(inactive="")),
            "drift": taken_elsewhere,
            "refresh after drift": Deployment.refresh,
            "up after drift": up(TAKEOVER),
            "destroy": Deployment.destroy,
        },
    ),
    "somebody else's account": (
        lived_in,
        {
            "up": up(Wish()),
            "up, taking over": up(TAKEOVER),
            "a closed timer": up(replace(TAKEOVER, closed="P1D")),
            "on-accept": up(replace(ON_ACCEPT, takeover=True)),
            "other events": up(replace(ON_ACCEPT, takeover=True, events_url=EVENTS_URL.replace("tasks", "m/tasks"))),
            "timers again": up(TAKEOVER),
            "destroy": Deployment.destroy,
        },
    ),
    "beside somebody else": (
        listening,
        {"up": up(Wish()), "refresh": Deployment.refresh, "destroy": Deployment.destroy},
    ),
    "killed": (
        lived_in,
        {
            "up, killed after one": up(TAKEOVER, kill_at=1),
            "up, killed after two": up(TAKEOVER, kill_at=2),
            "up": up(TAKEOVER),
            "destroy, killed after one": lambda deployment: deployment.destroy(kill_at=1),
            "destroy": Deployment.destroy,
        },
    ),
}
_ZIP = re.compile(r"function-[0-9a-f]{16}\.zip")


def record() -> list[str]:
    """Declare each configuration as an `up` does."""
    told: list[str] = []
    for name, config in CONFIGURATIONS.items():
        graph = declare({**GOOD, **config}, secrets=set(SECRETS), preview=False)
        told += [f"# {name}", *_told(graph), ""]
    for name, (account, runs) in RUNS.items():
        told += _left_behind(name, account(), runs)
    return told


def _left_behind(name: str, account: MemoryAccount, runs: Mapping[str, Run]) -> list[str]:
    """Return what each run changed and wrote, the state, and the account."""
    deployment, told = Deployment(account), list[str]()
    for title, run in runs.items():
        with redirect_stderr(StringIO()) as said:
            came = _came_of(run, deployment)
        warnings = [f"warning {one}" for one in said.getvalue().splitlines()]
        told += [f"# {name}: {title}", *warnings, *came, *_words("writes", account.writes)]
        account.writes.clear()
        for resource, recorded in sorted(deployment.state.items()):
            whole = {"id": recorded.id, "inputs": recorded.inputs, "outputs": recorded.outputs}
            told += [f"  {part}" for part in _flat(resource, whole)]
        told += [f"  {part}" for part in _flat("account", _settings(account))] + [""]
    return told


def _settings(account: MemoryAccount) -> dict[str, Any]:
    """Return everything that a stack may change."""
    timers, hooks = asdict(account.timers), {"service": asdict(account.webhook), "account": asdict(account.silenced)}
    return {"events": asdict(account.events), "timers": timers, "webhooks": hooks}


def _came_of(run: Run, deployment: Deployment) -> list[str]:
    try:
        return _words("changes", run(deployment) or [])
    except RefusedError as refused:
        return [f"refused: {refused}"]
    except KilledError:
        return ["killed"]


def _words(what: str, names: Sequence[str]) -> list[str]:
    return [f"{what} {' '.join(names)}"] if names else []


def _told(graph: Graph) -> list[str]:
    told = []
    for name, each in sorted(graph.resources.items()):
        told.append(f"{name}: {each.type}")
        told += [f"  child of {each.parent}"] if each.parent else []
        told += [f"  {part}" for part in _flat("", {k: v for k, v in each.inputs.items() if k != "source"})]
        for what, found in (
            ("depends on", each.depends_on),
            ("secret", each.secret_outputs),
            ("replaced with", each.replace_with),
            ("hooks", each.hooks),
        ):
            told += [f"  {what} {one}" for one in sorted(found)]
    return [*told, *(f"warning {one}" for one in graph.warnings), *_flat("output ", graph.outputs)]


def _flat(path: str, value: Any) -> list[str]:
    """Return one line for each value; secrets are named without values, and the zip's name, a digest, is left out."""
    if is_secret(value):
        return [f"{path} is a secret"]
    if isinstance(value, dict):
        return [line for key in sorted(value) for line in _flat(f"{path}.{key}" if path else key, value[key])]
    if isinstance(value, list | tuple):
        return [line for number, one in enumerate(value) for line in _flat(f"{path}[{number}]", one)]
    return [f"{path} = {_ZIP.sub('function-.zip', json.dumps(value, ensure_ascii=False))}"]
