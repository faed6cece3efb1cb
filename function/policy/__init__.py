"""The policy: when customers are warned and chats end, as a document that people write and as the function applies it.

`parse_policy` reads the document; `Policy.apply` returns the applied policy of a conversation. No I/O.
"""

from .document import PolicyError, Problem
from .parsing import parse_policy, parse_policy_json, policy_document
from .policy import AppliedPolicy, Policy, Step, StepKind, TaskEnding, TimeoutPlan, WaitAction, WaitPolicy
from .rules import Subject
from .texts import MINUTES, SILENCE, language_of

__all__ = [
    "MINUTES",
    "SILENCE",
    "AppliedPolicy",
    "Policy",
    "PolicyError",
    "Problem",
    "Step",
    "StepKind",
    "Subject",
    "TaskEnding",
    "TimeoutPlan",
    "WaitAction",
    "WaitPolicy",
    "language_of",
    "parse_policy",
    "parse_policy_json",
    "policy_document",
]
