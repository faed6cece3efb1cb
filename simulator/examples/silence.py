"""A chat falls silent: the simulator within a Python program, on a free port for as long as the block lasts."""

from simulator.client import SimulatorClient
from simulator.running import RunningSimulator

with RunningSimulator() as twilio:
    simulator = SimulatorClient(twilio)
    chat = simulator.create_chat(channel="whatsapp", stage="assigned").conversation
    simulator.rest("POST", f"conversations/v1/Conversations/{chat}", **{"Timers.Inactive": "PT10M"})
    simulator.say(chat, "customer", "Where is my parcel?")
    simulator.say(chat, "agent", "What is your order number?")
    for minutes in (9, 1):
        simulator.advance(f"PT{minutes}M")
        print(f"{simulator.now():%H:%M} {simulator.truth(chat).state}")
