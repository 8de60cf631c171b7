"""Buys tickets: python3 buy.py EVENT TICKET_TYPE QUANTITY [KEY]"""

import os
import sys

from onsale import Client, Problem, PurchaseUnknown, purchase

url = os.environ.get("ONSALE_URL", "http://127.0.0.1:8080")
client = Client(url, os.environ.get("ONSALE_API_KEY"))
if len(sys.argv) < 4 or not sys.argv[3].isdecimal():
    sys.exit(__doc__)
event_code, ticket_type, quantity = sys.argv[1:4]
key = sys.argv[4] if len(sys.argv) > 4 else None

try:
    order = purchase(client, {"eventCode": event_code, "ticketType": ticket_type, "quantity": int(quantity)}, key)
except PurchaseUnknown as error:
    sys.exit(f"No answer from {url}. Is a gateway there (ONSALE_URL)? Try again with the key {error.key}.")
except Problem as error:
    sys.exit(f"Not possible: {error}")
if order["status"] == "REJECTED":
    print(f"No tickets: {order['reason']['detail']}")
else:
    print(f"Order {order['id']} is {order['status']}.")
