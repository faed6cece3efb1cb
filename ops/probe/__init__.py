"""`inactivity probe`: settles by experiment what Twilio does not document, on a scratch subaccount.

`command.py` is what an operator types, `probing.py` the run from start to end. `questions.py` has what is asked,
`experiments/` how each is settled: the calls, and a pure judgement of what was seen. Nothing here knows the simulator.
"""
