"""Which inputs a type of resource has, and of which types, as the package `pulumi_gcp` declares them.

The real provider knows them from its schema. Here a misspelt key inside a nested object would otherwise be stored and
ignored, because Python passes a dictionary on as it is.
"""

import difflib
import importlib
import inspect
import re
import typing
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pulumi import Asset
from pulumi._types import input_type_py_to_pulumi_names, input_type_types, is_input_type

from laptop.gcp_provider.problem import Problem
from laptop.gcp_provider.values import UNKNOWN, Blob, Properties, reveal

_TOKEN = re.compile(r"gcp:(?P<module>\w+)/\w+:(?P<name>\w+)")
_WORDS: Mapping[Any, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Sequence: "a list",
    Asset: "an asset or an archive",
}
"""What a value must be; whatever else is declared is an object."""


def type_problems(token: str, inputs: Properties) -> Iterator[Problem]:
    """Unknown, missing and mistyped inputs of a resource; none for a type that the package does not have."""
    declared = _declared(token)
    if declared is not None:
        yield from _of_object(declared, reveal(inputs), "")


@cache
def _declared(token: str) -> Any | None:
    """The class with the arguments of this type of resource."""
    found = _TOKEN.fullmatch(token)
    if found is None:
        return None
    try:
        module = importlib.import_module(f"pulumi_gcp.{found['module']}")
    except ModuleNotFoundError:
        return None
    return getattr(module, f"{found['name']}Args", None)


@cache
def _required(declared: Any) -> tuple[str, ...]:
    spelled = input_type_py_to_pulumi_names(declared)
    parameters = inspect.signature(declared.__init__).parameters.values()
    return tuple(
        spelled[parameter.name]
        for parameter in parameters
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
    )


@cache
def _types(declared: Any) -> Mapping[str, Any]:
    return input_type_types(declared)


def _of_object(declared: Any, value: Properties, path: str) -> Iterator[Problem]:
    types = _types(declared)
    for key in _required(declared):
        if value.get(key) is None:
            yield Problem(path + key, "is required")
    for key, item in value.items():
        if key in types:
            yield from _of_value(types[key], item, path + key)
        elif not key.startswith("__"):  # those are Pulumi's own
            close = difflib.get_close_matches(key, types, n=1)
            yield Problem(path + key, "does not exist" + "".join(f"; there is {other}" for other in close))


def _of_value(declared: Any, value: Any, path: str) -> Iterator[Problem]:
    if value is None or value is UNKNOWN:
        return
    is_union = typing.get_origin(declared) is typing.Union  # of a type, an awaitable of it and an output of it
    expected = typing.get_args(declared)[0] if is_union else declared
    container, arguments = typing.get_origin(expected), typing.get_args(expected)
    if container is Sequence and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _of_value(arguments[0], item, f"{path}[{index}]")
    elif container is Mapping and isinstance(value, dict):
        for key, item in value.items():
            yield from _of_value(arguments[1], item, f"{path}[{key}]")
    elif is_input_type(expected) and isinstance(value, dict):
        yield from _of_object(expected, value, f"{path}.")
    elif not _fits(container or expected, value):
        yield Problem(path, f"must be {_WORDS.get(container or expected, 'an object')}")


def _fits(expected: Any, value: Any) -> bool:
    """Whether a plain value is of this type. All numbers of the protocol are floats."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if expected is int:
        return is_number and value == int(value)
    if expected is float:
        return is_number
    if expected is Asset:
        return isinstance(value, Blob)
    return expected in {str, bool} and isinstance(value, expected)
