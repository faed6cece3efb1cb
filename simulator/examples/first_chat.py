"""A chat falls silent: ordinary Twilio code, but for `simulator`, which does what customers, agents and time do."""

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator
from twilio.rest import Client

from simulator.client import HttpTransport, SimulatorClient

simulator = SimulatorClient(HttpTransport(os.environ.get("SIMULATOR", "http://127.0.0.1:8700")))
client = Client()  # TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN
validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])


class Webhook(BaseHTTPRequestHandler):
    """Your application: it gets a webhook when a chat falls silent."""

    def do_POST(self) -> None:
        """Check the signature, print the event, answer."""
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        params = dict(parse_qsl(raw, keep_blank_values=True))
        url = f"http://{self.headers['Host']}{self.path}"
        genuine = validator.validate(url, params, self.headers["X-Twilio-Signature"])
        print(f"webhook: {params['StateFrom']} -> {params['StateTo']}, {params['Reason']}, genuine: {genuine}")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


application = ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
threading.Thread(target=application.serve_forever, daemon=True).start()

client.conversations.v1.configuration().update(default_inactive_timer="PT10M")
client.conversations.v1.configuration.webhooks().update(
    post_webhook_url=f"http://127.0.0.1:{application.server_port}/webhook",
    filters=["onConversationStateUpdated"],
    method="POST",
)

chat = simulator.create_chat(channel="whatsapp", stage="assigned").conversation
simulator.say(chat, "customer", "Where is my parcel?")
client.conversations.v1.conversations(chat).messages.create(body="We are looking into it.")
simulator.advance("PT10M")

print(f"conversation: {client.conversations.v1.conversations(chat).fetch().state}")
