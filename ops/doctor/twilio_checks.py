"""What must be set at Twilio: credentials, service, webhook, timers, event callback; and what agents may do."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from function.contract import DurationError, parse_duration
from function.settings import Settings
from function.twilio_api import TwilioError
from infra.twilio_resources.client import CredentialsError, OtherAccountError, TwilioClient, same_timer, spell_timer
from infra.twilio_resources.service_webhook import EVENT, METHOD
from infra.twilio_resources.task_events import EventsKind, is_one_of
from infra.twilio_resources.urls import shown_url
from ops.deployment import Deployment
from ops.doctor.finding import Finding, fine, note, problem
from ops.twilio_reads import TwilioReads
from ops.wording import duration_words

SLOW = timedelta(seconds=1)
"""The function gives a call 1.5 s for the whole answer, and an event makes several."""

CLOCKS_DIFFER = timedelta(minutes=1)

READS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("conversations", "conversations", "Services/{service}/Conversations", {"PageSize": "1"}),
    ("roles", "conversations", "Services/{service}/Roles", {"PageSize": "1"}),
    ("tasks", "taskrouter", "Workspaces/{workspace}/Tasks", {"PageSize": "1"}),
    ("TaskRouter events", "taskrouter", "Workspaces/{workspace}/Events", {"PageSize": "1"}),
    ("workers", "taskrouter", "Workspaces/{workspace}/Workers", {"PageSize": "1"}),
    ("the Flex configuration", "flex-api", "Configuration", {}),
)
"""What the function reads: its name, the product, the path, and a query that asks for little."""


class TwilioChecks:
    """The checks of one deployment.

    Args:
        deployment: to check.
        settings: the function's settings.
        client: reads what is set.
        reads: reads the rest.
    """

    def __init__(self, deployment: Deployment, settings: Settings, client: TwilioClient, reads: TwilioReads) -> None:
        self._deployment = deployment
        self._settings = settings
        self._client = client
        self._reads = reads

    def credentials(self) -> Iterator[Finding]:
        """Token and key are the account's."""
        mine = self._deployment.credentials
        try:
            self._client.check_credentials()
        except (CredentialsError, OtherAccountError) as error:
            yield problem("credentials", str(error), "export TWILIO_AUTH_TOKEN=... of this account")
            return
        with_key = mine.api_key_sid and mine.api_key_secret
        used = [f"API key {mine.api_key_sid}"] if with_key else []
        used += ["the auth token"] if mine.auth_token else []
        yield fine("credentials", f"Twilio accepts {' and '.join(used)} of {self._deployment.account_sid}")
        deployed = self._deployment.environment.get("TWILIO_API_KEY_SID")
        if deployed and deployed != mine.api_key_sid:
            what = f"the function calls with {deployed}, whose secret Google has; the last sweep shows whether it works"
            yield note("credentials", what)

    def permissions(self) -> Iterator[Finding]:
        """These credentials may read what the function reads."""
        denied: list[str] = []
        for name, product, path, query in READS:
            try:
                self._reads.check(name, product, path, query)
            except TwilioError as error:
                denied.append(str(error))
        if denied:
            yield problem(
                "permissions",
                f"not everything can be read: {'; '.join(denied)}",
                "give the API key these rights in the Twilio Console, or export TWILIO_AUTH_TOKEN",
            )
        else:
            yield fine("permissions", f"{len(READS)} kinds of reads are allowed")

    def edge(self) -> Iterator[Finding]:
        """Twilio answers in time where the deployment enters its network."""
        _, took = self._reads.time()
        where = self._deployment.twilio_base_url or self._deployment.twilio_edge or "the edge that Twilio chooses"
        milliseconds = round(took.total_seconds() * 1000)
        if took > SLOW:
            yield problem(
                "edge",
                f"Twilio answers in {milliseconds} ms by {where}; the function waits 1500 ms for a call",
                "pulumi config set twilioEdge EDGE, one near gcp:region, and pulumi up",
            )
        else:
            yield fine("edge", f"Twilio answers in time by {where}")

    def clock(self) -> Iterator[Finding]:
        """This machine's clock agrees with Twilio's; the function decides by Twilio's."""
        there, _ = self._reads.time()
        if self._deployment.twilio_base_url:
            yield note("clock", "Twilio's API is at another address (twilioBaseUrl), which keeps its own time")
            return
        apart = abs(datetime.now(UTC) - there)
        if apart > CLOCKS_DIFFER:
            what = f"this machine's clock is {duration_words(apart)} from Twilio's"
            yield problem("clock", what, "sudo timedatectl set-ntp true")
        else:
            yield fine("clock", "this machine and Twilio agree on the time")

    def service(self) -> Iterator[Finding]:
        """Flex uses the service whose webhook is ours."""
        flex, ours = self._client.default_service_sid(), self._deployment.service_sid
        if flex == ours:
            yield fine("service", f"{ours} is the account's default, which Flex uses")
        else:
            yield problem(
                "service",
                f"Flex uses the default service {flex}, and this stack handles {ours}",
                "pulumi config rm conversationsServiceSid && pulumi up",
            )

    def webhook(self) -> Iterator[Finding]:
        """The service calls us, by POST, for the event that we need."""
        deployment = self._deployment
        live = self._client.service_webhook(deployment.service_sid)
        if live.post_url not in {deployment.webhook_url, *deployment.own_urls}:
            if live.post_url:
                what = f"service {deployment.service_sid} calls {shown_url(live.post_url)}, which is not ours"
                yield problem("webhook", what, "pulumi up, which says whose it is and how to take it over")
            else:
                yield problem("webhook", "Twilio calls nobody: it is off", "bin/inactivity on")
            return
        if live.method.upper() != METHOD:
            yield problem("webhook", f"Twilio calls us by {live.method}, not {METHOD}", "pulumi up")
        else:
            yield fine("webhook", f"Twilio calls {deployment.webhook_url}")
        if EVENT in live.filters:
            yield fine("filters", f"{EVENT} is sent")
        else:
            yield problem("filters", f"{EVENT} is not among the webhook's filters", "bin/inactivity on")

    def timers(self) -> Iterator[Finding]:
        """The account's default timer is the policy's earliest step. A shorter one fires in vain, and does no harm."""
        live, earliest = self._client.default_timers(), self._settings.policy.earliest
        inactive, wanted = live.inactive or "no time at all", spell_timer(earliest)
        if self._settings.arm_on_accept:
            if same_timer(live.inactive, ""):
                yield fine("timers", "each chat gets its timer when an agent accepts it")
            else:
                yield note("timers", f"the account has a default timer ({inactive}), and timers is on-accept")
        elif same_timer(live.inactive, wanted):
            yield fine("timers", f"conversations go inactive after {wanted}, the policy's earliest step")
        elif _is_shorter(live.inactive, earliest):
            yield note(
                "timers", f"conversations go inactive after {inactive}, before the policy's earliest step ({wanted})"
            )
        else:
            yield problem(
                "timers",
                f"conversations go inactive after {inactive}, and the policy's earliest step is {wanted}",
                "pulumi up; with timers: unmanaged, set the timer to that yourself",
            )
        if not same_timer(live.closed, ""):
            what = f"Twilio closes conversations {live.closed} after they went inactive, whoever waits (closedTimeout)"
            yield note("timers", what)

    def retries(self) -> Iterator[Finding]:
        """What Twilio sends again: acceptances by TaskRouter. Lost webhooks of Conversations are the sweep's."""
        url, workspace = self._deployment.task_events_url, self._deployment.workspace_sid
        if not self._settings.arm_on_accept or not url:
            yield fine("retries", "Conversations sends nothing twice; the sweep finds what was lost")
            return
        live, wanted = (
            self._client.task_events(workspace),
            EventsKind().with_ours(self._client.task_events(workspace), url),
        )
        if not is_one_of(live.url, [url, *self._deployment.own_event_urls]):
            what = "TaskRouter tells somebody else, or nobody, that an agent has accepted"
            yield problem("retries", what, "bin/inactivity on, or pulumi up if it is somebody else's")
        elif live != wanted:
            yield problem("retries", "the event callback lacks our event or its retries", "bin/inactivity on")
        else:
            yield fine("retries", f"TaskRouter tries {url.partition('#')[2]} again")

    def leave(self) -> Iterator[Finding]:
        """Whether agents may leave a chat, which is then kept."""
        enabled = self._reads.agent_endings().enabled
        if "Leave" in enabled:
            yield note("leave", "agents may leave chats (Leave is on): such chats are kept until somebody writes")
        else:
            yield fine("leave", "agents cannot leave a chat open (Leave is off)")


def _is_shorter(timer: str, earliest: timedelta) -> bool:
    """Whether a timer is set, and fires before the earliest step."""
    try:
        return timedelta() < parse_duration(timer) < earliest
    except DurationError:
        return False
