"""Makes the transcripts and the pictures of docs/what-if.md: `python -m dev.what_if_page HISTORY.csv`.

The figures are of the support chats that docs/chats.md describes, which are not part of this repository. The export is
from the simulator. The picture of the report needs Chromium; without it the old picture stays, and the command says so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from function.policy import parse_policy
from function.settings import Settings
from simulator.running import RunningSimulator
from tests.world.driving import Twilio

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "what-if.md"
PLOT: Final = ROOT / "docs" / "what-if.svg"
PICTURE: Final = ROOT / "docs" / "what-if-report.png"
BEGIN: Final = "<!-- what-if: made by `python -m dev.what_if_page`; do not edit -->"
END: Final = "<!-- what-if: end -->"
EXPORT_BEGIN: Final = "<!-- export: made by `python -m dev.what_if_page`; do not edit -->"
EXPORT_END: Final = "<!-- export: end -->"
CHATS_A_DAY: Final = 12
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1120, 1000


def main(history: Path) -> int:
    """Run the command, and put what it says and writes into the docs."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "what-if.html"
        page = PAGE.read_text(encoding="utf-8")
        page = _with(page, BEGIN, END, _run(history, report))
        page = _with(page, EXPORT_BEGIN, EXPORT_END, _export(Path(folder)))
        PAGE.write_text(page, encoding="utf-8")
        if not _photographed(report):
            sys.stderr.write(f"no {' or '.join(BROWSERS)}: {PICTURE.name} is as it was\n")
    return 0


def _with(page: str, begin: str, end: str, made: str) -> str:
    head, _, rest = page.partition(begin)
    return f"{head}{begin}\n{made}{end}{rest.partition(end)[2]}"


def _export(folder: Path) -> str:
    """Export three days of chats from a simulator, with a yes to the question."""
    options = ["what-if", "chats.csv", "--from-twilio", "--since", "P3D", "--sample", "20"]
    with RunningSimulator() as simulator:
        twilio = Twilio(simulator)
        _past_days(twilio, 3)
        (folder / "outputs.json").write_text(json.dumps(_outputs(twilio)), encoding="utf-8")
        command = [sys.executable, "-m", "ops", *options, "--outputs", "outputs.json"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TWILIO_AUTH_TOKEN": twilio.account.auth_token}
        done = subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True, input="y\n", env=environment
        )
    told = done.stderr.replace("[y/N]: ", "[y/N]: y\n")
    return f"```console\n$ bin/inactivity {' '.join(options)}\n{told}{done.stdout.splitlines()[0]}\n...\n```\n"


def _past_days(twilio: Twilio, days: int) -> None:
    """Half of the chats end well; in the others the customer goes silent."""
    for _ in range(days):
        for number in range(CHATS_A_DAY):
            chat = twilio.chat("assigned")
            chat.says("customer")
            chat.says("agent")
            if number % 2:
                chat.does("complete")
        twilio.advance("P1D")


def _outputs(twilio: Twilio) -> dict[str, object]:
    """What `pulumi stack output --json` says of a stack at the simulator."""
    settings = Settings(
        account_sid=twilio.account.account_sid,
        auth_token=twilio.account.auth_token,
        service_sid=twilio.account.service_sid,
        workspace_sid=twilio.account.workspace_sid,
        public_url="https://function.example.com",
        policy=parse_policy({}),
        twilio_base_url=twilio.url,
    )
    return {
        "webhookUrl": f"{settings.public_url}/conversations",
        "serviceSid": settings.service_sid,
        "settings": settings.to_environment(),
    }


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
