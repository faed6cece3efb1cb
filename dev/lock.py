"""Write or check the hashed locks: `python dev/lock.py [--check]`, run inside the development environment.

One resolution for all places: the development lock is made first, and the others may only choose what it chose. No
address of a registry gets into a lock: names, versions, hashes.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"
NAMES = ("dev", "infra", "function", "bootstrap")


def resolve(name: str, folder: Path) -> None:
    """Resolve one `.in` file into a lock in `folder`, keeping the versions that the present lock names."""
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--generate-hashes",
        "--no-header",
    ]
    command += ["--python-version", "3.11", "--no-emit-index-url", "--no-emit-find-links"]
    command += [f"{name}.in", "--output-file", str(folder / f"{name}.txt")]
    if name != "dev":
        command += ["--constraints", os.path.relpath(folder / "dev.txt", REQUIREMENTS)]
    subprocess.run(command, check=True, cwd=REQUIREMENTS)


def without_comments(path: Path) -> list[str]:
    """The lines of a lock that install something."""
    return [line for line in path.read_text().splitlines() if line.strip() and not line.strip().startswith("#")]


def main() -> None:
    """Write the locks in place, or compare them with a fresh resolution that starts from them.

    Raises:
        SystemExit: `--check` found a lock that does not follow from its `.in` file.
    """
    if "--check" not in sys.argv[1:]:
        for name in NAMES:
            resolve(name, REQUIREMENTS)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for name in NAMES:
            (folder / f"{name}.txt").write_bytes((REQUIREMENTS / f"{name}.txt").read_bytes())
            resolve(name, folder)
        stale = [
            n for n in NAMES if without_comments(folder / f"{n}.txt") != without_comments(REQUIREMENTS / f"{n}.txt")
        ]
    if stale:
        sys.exit(f"stale locks: {', '.join(f'requirements/{name}.txt' for name in stale)}; run `make lock` and commit")
    print("locks follow from their .in files")


if __name__ == "__main__":
    main()
