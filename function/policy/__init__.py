"""The policy: which chats are treated how, as a document that people write and as the function uses it. Pure.

`parse_policy` reads the document; a `Policy` says what is in force for a conversation.
"""

from .document import PolicyError, Problem
from .parsing import parse_policy, parse_policy_json, policy_document
from .policy import AppliedPolicy, Policy, Step, StepKind, TaskEnding, TimeoutPlan, WaitAction, WaitPolicy
from .rules import Subject
from .texts import MINUTES, SILENCE

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
    "parse_policy",
    "parse_policy_json",
    "policy_document",
]
