"""The bill of materials says exactly what a lock installs."""

import json
import re
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from dev.bill_of_materials import bill_of_materials, packages

ROOT = Path(__file__).parents[2]
A, B, C = "a" * 64, "b" * 64, "c" * 64
LOCK = f"""\
blinker==1.9.0 \\
    --hash=sha256:{A} \\
    --hash=sha256:{B}
    # via
    #   -c requirements/dev.txt
    #   flask
flask==3.1.3 ; python_full_version < '3.13' \\
    --hash=sha256:{C}
    # via flex-chat-inactivity-timeout (pyproject.toml:function)
"""


def test_a_package_has_its_version_its_hashes_and_what_it_needs() -> None:
    """A package that only some Pythons get is optional; a constraint has no dependencies."""
    document = bill_of_materials("function", "0.1.0", packages(LOCK))

    assert document["components"] == [
        {
            "type": "library",
            "bom-ref": "pkg:pypi/blinker@1.9.0",
            "name": "blinker",
            "version": "1.9.0",
            "scope": "required",
            "purl": "pkg:pypi/blinker@1.9.0",
            "hashes": [{"alg": "SHA-256", "content": A}, {"alg": "SHA-256", "content": B}],
        },
        {
            "type": "library",
            "bom-ref": "pkg:pypi/flask@3.1.3",
            "name": "flask",
            "version": "3.1.3",
            "scope": "optional",
            "purl": "pkg:pypi/flask@3.1.3",
            "hashes": [{"alg": "SHA-256", "content": C}],
        },
    ]
    assert document["dependencies"] == [
        {"ref": "flex-chat-inactivity-timeout:function", "dependsOn": ["pkg:pypi/flask@3.1.3"]},
        {"ref": "pkg:pypi/blinker@1.9.0", "dependsOn": []},
        {"ref": "pkg:pypi/flask@3.1.3", "dependsOn": ["pkg:pypi/blinker@1.9.0"]},
    ]


@pytest.mark.parametrize("line", ["flask==3.1.3\n", "flask>=3 \\\n    --hash=sha256:" + A])
def test_what_is_not_pinned_by_version_and_hash_is_refused(line: str) -> None:
    """Otherwise the document would not say what was installed."""
    with pytest.raises(ValueError, match="flask"):
        packages(line)


@pytest.mark.parametrize("group", ["function", "infra", "dev", "bootstrap"])
def test_every_lock_becomes_a_valid_document(group: str) -> None:
    """It has all packages, passes the schema of CycloneDX, and each reference leads to a package."""
    lock = (ROOT / "requirements" / f"{group}.txt").read_text("utf-8")

    document = bill_of_materials(group, "0.1.0", packages(lock))

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document)) is None
    pinned = re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE)
    assert [(each["name"], each["version"]) for each in document["components"]] == pinned
    references = {each["bom-ref"] for each in document["components"]}
    needed = {needed for each in document["dependencies"] for needed in each["dependsOn"]}
    assert needed == references
