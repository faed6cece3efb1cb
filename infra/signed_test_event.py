"""One signed event for the function, before Twilio and the schedule call it.

A function can be deployed and still refuse every webhook: Google lets nobody call it yet, its token is not the one that
Twilio signs with, or another URL is signed than it checks. Twilio does not tell the engineer, and chats are lost. So
the deployment signs an event itself and sends it to the URL that Twilio is about to call. It is of a type that the
function does not act on, so a right answer changes nothing: 204, counted as `ignored` in the log.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulumi
import requests
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, Resource, UpdateResult
from pulumi.output import Unknown

from infra.twilio_resources.client import Credentials, CredentialsError, TwilioClient, TwilioError
from infra.twilio_resources.kind import Props
from infra.twilio_resources.provider import PROVIDER_KEY, TwilioProvider, differs, say

EVENT_TYPE = "deploymentTest"
"""No event of Twilio's."""

ATTEMPTS = 13
PAUSE_SECONDS = 10
"""Two minutes together: an invoker's right takes that long in general
(https://cloud.google.com/iam/docs/access-change-propagation, November 2026)."""

TIMEOUT_SECONDS = 30
"""With a cold start, in which a function of ours answers in a few seconds."""

INPUTS = ("account_sid", "url", "zip", "environment", "secrets")
"""What a new answer is asked for after: another URL, source, plain variable or version of a secret."""


class WrongAnswerError(Exception):
    """The function does not answer as it must; one line with the way out, without secrets."""


@dataclass(frozen=True)
class Answer:
    """How a URL answered.

    Attributes:
        status: of HTTP; 0 for no answer.
        body: what it said beside; of our function always empty.
    """

    status: int
    body: str = ""

    @property
    def is_right(self) -> bool:
        """Whether our function answered, and accepted the signature."""
        return self.status == 204

    @property
    def is_refused_by_the_function(self) -> bool:
        """Whether our function refused the signature; Google's own refusals have a body."""
        return self.status == 403 and not self.body

    @property
    def may_become_right(self) -> bool:
        """Whether Google may only be catching up: with a new right, a new route, a new instance."""
        return self.status in {0, 401, 403, 404, 429, 500, 502, 503, 504} and not self.is_refused_by_the_function


class SignedTestEventProvider(TwilioProvider):
    """Sends the event when the function is new, and when it is another one."""

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Refuse a function that Google reports at another URL than was computed; Twilio would call the wrong one."""
        result = super().check(olds, news)
        found, computed = news.get("function_url"), news.get("computed_url")
        known = not isinstance(found, Unknown) and not isinstance(computed, Unknown)
        if not result.failures and known and found and computed and found != computed:
            reason = (
                f"the function answers at {found}, not at {computed} as computed from gcp:region and gcp:project; "
                f"run pulumi config set publicUrl {found} and pulumi up again (Twilio was not changed)"
            )
            return CheckResult(news, [CheckFailure("function_url", reason)])
        return result

    def diff(self, _id: str, olds: Props, news: Props) -> DiffResult:
        """Whether the function has changed."""
        moved = olds.get(PROVIDER_KEY) != news.get(PROVIDER_KEY)
        return DiffResult(changes=moved or any(differs(olds, news, key) for key in INPUTS))

    def create(self, props: Props) -> CreateResult:
        """Wait for a right answer.

        Raises:
            WrongAnswerError: it did not come; Twilio calls nothing of ours.
        """
        self._expect_right_answer(props, "Twilio was not changed")
        return CreateResult(f"{props['account_sid']}/signed-test-event", dict(props))

    def update(self, _id: str, _olds: Props, news: Props) -> UpdateResult:
        """Wait for a right answer of what serves now.

        Raises:
            WrongAnswerError: it did not come; Twilio calls this function already.
        """
        self._expect_right_answer(
            news,
            "Twilio calls this function already: run pulumi up with the code and the config of before, or "
            "bin/inactivity off until it is mended",
        )
        return UpdateResult(dict(news))

    def _expect_right_answer(self, props: Props, consequence: str) -> None:
        url, token = props["url"], self._credentials.auth_token
        if not token:
            raise WrongAnswerError(
                f"cannot sign a test event for {url}: twilioAuthToken is missing; export TWILIO_AUTH_TOKEN, or run "
                "pulumi config set --secret twilioAuthToken"
            )
        form = {"EventType": EVENT_TYPE, "AccountSid": props["account_sid"]}
        headers = {"X-Twilio-Signature": signature(url, form, token)}
        answer = patiently(lambda: post(url, form, headers), url)
        if not answer.is_right:
            reason = self._wrong_token(props) if answer.is_refused_by_the_function else explained(answer)
            raise WrongAnswerError(f"the test event for {url} was not answered rightly: {reason} ({consequence})")

    def _wrong_token(self, props: Props) -> str:
        """Which token is wrong: Twilio knows the one of this run."""
        refused = "the function refuses the signature (403)"
        token = Credentials(auth_token=self._credentials.auth_token)
        try:
            TwilioClient(props["account_sid"], token, self._base_url, self._edge).check_credentials()
        except CredentialsError:
            return (
                f"{refused}, and Twilio refuses this run's auth token: correct twilioAuthToken, or TWILIO_AUTH_TOKEN "
                "in the environment, which wins"
            )
        except TwilioError as error:
            return f"{refused}; whether this run's auth token is right could not be asked: {error}"
        return (
            f"{refused}, and this run's auth token is right: the function has another token, or another URL in "
            "PUBLIC_URL; look at the secret's version and at publicUrl"
        )


def signature(url: str, form: Mapping[str, str], token: str) -> str:
    """X-Twilio-Signature of a form (https://www.twilio.com/docs/usage/security, November 2026)."""
    signed = url + "".join(name + value for name, value in sorted(form.items()))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def post(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
    """Send the form; of an error only the type is shown, because its text may have a proxy's password in it."""
    try:
        answer = requests.post(url, data=form, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except (requests.RequestException, ValueError) as error:  # urllib3 says of a host that it cannot be one
        return Answer(0, type(error).__name__)
    return Answer(answer.status_code, answer.text)


def patiently(
    ask: Callable[[], Answer],
    url: str,
    *,
    sleep: Callable[[float], None] = time.sleep,
    tell: Callable[[str], None] = say,
) -> Answer:
    """Ask until the answer is right or will not become right; a line before each further attempt."""
    answer = ask()
    for left in reversed(range(ATTEMPTS - 1)):
        if not answer.may_become_right:
            break
        seconds = (left + 1) * PAUSE_SECONDS
        tell(f"{url} does not answer rightly yet ({shown(answer)}); trying again for up to {seconds} s")
        sleep(PAUSE_SECONDS)
        answer = ask()
    return answer


def shown(answer: Answer) -> str:
    """An answer in a few words."""
    if not answer.status:
        return f"no answer: {answer.body}"
    by = " by Google" if answer.status in {401, 403} and answer.body else ""
    return f"{answer.status}{by}"


def explained(answer: Answer) -> str:
    """Why an answer is wrong that is not about the signature, and the way out."""
    if not answer.status:
        return f"{shown(answer)}; check publicUrl, HTTPS_PROXY and NO_PROXY, and look at the function's log"
    if answer.status in {401, 403}:
        return (
            f"Google lets nobody call the function ({answer.status}): with publicAccess: none, whoever owns the "
            "organisation's policy must grant roles/run.invoker to allUsers on its Cloud Run service; with all-users, "
            "run pulumi up again"
        )
    if answer.status in {301, 302, 307, 308}:
        return f"it redirects ({answer.status}), and Twilio's signature is of the first URL: correct publicUrl"
    if answer.status == 404:
        return (
            "nothing is there (404): publicUrl leads elsewhere, or the function's ingress settings refuse calls from "
            "the internet"
        )
    return f"{shown(answer)}; its log says why"


class SignedTestEvent(Resource, module="google", name="SignedTestEvent"):
    """What points anybody at the function depends on."""

    def __init__(
        self,
        name: str,
        *,
        account_sid: pulumi.Input[str],
        url: str,
        function_url: pulumi.Input[str],
        computed_url: str,
        zip_name: pulumi.Input[str],
        environment: pulumi.Input[Mapping[str, str]],
        secrets: Sequence[pulumi.Input[str]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            name: of the resource.
            account_sid: whose event it is.
            url: what Twilio is about to call.
            function_url: the function's address as Google reports it.
            computed_url: what that must be; empty where the engineer named another one.
            zip_name: of the source, which its content's hash is part of.
            environment: the function's plain variables.
            secrets: its versions of secrets.
            opts: of the resource.
        """
        props = {
            "account_sid": account_sid,
            "url": url,
            "function_url": function_url,
            "computed_url": computed_url,
            "zip": zip_name,
            "environment": environment,
            "secrets": list(secrets),
        }
        super().__init__(SignedTestEventProvider(), name, props, opts)
