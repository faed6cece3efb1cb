"""What Twilio does not document about TaskRouter: tasks, their search, the event log, workflows."""

from __future__ import annotations

from simulator.shared.dialect.question import (
    EVENTS,
    FLEX_BEST_PRACTICES,
    FLEX_TEMPLATE,
    TASK_LIFECYCLE,
    TASK_RATES,
    TERRAFORM,
    Question,
    openapi,
)


class TaskCompletion(
    Question,
    known="When an agent completes a task in Flex, the conversation is closed. About TaskRouter's API the documents "
    "only say that the interaction channel is the way.",
    matters="whoever ends a chat by its task: the conversation may already be closed",
    sources=(FLEX_BEST_PRACTICES,),
):
    """Does completing a task through TaskRouter's API also close its conversation?"""

    LEAVES_CONVERSATION = "leaves_conversation"
    """No: only Flex closes it, by its UI or the interaction channel."""
    CLOSES_CONVERSATION = "closes_conversation"
    """Yes."""


class TaskRefusal(
    Question,
    known="Public clients report code 20001 and its messages, but no status.",
    matters="whoever treats a task that is already completed as a success",
    sources=(FLEX_TEMPLATE,),
):
    """Which HTTP status has the refusal of an illegal change of a task's status (20001)?"""

    BAD_REQUEST = "bad_request"
    """400."""
    CONFLICT = "conflict"
    """409."""


class TaskDeletion(
    Question,
    known="The documents describe the event for a task that has reached its maximum age. A public connector describes "
    "it as the purge of any task that has ended.",
    matters="whoever takes the event as a sign that a chat has lost its task",
    sources=(TASK_LIFECYCLE, EVENTS),
):
    """When is the deletion of a task by the platform reported as task.system-deleted?"""

    TOLD_WHEN_OVERDUE = "told_when_overdue"
    """Only when a task has been assigned for 24 hours without an end."""
    TOLD_ALWAYS = "told_always"
    """Also five minutes after a task was completed or canceled."""


class AttributeSearch(
    Question,
    known="Nothing is documented about the index behind EvaluateTaskAttributes.",
    matters="whoever searches for a conversation's task right after it was created or changed",
    sources=(openapi("taskrouter_v1"),),
):
    """Does a search of tasks by attributes reflect a change at once?"""

    IMMEDIATE = "immediate"
    """Yes."""
    LAGS = "lags"
    """No: it is two seconds of virtual time behind."""


class EventLag(
    Question,
    known="Nothing is documented about how soon events can be read.",
    matters="whoever asks what became of a task right after it disappeared",
    sources=(EVENTS,),
):
    """When can an event be read in TaskRouter's log?"""

    AT_ONCE = "at_once"
    """As soon as it has happened."""
    A_MINUTE = "a_minute"
    """A minute of virtual time later. The event callback is still called at once."""


class EventLimit(
    Question,
    known="A limit is documented for the search by attributes, and none for events.",
    matters="whoever asks for many chats what became of their tasks",
    sources=(TASK_RATES,),
):
    """How often may TaskRouter's events be read, where limits are switched on?"""

    NONE = "none"
    """Without a limit."""
    AS_SEARCH = "as_search"
    """Three times a second, as tasks may be searched by their attributes."""


class DocumentType(
    Question,
    known="The API's example has the type. Acceptance tests of a Terraform provider saw none.",
    matters="whoever compares workflows field by field",
    sources=(openapi("taskrouter_v1"), TERRAFORM),
):
    """What does a workflow show as the type of its document?"""

    JSON = "json"
    """application/json."""
    EMPTY = "empty"
    """An empty string."""
