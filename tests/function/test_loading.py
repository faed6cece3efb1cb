"""Garbage collection while the function is loaded, and afterwards."""

import gc

from function import loading


def test_only_objects_created_after_loading_are_collected() -> None:
    """A process collects garbage as usual, except among the objects that loading created."""
    gc.disable()
    old = gc.get_freeze_count()

    loading.done()

    assert gc.isenabled()
    assert gc.get_freeze_count() > old
