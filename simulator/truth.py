"""The true state as the control plane's JSON: more than Twilio shows, for tests and demos."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime

from simulator.conversations.conversation import Conversation
from simulator.facts import Delivery
from simulator.flex.chats import Chat
from simulator.products import Products
from simulator.simulation import Simulation

Json = dict[str, object]


def instant(at: datetime) -> str:
    """An instant as ISO 8601 in UTC, with all its digits."""
    return at.isoformat().replace("+00:00", "Z")


def _maybe(at: datetime | None) -> str | None:
    return None if at is None else instant(at)


def delivery(one: Delivery) -> Json:
    """One attempt to deliver."""
    return {
        "sequence": one.sequence,
        "at": instant(one.at),
        "kind": one.kind,
        "url": one.url,
        "status": one.status,
        "durationMs": one.duration_ms,
        "conversation": one.conversation,
        "error": one.error,
    }


def chat_sids(chat: Chat) -> Json:
    """The SIDs of a chat; null where there is none."""
    interaction = chat.interaction
    return {
        "conversation": chat.conversation.sid,
        "task": chat.tasks[-1].sid if chat.tasks else None,
        "interaction": None if interaction is None else interaction.sid,
        "channel": None if interaction is None else interaction.channel.sid,
    }


def chat(simulation: Simulation, one: Chat) -> Json:
    """Everything about a chat."""
    conversation = one.conversation
    interaction = one.interaction
    return {
        **chat_sids(one),
        "channelType": one.channel_type,
        "service": conversation.service.sid,
        "state": conversation.state.value,
        "attributes": json.loads(conversation.attributes),
        "createdAt": instant(conversation.created),
        "timers": _timers(conversation),
        "messages": [
            {
                "sid": message.sid,
                "index": message.index,
                "author": message.author,
                "kind": speaker(one, message.participant_sid),
                "participant": message.participant_sid,
                "body": message.body,
                "attributes": json.loads(message.attributes),
                "at": instant(message.created),
            }
            for message in conversation.messages.values()
        ],
        "participants": [
            {
                "sid": participant.sid,
                "kind": participant.kind,
                "identity": participant.identity,
                "address": None if participant.binding is None else participant.binding.address,
                "roleSid": participant.role_sid,
            }
            for participant in conversation.participants.values()
        ],
        "tasks": [
            {
                "sid": task.sid,
                "status": task.status.value,
                "reason": task.reason,
                "revision": task.revision,
                "purged": task.purged,
                "queue": None if task.queue is None else task.queue.friendly_name,
                "worker": None if task.reservation is None else task.reservation.worker.friendly_name,
                "createdAt": instant(task.created),
                "updatedAt": instant(task.updated),
                "attributes": json.loads(task.attributes),
            }
            for task in one.tasks
        ],
        "interactionChannel": None
        if interaction is None
        else {
            "sid": interaction.channel.sid,
            "status": interaction.channel.status.value,
            "participants": [
                {"sid": participant.sid, "type": participant.type} for participant in interaction.channel.participants
            ],
        },
        "history": [
            {
                "at": instant(change.at),
                "from": change.state_from.value,
                "to": change.state_to.value,
                "reason": change.reason.value,
            }
            for change in conversation.history
        ],
        "deliveries": [delivery(each) for each in simulation.deliverer.by_conversation.get(conversation.sid, ())],
    }


def account_facts(products: Products) -> Json:
    """An account's credentials, and the SIDs of its default objects."""
    account, workspace = products.account, products.taskrouter.default_workspace
    return {
        "accountSid": account.sid,
        "authToken": account.auth_token,
        "apiKeySid": account.api_key_sid,
        "apiKeySecret": account.api_key_secret,
        "serviceSid": products.conversations.default_service.sid,
        "workspaceSid": workspace.sid,
        "workflowSid": workspace.workflow.sid,
        "flexInstanceSid": products.flex.instance_sid,
    }


def state(simulation: Simulation) -> Json:
    """The account, its settings, and a short row for each chat."""
    account = simulation.account
    product = simulation.products.conversations
    workspace = simulation.products.taskrouter.default_workspace
    conversations = [row for service in product.services.values() for row in service.conversations.values()]
    return {
        "now": instant(account.clock.now),
        "dialect": account.dialect.as_json(),
        "account": account_facts(simulation.products),
        "configuration": {
            "defaultChatServiceSid": product.configuration.default_chat_service_sid,
            "defaultInactiveTimer": product.configuration.default_inactive_timer,
            "defaultClosedTimer": product.configuration.default_closed_timer,
        },
        "accountWebhook": _webhook(product.webhook),
        "serviceWebhooks": {service.sid: _webhook(service.webhook) for service in product.services.values()},
        "workspace": {
            "sid": workspace.sid,
            "eventCallbackUrl": workspace.event_callback_url,
            "eventsFilter": workspace.events_filter,
        },
        "schedules": {
            name: {"every": schedule.every.total_seconds(), "url": schedule.url, "next": _maybe(schedule.timer.due)}
            for name, schedule in simulation.schedules.items()
        },
        "counts": {
            "conversations": len(conversations),
            "byState": dict(Counter(row.state.value for row in conversations)),
            "tasks": len(workspace.tasks),
            "requests": simulation.requests.total,
            "deliveries": simulation.deliverer.total,
        },
        "chats": [_row(one) for one in simulation.chats.by_conversation.values()],
    }


def requests(simulation: Simulation, after: int) -> Json:
    """The newest requests and totals."""
    log = simulation.requests
    return {
        "total": log.total,
        "byStatus": {str(status): count for status, count in log.by_status.items()},
        "requests": [
            {
                "sequence": one.sequence,
                "at": instant(one.at),
                "received": one.received,
                "durationMs": one.duration_ms,
                "connection": one.connection,
                "method": one.method,
                "path": one.path,
                "status": one.status,
                "fault": one.fault,
                "ignored": list(one.ignored),
                "body": one.body,
            }
            for one in log.after(after)
        ],
    }


def deliveries(simulation: Simulation, after: int) -> Json:
    """The newest deliveries with their parameters, and totals."""
    deliverer = simulation.deliverer
    return {
        "total": deliverer.total,
        "byStatus": {str(status): count for status, count in deliverer.by_status.items()},
        "deliveries": [
            {**delivery(one), "params": dict(params)} for one, params in deliverer.kept() if one.sequence > after
        ],
    }


def speaker(one: Chat, participant_sid: str | None) -> str | None:
    """Who a message's author is, also after they have left; None for REST without a participant."""
    if participant_sid is None:
        return None
    if participant_sid == one.customer.sid:
        return "customer"
    return "agent"


def decisions(simulation: Simulation, one: Chat) -> Json:
    """What the software under test has decided about a chat, oldest first."""
    return {
        "decisions": [
            {
                "at": instant(each.at),
                "decision": each.decision,
                "reason": each.reason,
                "message": each.message,
                "rows": [{"row": row.row, "matched": row.matched, "why": row.why} for row in each.rows],
            }
            for each in simulation.decisions.about(one.conversation.sid)
        ]
    }


def _row(one: Chat) -> Json:
    return {
        **chat_sids(one),
        "state": one.conversation.state.value,
        "messages": len(one.conversation.messages),
        "tasks": [task.status.value for task in one.tasks],
        "channelStatus": None if one.interaction is None else one.interaction.channel.status.value,
        "timers": _timers(one.conversation),
    }


def _timers(conversation: Conversation) -> Json:
    return {"inactive": _maybe(conversation.inactive_timer.due), "closed": _maybe(conversation.closed_timer.due)}


def _webhook(settings: object) -> Json:
    return {
        name: getattr(settings, attribute)
        for name, attribute in (
            ("preWebhookUrl", "pre_webhook_url"),
            ("postWebhookUrl", "post_webhook_url"),
            ("filters", "filters"),
            ("method", "method"),
        )
    }
