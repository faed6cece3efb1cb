"""The policy: which chats are treated how, as a document that people write and as the function uses it. Pure.

`parse_policy` reads the document; a `Policy` says what is in force for a conversation.
"""

from .document import PolicyError, Problem
from .parsing import parse_policy, parse_policy_json, policy_document
from .rules import Subject
from .texts import MINUTES, SILENCE
from .treatments import Do, Policy, Ruling, Step, StepKind, TaskEnding, Treatment, Waiting

__all__ = [
    "MINUTES",
    "SILENCE",
    "Do",
    "Policy",
    "PolicyError",
    "Problem",
    "Ruling",
    "Step",
    "StepKind",
    "Subject",
    "TaskEnding",
    "Treatment",
    "Waiting",
    "parse_policy",
    "parse_policy_json",
    "policy_document",
]
