"""Dynamic resources for the Twilio settings that we change: what was there before, webhook, timers and event callback.

Each kind of settings is one description (`kind`), from which two providers work: that of its own resource (`singleton`)
and that of `PriorSettings` (`looking`, `memory`). The modules and classes of the four providers are in every stack's
state, where they are pickled by reference, so their names never change.
"""
