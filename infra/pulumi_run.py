"""The run of Pulumi that this program is part of: the only reads of `pulumi.runtime` in `infra/`.

`pulumi.Config` shows one key at a time, in one namespace. Refusing unknown keys needs all keys, and refusing plain
secrets needs to know which are encrypted; that is only in the runtime (pulumi 3.259, `pulumi/runtime/config.py`).
`tests/infra/test_pulumi_run.py` pins what is read there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi.runtime import config, is_dry_run


@dataclass(frozen=True)
class PulumiRun:
    """What the engine says about this run.

    Attributes:
        project: name of the Pulumi project, which is the namespace of our keys.
        stack: name of the stack.
        preview: whether nothing will be created.
        values: the config with its namespaces (`project:timeout`): all text, objects as JSON, secrets in the clear.
        secret_keys: the keys that are encrypted in the stack's file.
    """

    project: str
    stack: str
    preview: bool
    values: Mapping[str, str]
    secret_keys: frozenset[str]


def current_run() -> PulumiRun:
    """This process's run."""
    values = {**config.get_config_env(), **config.CONFIG.get()}
    secret_keys = {key for key in values if config.is_config_secret(key)} | set(config.get_config_secret_keys_env())
    return PulumiRun(pulumi.get_project(), pulumi.get_stack(), is_dry_run(), values, frozenset(secret_keys))
