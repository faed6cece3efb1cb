"""The entry points of the two Cloud Functions.

webhook   public; Twilio's webhooks
sweep     private; Cloud Scheduler's call
"""

import functools
import os

from flask import Request, Response

from . import loading  # first: it keeps the collector of garbage away from what is loaded
from .bootstrap import Function, bootstrap
from .settings import Settings


@functools.cache
def _function() -> Function:
    return bootstrap(Settings.from_environment(os.environ))


def webhook(request: Request) -> Response:
    """The public entry point: Twilio's webhooks."""
    return _function().webhook.answer(request)


def sweep(request: Request) -> Response:
    """The private entry point: Cloud Scheduler's call."""
    return _function().sweep.answer(request)


if "FUNCTION_TARGET" in os.environ:
    # The platform loads us (functions-framework sets this first): what is missing fails the deployment, not a request.
    _function()
    loading.done()
