"""What happens to garbage while the function is loaded, and afterwards."""

import gc

from function import loading


def test_what_is_loaded_is_left_alone_and_what_is_new_is_not() -> None:
    """A deployment's process collects garbage like any other, but for what it was made of."""
    gc.disable()
    old = gc.get_freeze_count()

    loading.done()

    assert gc.isenabled()
    assert gc.get_freeze_count() > old
