"""All checks in their order."""

from collections.abc import Iterator

from infra.twilio_resources.client import TwilioClient
from ops.chats import ChatReader
from ops.deployment import Deployment
from ops.doctor.chat_checks import ChatChecks
from ops.doctor.finding import Check, Finding, found_by
from ops.doctor.function_checks import FunctionChecks
from ops.doctor.twilio_checks import TwilioChecks
from ops.terminal import Tell
from ops.twilio_reads import TwilioReads


def examine(deployment: Deployment, tell: Tell, *, chats: bool = True) -> Iterator[Finding]:
    """Yield what each check finds; one that fails does not stop the others.

    Args:
        deployment: to check.
        tell: says how far the reading of chats is.
        chats: whether to look for stuck chats and tasks, which reads every open chat.

    Raises:
        DeploymentError: the settings are not known, or there are no credentials.
    """
    settings, reads = deployment.settings, TwilioReads(deployment)
    place = (deployment.twilio_base_url, deployment.twilio_edge)
    client = TwilioClient(deployment.account_sid, deployment.credentials, *place)
    twilio, function = TwilioChecks(deployment, settings, client, reads), FunctionChecks(deployment, settings)
    checks: dict[str, Check] = {
        "credentials": twilio.credentials,
        "permissions": twilio.permissions,
        "edge": twilio.edge,
        "clock": twilio.clock,
        "service": twilio.service,
        "webhook": twilio.webhook,
        "reachable": function.reachable,
        "timers": twilio.timers,
        "retries": twilio.retries,
        "leave": twilio.leave,
        "revision": function.revision,
        "sweep": function.sweep,
    }
    if chats:
        of_chats = ChatChecks(ChatReader(deployment), tell)
        checks |= {"chats": of_chats.chats, "tasks": of_chats.tasks}
    for name, check in checks.items():
        yield from found_by(name, check)
