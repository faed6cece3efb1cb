"""What a stack with default settings has that costs something. A test compares it with what the program declares."""

from __future__ import annotations

from dev.costs.bill import Deployed, Size
from infra.source_zip import source_files


def deployed() -> Deployed:
    """The stack; its zip is as large as the files of this checkout."""
    return Deployed(
        webhook=Size(vcpus=1, memory=0.25),
        sweep=Size(vcpus=1, memory=0.5),
        secret_versions=1,
        schedules=1,
        conditions=0,
        zip_bytes=sum(file.path.stat().st_size for file in source_files()),
    )
