"""No search for garbage while the function is loaded, nor ever among what was loaded; `main.py` imports this first.

Modules, classes and constants stay for as long as the process does. Looking through them took a seventh of a cold
start's time, and again, for nothing, in the middle of later events.
"""

import gc

gc.disable()


def done() -> None:
    """Everything is loaded: from now on garbage is looked for among what is new."""
    gc.freeze()
    gc.enable()
