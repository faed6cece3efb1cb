"""Dynamic resources for the Twilio settings that we change: what stood there before, the webhook, the timers.

The names of these modules and classes stand in every stack's state (providers are pickled by reference), so they
never change.
"""
