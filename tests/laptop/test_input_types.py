"""Inputs are checked against the types that `pulumi_gcp` ships, so that a misspelt property fails in a preview."""

from typing import Any

import pytest

from laptop.gcp_provider import tokens
from laptop.gcp_provider.input_types import type_problems
from laptop.gcp_provider.problem import Problem
from laptop.gcp_provider.values import UNKNOWN, Properties, Secret
from tests.laptop.local_google import Laptop, archive, function

METRIC = "gcp:logging/metric:Metric"


def problems(token: str, **inputs: Any) -> list[Problem]:
    """What is wrong with these inputs."""
    return list(type_problems(token, inputs))


@pytest.mark.parametrize(
    ("token", "inputs", "problem"),
    [
        (tokens.ACCOUNT, {"acountId": "runtime"}, Problem("acountId", "does not exist; there is accountId")),
        (tokens.ACCOUNT, {"colour": "red"}, Problem("colour", "does not exist")),
        (tokens.BUCKET, {}, Problem("location", "is required")),
        (tokens.BUCKET, {"location": 1.0}, Problem("location", "must be text")),
        (tokens.BUCKET, {"location": Secret(True)}, Problem("location", "must be text")),
        (tokens.BUCKET, {"location": "EU", "forceDestroy": "yes"}, Problem("forceDestroy", "must be true or false")),
        (tokens.BUCKET, {"location": "EU", "labels": {"a": 1.0}}, Problem("labels[a]", "must be text")),
        (tokens.BUCKET, {"location": "EU", "labels": "a"}, Problem("labels", "must be an object")),
        (tokens.BUCKET, {"location": "EU", "versioning": True}, Problem("versioning", "must be an object")),
        (tokens.BUCKET, {"location": "EU", "versioning": {}}, Problem("versioning.enabled", "is required")),
        (tokens.BUCKET, {"location": "EU", "lifecycleRules": {}}, Problem("lifecycleRules", "must be a list")),
        (
            tokens.BUCKET,
            {"location": "EU", "lifecycleRules": [{"action": {"type": "Delete"}, "condition": {"days": 3.0}}]},
            Problem("lifecycleRules[0].condition.days", "does not exist"),
        ),
        (tokens.BUCKET_OBJECT, {"bucket": "b", "source": "f.zip"}, Problem("source", "must be an asset or an archive")),
        (METRIC, {"name": "ends"}, Problem("filter", "is required")),
        (
            tokens.FUNCTION,
            function(maxInstanceCount=1.5),
            Problem("serviceConfig.maxInstanceCount", "must be a whole number"),
        ),
        (
            tokens.FUNCTION,
            function(availible_cpu="1"),
            Problem("serviceConfig.availible_cpu", "does not exist; there is availableCpu"),
        ),
    ],
)
def test_a_wrong_input_is_named_with_its_path(token: str, inputs: Properties, problem: Problem) -> None:
    """Unknown, missing and mistyped, at the top and inside; a type that the laptop has no rules for, too."""
    assert problems(token, **inputs) == [problem]


def test_right_inputs_have_no_problem() -> None:
    """Integers arrive as floats, values may be secret or unknown, and Pulumi's own keys are not checked."""
    right = [
        (tokens.FUNCTION, function(maxInstanceCount=3.0, availableCpu=Secret("1"), timeoutSeconds=UNKNOWN)),
        (tokens.BUCKET_OBJECT, {"bucket": UNKNOWN, "name": "f.zip", "source": archive(main__py="x = 1")}),
        (tokens.BUCKET, {"location": "EU", "__defaults": ["name"], "labels": {"a": Secret("b")}}),
        ("gcp:nowhere/thing:Thing", {"whatever": 1.0}),
        ("random:index/randomId:RandomId", {"whatever": 1.0}),
    ]
    assert [problems(token, **inputs) for token, inputs in right] == [[]] * len(right)


def test_a_check_names_what_the_package_and_what_google_requires(laptop: Laptop) -> None:
    """Each problem once; `pulumi_gcp` does not declare that a secret's version needs its value."""
    _, found = laptop.operations.check(tokens.SECRET_VERSION, "token", {}, {})
    assert found == [Problem("secret", "is required"), Problem("secretData", "is required")]
