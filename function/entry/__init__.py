"""HTTP requests and responses, status codes, and the lines of the log.

`WebhookEndpoint` answers Twilio, `SweepEndpoint` answers Cloud Scheduler.
"""

from .log_lines import AcceptanceFacts, Context, DecisionFacts, Line, SweepCost, Swept
from .logs import Log, to_stdout
from .sweep_endpoint import SweepEndpoint
from .webhook_endpoint import WebhookEndpoint

__all__ = [
    "AcceptanceFacts",
    "Context",
    "DecisionFacts",
    "Line",
    "Log",
    "SweepCost",
    "SweepEndpoint",
    "Swept",
    "WebhookEndpoint",
    "to_stdout",
]
