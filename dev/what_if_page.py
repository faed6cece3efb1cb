"""Makes the transcript and the pictures of docs/what-if.md: `python -m dev.what_if_page HISTORY.csv`.

The figures are of the support chats that docs/chats.md describes, which are not part of this repository. The picture of
the report needs Chromium; without it the old picture stays, and the command says so.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "what-if.md"
PLOT: Final = ROOT / "docs" / "what-if.svg"
PICTURE: Final = ROOT / "docs" / "what-if-report.png"
BEGIN: Final = "<!-- what-if: made by `python -m dev.what_if_page`; do not edit -->"
END: Final = "<!-- what-if: end -->"
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1120, 1000


def main(history: Path) -> int:
    """Run the command, and put what it says and writes into the docs."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "what-if.html"
        transcript = _run(history, report)
        page = PAGE.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGIN)
        PAGE.write_text(f"{head}{BEGIN}\n{transcript}{END}{rest.partition(END)[2]}", encoding="utf-8")
        if not _photographed(report):
            sys.stderr.write(f"no {' or '.join(BROWSERS)}: {PICTURE.name} is as it was\n")
    return 0


def _run(history: Path, report: Path) -> str:
    command = [sys.executable, "-m", "ops", "what-if", str(history), "--plot", str(PLOT), "--report", str(report)]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    typed = f"bin/inactivity what-if {history.name} --plot what-if.svg --report what-if.html"
    return f"```console\n$ {typed}\n{told}```\n"


def _photographed(report: Path) -> bool:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        return False
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={WIDTH},{HEIGHT}"]
    subprocess.run(
        [browser, *options, f"--screenshot={PICTURE}", report.as_uri()], check=True, capture_output=True, timeout=120
    )
    return True


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
