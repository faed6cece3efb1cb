"""A chat falls silent: ordinary Twilio code, but for `control`, which does what customers, agents and time do."""

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import requests
from twilio.request_validator import RequestValidator
from twilio.rest import Client

CONTROL = os.environ.get("SIMULATOR", "http://127.0.0.1:8700") + "/_simulator"
client = Client()  # TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN
validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])


class Webhook(BaseHTTPRequestHandler):
    """Your application: it is told when a chat falls silent."""

    def do_POST(self) -> None:
        """Check the signature, say what came, answer."""
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        params = dict(parse_qsl(raw, keep_blank_values=True))
        url = f"http://{self.headers['Host']}{self.path}"
        genuine = validator.validate(url, params, self.headers["X-Twilio-Signature"])
        print(f"webhook: {params['StateFrom']} -> {params['StateTo']}, {params['Reason']}, genuine: {genuine}")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def control(path: str, **body: str) -> dict[str, str]:
    """Let something happen."""
    answer = requests.post(f"{CONTROL}/{path}", json=body, timeout=10)
    answer.raise_for_status()
    told: dict[str, str] = answer.json()
    return told


application = ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
threading.Thread(target=application.serve_forever, daemon=True).start()

client.conversations.v1.configuration().update(default_inactive_timer="PT10M")
client.conversations.v1.configuration.webhooks().update(
    post_webhook_url=f"http://127.0.0.1:{application.server_port}/webhook",
    filters=["onConversationStateUpdated"],
    method="POST",
)

chat = control("chats", channel="whatsapp", stage="assigned")
control(f"chats/{chat['conversation']}/messages", **{"from": "customer", "body": "Where is my parcel?"})
client.conversations.v1.conversations(chat["conversation"]).messages.create(body="We are looking into it.")
control("clock", advance="PT10M")

conversation = client.conversations.v1.conversations(chat["conversation"]).fetch()
print(f"conversation: {conversation.state}")
