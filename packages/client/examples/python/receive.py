"""Receives webhooks: WEBHOOK_SECRETS="whsec_..." python3 receive.py"""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from onsale import WebhookRefused, verify_webhook

# One secret, or two while you replace one by another.
secrets = os.environ.get("WEBHOOK_SECRETS", "").split()
if not secrets:
    sys.exit(__doc__)
port = int(os.environ.get("PORT", "8090"))
# Onsale's bodies are under 20 kB.
BODY_MAX_BYTES = 64 * 1024
# A webhook can arrive twice, under the same id. A real program keeps the ids where its orders are.
seen = set()


class Receiver(BaseHTTPRequestHandler):
    # Ends connections on which nothing arrives.
    timeout = 15

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and int(length) <= BODY_MAX_BYTES):
            self.send_error(413)
            return
        try:
            event = verify_webhook(self.headers, self.rfile.read(int(length)), secrets)
        except WebhookRefused as error:
            self.send_error(400, str(error))
            return
        self.send_response(204)
        self.end_headers()
        message_id = self.headers["webhook-id"]
        if message_id not in seen:
            seen.add(message_id)
            show(event)

    def log_message(self, *_: object) -> None:
        """Prints no line for each request."""


def show(event: dict) -> None:
    if event["type"] == "order.confirmed":
        print(f"Order {event['data']['order']['id']} is confirmed.", flush=True)
    if event["type"] == "order.refund_required":
        print(f"Pay {event['data']['paymentReference']} back.", flush=True)


server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
print(f"Ready for webhooks at http://127.0.0.1:{port}", flush=True)
try:
    server.serve_forever()
except KeyboardInterrupt:
    server.server_close()
