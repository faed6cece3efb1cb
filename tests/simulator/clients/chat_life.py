"""A chat's whole life through twilio-python, unmodified: `python chat_life.py CONTROL-PLANE`.

Nothing here knows of a simulator except the control plane's address, for what only customers, agents and time can do.
The result is printed as one line of JSON; chat_life.js does the same with twilio-node.
"""

import json
import os
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

import twilio
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

CONTROL = sys.argv[1]
client = Client()  # credentials from the environment
validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
heard: list[tuple[str, bool]] = []


class Webhook(BaseHTTPRequestHandler):
    """Checks each webhook with the library's own validator."""

    def do_POST(self) -> None:
        """Keep the event and whether its signature is good."""
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        params = dict(parse_qsl(raw, keep_blank_values=True))
        genuine = validator.validate(
            f"http://{self.headers['Host']}{self.path}", params, self.headers["X-Twilio-Signature"]
        )
        heard.append((params["EventType"], genuine))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's name
        """Print nothing."""


def control(path: str, body: dict[str, object]) -> dict[str, str]:
    """Call the control plane."""
    request = Request(f"{CONTROL}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urlopen(request) as answer:
        body: dict[str, str] = json.load(answer)
        return body


def refusal(attempt: object) -> int:
    """Return the code that the library reports for a refused call."""
    try:
        attempt()  # type: ignore[operator]
    except TwilioRestException as error:
        return int(error.code)
    return 0


receiver = ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
threading.Thread(target=receiver.serve_forever, daemon=True).start()

service = client.conversations.v1.services.create(friendly_name="Shop")
client.conversations.v1.configuration().update(default_inactive_timer="PT10M", default_closed_timer="P1D")
service.configuration.webhooks().update(
    post_webhook_url=f"http://127.0.0.1:{receiver.server_port}/hook?shop=caf%C3%A9",
    filters=["onParticipantAdded", "onMessageAdded", "onConversationStateUpdated"],
    method="POST",
)

conversation = service.conversations.create(friendly_name="Zoë & Ada", attributes='{"language": "de"}')
conversation.participants.create(identity="ada", x_twilio_webhook_enabled="true")
conversation.participants.create(
    messaging_binding_address="whatsapp:+15550100",
    messaging_binding_proxy_address="whatsapp:+15550199",
    x_twilio_webhook_enabled="true",
)
for number in range(5):
    conversation.messages.create(author="ada", body=f"Grüße, {number} & more", x_twilio_webhook_enabled="true")
messages = conversation.messages.list(page_size=2)
first_page = conversation.messages.page(page_size=2)

participants = conversation.participants.list()
conversation.webhooks.create(
    target="webhook",
    configuration_url=f"http://127.0.0.1:{receiver.server_port}/scoped",
    configuration_method="POST",
    configuration_filters=["onConversationStateUpdated"],
)
[scoped] = conversation.webhooks.list()
as_chat = client.chat.v2.services(service.sid).update(post_webhook_retry_count=2)
armed = conversation.fetch()
control("clock", {"advance": "PT10M"})
silent = conversation.fetch()
conversation.messages.create(author="ada", body="Still there?")
awake = conversation.update(timers_inactive="PT2M")
too_short = refusal(lambda: conversation.update(timers_inactive="PT30S"))

chat = control("chats", {"channel": "whatsapp", "stage": "assigned"})
workspace = client.taskrouter.v1.workspaces(client.taskrouter.v1.workspaces.list()[0].sid)
wanted = f"conversationSid == '{chat['conversation']}'"
[task] = workspace.tasks.list(evaluate_task_attributes=wanted)
[reservation] = workspace.tasks(task.sid).reservations.list()
interaction = client.flex_api.v1.interaction(chat["interaction"])
channel = interaction.channels(chat["channel"]).update(status="closed", routing={"status": "closed"})
ended = client.conversations.v1.conversations(chat["conversation"]).fetch()

grace = client.conversations.v1.conversations.create(friendly_name="Grace")
grace.participants.create(identity="grace")
begun = client.flex_api.v1.interaction.create(
    channel={"type": "web", "initiated_by": "customer", "properties": {"media_channel_sid": grace.sid}},
    routing={"properties": {"workspace_sid": task.workspace_sid, "attributes": {"vip": True}}},
)
[waiting] = workspace.tasks.list(evaluate_task_attributes="vip == true")
begun_channel = client.flex_api.v1.interaction(begun.sid).channels(begun.channel["sid"])
invite = begun_channel.invites.create(routing={"properties": {"workspace_sid": task.workspace_sid}})

service.delete()
gone = refusal(lambda: client.conversations.v1.services(service.sid).fetch())

print(
    json.dumps(
        {
            "library": twilio.__version__,
            "facts": {
                "timers at creation": sorted(armed.timers),
                "participants": sorted(who.identity or who.messaging_binding["address"] for who in participants),
                "messages": [message.body for message in messages],
                "scoped webhook": scoped.configuration["filters"],
                "as Chat v2": f"{as_chat.friendly_name}, {as_chat.post_webhook_retry_count} retries",
                "next page": urlsplit(first_page.next_page_url).netloc,
                "after ten minutes": silent.state,
                "after a message": awake.state,
                "a timer of 30 seconds": too_short,
                "task before": f"{task.assignment_status}, reservation {reservation.reservation_status}",
                "task after": workspace.tasks(task.sid).fetch().assignment_status,
                "channel": channel.status,
                "conversation": ended.state,
                "an interaction of our own": f"task {waiting.assignment_status}, invite {invite.sid[:2]}",
                "a deleted service": gone,
                "webhooks": dict(sorted(Counter(event for event, _ in heard).items())),
                "forged webhooks": sum(not genuine for _, genuine in heard),
            },
        }
    )
)
