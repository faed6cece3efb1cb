"""What Google must run: the function that answers, its revision, and the schedule of the sweep."""

import time
from collections.abc import Iterator, Mapping
from datetime import timedelta

from function.settings import Settings, SettingsError
from infra.signed_test_event import EVENT_TYPE, Answer, explained, post, signature
from ops.deployment import Deployment
from ops.doctor.finding import Finding, fine, note, problem, unknown
from ops.google import DeployedFunction, GoneError, Scheduler, functions_of
from ops.wording import ago, clock_time

NO_FUNCTION_OF_GOOGLES = "this stack has no function in Google (functionUrl)"
SLACK = timedelta(minutes=2)
PAUSE_SECONDS = 1


class FunctionChecks:
    """The checks of one deployment.

    Args:
        deployment: to check.
        settings: the function's settings.
    """

    def __init__(self, deployment: Deployment, settings: Settings) -> None:
        self._deployment = deployment
        self._settings = settings

    def reachable(self) -> Iterator[Finding]:
        """The function accepts an event that Twilio's token signs, and refuses one that nobody signed."""
        url, token = self._deployment.webhook_url, self._deployment.credentials.auth_token
        form = {"EventType": EVENT_TYPE, "AccountSid": self._deployment.account_sid}
        unsigned = _answer(url, form, {})
        if unsigned.status == 204:
            what = f"{url} accepts events that nobody signed: it is not our function"
            yield problem("verified", what, "pulumi up, and look at publicUrl")
            return
        if not unsigned.is_refused_by_the_function:
            yield problem("reachable", f"{url}: {explained(unsigned)}", "pulumi up")
            return
        yield fine("reachable", f"{url} answers, and refuses events that nobody signed")
        if not token:
            what = "no auth token here, so no test event can be signed"
            yield unknown(
                "verified", what, "export TWILIO_AUTH_TOKEN, or use an identity that reads the stack's config"
            )
            return
        signed = _answer(url, form, {"X-Twilio-Signature": signature(url, form, token)})
        if signed.is_right:
            yield fine("verified", "it accepts a test event that this auth token signs")
        elif signed.is_refused_by_the_function:
            yield problem(
                "verified",
                f"it refuses an event that this auth token signs ({signed.status}): its token or its URL is another",
                "pulumi up with the account's auth token in twilioAuthToken, or twilioAuthTokenSecondary in a rotation",
            )
        else:
            what = f"it does not accept an event that this token signs: {explained(signed)}"
            yield problem("verified", what, "look at the function's log, then run bin/inactivity doctor again")

    def revision(self) -> Iterator[Finding]:
        """Both functions serve, with the settings of the stack's outputs."""
        if not self._deployment.sweep_job:
            yield note("revision", NO_FUNCTION_OF_GOOGLES)
            return
        deployed = {each.name: each for each in functions_of(self._deployment.sweep_job)}
        names = [self._deployment.function_name, self._deployment.sweep_job.rpartition("/")[2]]
        for name in filter(None, names):
            function = deployed.get(name)
            if function is None:
                yield problem("revision", f"Google has no function {name}", "pulumi up")
            else:
                yield self._of_function(function)

    def sweep(self) -> Iterator[Finding]:
        """The schedule runs, and the last sweep came in time and succeeded."""
        if not self._deployment.sweep_job:
            yield note("sweep", NO_FUNCTION_OF_GOOGLES)
            return
        try:
            job = Scheduler(self._deployment.sweep_job).job()
        except GoneError as error:
            yield problem("sweep", str(error), "pulumi up")
            return
        every = self._settings.sweep_every
        if job.paused:
            yield problem("sweep", "the schedule is paused: lost webhooks are not found", "bin/inactivity on")
        elif job.last_attempt_at is None:
            yield note("sweep", "the schedule runs, and has called the sweep not once yet")
        elif job.last_status:
            yield problem(
                "sweep",
                f"the last sweep, {clock_time(job.last_attempt_at)}, failed (google.rpc.Code {job.last_status})",
                f"gcloud functions logs read {self._deployment.sweep_job.rpartition('/')[2]}, then pulumi up",
            )
        elif job.now and job.now - job.last_attempt_at > 2 * every + SLACK:
            yield problem(
                "sweep",
                f"the last sweep was {ago(job.now - job.last_attempt_at)}, and sweepEvery asks for more",
                "gcloud scheduler jobs run, and look at the job in the console",
            )
        else:
            yield fine("sweep", "the schedule runs, and the last sweep succeeded")

    def _of_function(self, function: DeployedFunction) -> Finding:
        if function.state != "ACTIVE":
            what = f"Google calls {function.name} {function.state}: its last build or start failed"
            return problem("revision", what, "pulumi up, which builds it again")
        try:
            present = Settings.from_environment(
                {**function.environment, "TWILIO_AUTH_TOKEN": self._settings.auth_token}
            ).to_environment()
        except SettingsError as error:
            return problem("revision", f"{function.name} cannot use its settings: {error}", "pulumi up")
        wanted = {**self._deployment.environment}
        differing = sorted(name for name, value in present.items() if name in wanted and wanted[name] != value)
        if differing:
            what = f"{function.name} runs with another {', '.join(differing)} than the stack's outputs say"
            return problem("revision", what, "pulumi up")
        revision = f", revision {function.revision.rpartition('/')[2]}" if function.revision else ""
        return fine("revision", f"{function.name} serves{revision}")


def _answer(url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
    """Send the form; once more where the answer may only be that of an instance that starts."""
    answer = post(url, form, headers)
    if answer.may_become_right:
        time.sleep(PAUSE_SECONDS)
        answer = post(url, form, headers)
    return answer
