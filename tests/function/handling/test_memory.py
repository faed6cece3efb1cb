"""What a process remembers of the SIDs that belong together."""

from function.chat import ChatSids
from function.handling.memory import Memory

ONE, OTHER = ChatSids(("WT1",), "KD1", "UO1"), ChatSids(("WT2",))


def test_a_hint_is_remembered_until_it_is_forgotten() -> None:
    """Hints are kept by conversation, the newest counts, and forgetting an unknown one is no error."""
    hints = Memory[ChatSids](9)
    hints.put("CH1", OTHER)
    hints.put("CH1", ONE)
    hints.put("CH2", OTHER)
    assert (hints.get("CH1"), hints.get("CH2"), hints.get("CH3")) == (ONE, OTHER, None)

    for conversation in ("CH1", "CH3"):
        hints.forget(conversation)

    assert (hints.get("CH1"), hints.get("CH2")) == (None, OTHER)


def test_the_oldest_hint_is_forgotten_first() -> None:
    """The memory of a process is bounded; writing a hint again renews it."""
    hints = Memory[ChatSids](2)
    for conversation in ("CH1", "CH2", "CH1", "CH3"):
        hints.put(conversation, ONE)

    assert (hints.get("CH1"), hints.get("CH2"), hints.get("CH3")) == (ONE, None, ONE)
