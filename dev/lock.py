"""Write or check the hashed locks: `python -m dev.lock [--check]`, run inside the development environment.

Each `[dependency-groups]` entry of `pyproject.toml` has a lock in `requirements/`. They are one resolution: the
development lock is made first, and the others choose only what it chose. A lock holds names, versions and hashes, and
no address of a registry.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ROOT / "requirements"
GROUPS = ("dev", "infra", "function", "browser", "bootstrap")


def resolve(group: str, folder: Path) -> None:
    """Resolve one dependency group into a lock in `folder`; versions that the present lock names are kept."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    command += ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]
    command += ["--group", group, "--output-file", str(folder / f"{group}.txt")]
    if group != "dev":
        command += ["--constraints", str(folder / "dev.txt")]
    subprocess.run(command, check=True, cwd=ROOT)


def without_comments(path: Path) -> list[str]:
    """The lines of a lock that install something."""
    return [line for line in path.read_text().splitlines() if line.strip() and not line.strip().startswith("#")]


def main() -> None:
    """Write the locks in place, or compare them with a fresh resolution that starts from them.

    Raises:
        SystemExit: `--check` found a lock that does not follow from its group.
    """
    if "--check" not in sys.argv[1:]:
        for group in GROUPS:
            resolve(group, LOCKS)
        return
    stale = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for group in GROUPS:
            present, fresh = LOCKS / f"{group}.txt", folder / f"{group}.txt"
            fresh.write_bytes(present.read_bytes())
            resolve(group, folder)
            if without_comments(fresh) != without_comments(present):
                stale.append(f"requirements/{group}.txt")
    if stale:
        sys.exit(f"stale locks: {', '.join(stale)}; run `make lock` and commit them")
    print("the locks follow from pyproject.toml")


if __name__ == "__main__":
    main()
