"""Another region without an outage, on the real engine: both functions stand until Twilio calls the new one."""

import re

import pytest

from tests.infra.account import TwilioAccount
from tests.infra.conftest import MakeStack

pytestmark = [pytest.mark.engine, pytest.mark.story, pytest.mark.timeout(180)]

OLD, NEW = "europe-west1", "europe-west4"
STEP = re.compile(r" (created|updated|deleted) ")


def test_a_changed_region_is_built_before_twilio_moves_and_the_old_one_goes_last(
    account: TwilioAccount, make_stack: MakeStack, lines: list[str]
) -> None:
    """The order of what is done: new functions and schedule, then Twilio, then nothing but deletions."""
    before = account.settings()
    with make_stack() as stack:
        port, name = stack.front_url.rpartition(":")[2], stack.function_name

    def config(region: str) -> dict[str, str]:
        url = f"http://127.0.0.1:{port}/{region}/{name}"
        return {"front_port": port, "gcp:region": region, "publicUrl": url, "monitoring": "false"}

    with make_stack(**config(OLD)) as stack:
        stack.up(preview=False)
    with make_stack(**config(NEW)) as stack:
        lines.clear()
        stack.up(preview=False)
        steps = [line for line in lines if STEP.search(line)]
        moved = _first(steps, "ServiceWebhook service-webhook updated")
        assert _first(steps, "Function webhook-function created replacement") < moved
        assert _first(steps, "SignedTestEvent signed-test-event updated") < moved
        assert _first(steps, "Job sweep-function-job created replacement") < moved
        assert [line for line in steps[:moved] if " deleted" in line] == []
        assert _first(steps, "Function webhook-function deleted original") > moved
        assert f"/{NEW}/" in account.settings()[account.service_webhook]["post_webhook_url"]
        assert stack.up(preview=False).changed == 0
        stack.destroy()
    assert account.settings() == before


def _first(steps: list[str], words: str) -> int:
    """Where the step with these words is; the type's beginning and blanks do not count."""
    plain = [re.sub(r"\s+", " ", step) for step in steps]
    found = [place for place, step in enumerate(plain) if words in step]
    assert found, f"no step {words!r} in\n" + "\n".join(plain)
    return found[0]
