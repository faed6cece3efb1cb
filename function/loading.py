"""Pauses garbage collection while the function is imported; `main.py` imports this first.

Modules, classes and constants live as long as the process. Scanning them took a seventh of a cold start, and would be
repeated while later events are handled.
"""

import gc

gc.disable()


def done() -> None:
    """Turn garbage collection on, for objects that are created from now on."""
    gc.freeze()
    gc.enable()
