"""The result of every chat script: decisions, times, calls, and what the customer reads."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from laptop.chat_script import Action, ChatScript, Message, find_scripts, policy_beside, read_script
from laptop.ours import kind_of_ours
from laptop.parking import Parking
from tests.baselines.spelling import Even, Names, line, since
from tests.world.world import World

CHATS = Path(__file__).parents[2] / "chats"
SWEEP_EVERY = "PT5M"


def record() -> list[str]:
    """Play each script in a world of its own, with a sweep that finds nothing left to do."""
    policy = json.loads(policy_beside([CHATS]) or "{}")
    told: list[str] = []
    for path in find_scripts([CHATS]):
        told += [f"# {path.stem}", *_played(read_script(path), policy), ""]
    return told


def _played(script: ChatScript, policy: object) -> list[str]:
    names, told = Names(), list[tuple[datetime, str]]()
    with World({"timeout": "PT10M", "warnBefore": "PT2M", "policy": policy}, dice=Even()) as world:
        twilio, parking = world.twilio, Parking(world.twilio)
        world.schedule_sweep(SWEEP_EVERY)
        began = world.now
        what = {"language": script.language, "queue": script.queue, "interaction": script.interaction}
        sid = twilio.create_chat(channel=script.channel, stage=script.stage, **what).conversation
        for at, steps in groupby(script.steps, key=lambda step: step.at):
            deliveries = twilio.advance(at - (world.now - began), before=True)
            for step in steps:
                if isinstance(step, Message):
                    deliveries += twilio.say(sid, step.speaker, step.text)
                    parking.unpark()
                elif isinstance(step, Action):
                    parking.do(sid, step.name)
            deliveries += twilio.advance(began + at - world.now)
            told += [(each.at, f"{each.kind} {each.status}") for each in deliveries if each.conversation == sid]
        told += [(at, line(entry)) for at, entry in world.timed_lines()]
        truth = twilio.truth(sid)
        told += [(said.at, f"{kind} {said.text}") for said in truth.messages if (kind := kind_of_ours(said))]
    in_order = [names.spelled(f"{since(began, at)} {what}") for at, what in sorted(told, key=itemgetter(0))]
    return [*in_order, f"{truth.state} {' '.join(truth.task_statuses)}"]
