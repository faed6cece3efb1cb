"""What our providers have in common: credentials, the account they stay with, and how they speak to the engineer."""

import os
import sys
from collections.abc import Mapping
from typing import Any

from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, ResourceProvider
from pulumi.output import Unknown

from infra.twilio_resources.client import Credentials, NoCredentialsError, TwilioClient, find_credentials
from infra.twilio_resources.kind import Props

PROVIDER_KEY = "__provider"
"""Where Pulumi keeps the pickled provider among a resource's properties."""


class TwilioProvider(ResourceProvider):
    """Knows the credentials of this run; never keeps one in a property.

    One instance serves four threads at a time, so it holds nothing but what `configure` was given.
    """

    _credentials: Credentials = Credentials()
    _base_url: str | None = None
    _edge: str | None = None

    def configure(self, req: ConfigureRequest) -> None:
        """Remember how to reach Twilio; no call and no refusal here, because previews need none."""
        self._credentials = find_credentials(os.environ, req.config.get)
        self._base_url = (req.config.get("twilioBaseUrl") or "").rstrip("/") or None
        self._edge = req.config.get("twilioEdge")

    def check(self, olds: Props, news: Props) -> CheckResult:
        """Keep a stack with its account: what it put in another one could no longer be taken back."""
        before, after = olds.get("account_sid"), news.get("account_sid")
        if before and after and not isinstance(after, Unknown) and before != after:
            reason = (
                f"this stack holds settings of account {before}; run pulumi destroy before it moves to {after}, "
                "or use another stack"
            )
            return CheckResult(news, [CheckFailure("account_sid", reason)])
        return CheckResult(news, [])

    def client(self, props: Mapping[str, Any]) -> TwilioClient:
        """A client for the resource's account.

        Raises:
            TwilioError: there are no credentials.
        """
        return TwilioClient(props["account_sid"], self._credentials, self._base_url, self._edge)

    def client_of_destroy(self, props: Mapping[str, Any]) -> TwilioClient:
        """A client to put things back with.

        Raises:
            TwilioError: there are no credentials; a destroy reads those of the last `up`, whatever the config says now.
        """
        try:
            return self.client(props)
        except NoCredentialsError:
            raise NoCredentialsError(
                f"no credentials for Twilio account {props['account_sid']}: the last up had none in its config; "
                "export TWILIO_AUTH_TOKEN, or run pulumi destroy --run-program, which reads the config of now"
            ) from None


def differs(olds: Mapping[str, Any], news: Mapping[str, Any], key: str) -> bool:
    """Whether a property changes for certain; a value that a preview does not know yet is no change."""
    return not isinstance(news.get(key), Unknown) and olds.get(key) != news.get(key)


def say(line: str) -> None:
    """Tell the engineer; a provider's process has no other way than its output, which the CLI shows."""
    print(f"{line}\n", end="", file=sys.stderr, flush=True)  # in one piece: four threads speak
