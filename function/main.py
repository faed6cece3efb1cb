"""The entry points of the two Cloud Functions.

webhook   public; Twilio's webhooks
sweep     private; Cloud Scheduler's requests
"""

import functools
import os

from flask import Request, Response

from . import loading  # first: it pauses garbage collection while the rest is imported
from .bootstrap import Function, bootstrap
from .settings import Settings


@functools.cache
def _function() -> Function:
    return bootstrap(Settings.from_environment(os.environ))


def webhook(request: Request) -> Response:
    """The public entry point: Twilio's webhooks."""
    return _function().webhook.answer(request)


def sweep(request: Request) -> Response:
    """The private entry point: Cloud Scheduler's requests."""
    return _function().sweep.answer(request)


if "FUNCTION_TARGET" in os.environ:
    # functions-framework sets this before it loads the file, so missing settings fail the deployment, not a request.
    _function()
    loading.done()
