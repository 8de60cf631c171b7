"""Follows an order until it is decided for good: python3 watch.py ORDER_ID"""

import os
import sys

from onsale import Client, Problem, watch_order

client = Client(os.environ.get("ONSALE_URL", "http://127.0.0.1:8080"), os.environ.get("ONSALE_API_KEY"))

if len(sys.argv) < 2:
    sys.exit(__doc__)
try:
    for order in watch_order(client, sys.argv[1]):
        place = order.get("queue")
        before = f": {place['ahead']} orders are before yours" if place is not None else ""
        print(f"{order['status']}{before}", flush=True)
except Problem as error:
    sys.exit(f"Not possible: {error}")
