"""Purchases that are sent again under the same key, and the wait for their decision."""

from __future__ import annotations

import time
import uuid
from typing import Any, Dict, Mapping, Optional
from urllib.parse import quote

from .calls import Client, NoAnswer, NotModified, Problem, pause_seconds, send

# The server waits this long at most before it answers, so that a dead connection costs seconds.
WAIT_MAX_SECONDS = 10
ANSWER_MAX_SECONDS = 10.0
# The server's wait ends this long before the deadline, so that the answer arrives in time.
MARGIN_SECONDS = 0.25
POLL_SECONDS = 1.0


class PurchaseUnknown(Exception):
    """Nothing was known at the deadline. Purchase again with `key`: that buys at most once."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"No answer in time; purchase again with the key {key}")


def purchase(
    client: Client, wanted: Mapping[str, Any], key: Optional[str] = None, seconds: float = 30.0
) -> Dict[str, Any]:
    """
    Buys tickets, or holds them with "hold", and waits for the decision. Sends the purchase again after broken
    connections and overload, always with the same key, so there is one order at most. To survive a crash of your
    program, make the key yourself and store it first.

    Returns the order: CONFIRMED, HELD, WAITING or REJECTED, or still PENDING when the time is up. It will be decided.
    Raises Problem when a retry does not help, and PurchaseUnknown.
    """
    key = key or str(uuid.uuid4())
    ends_at = time.monotonic() + seconds
    try:
        sent = _repeat(client, "POST", "/orders/purchase", ends_at, {"Idempotency-Key": key}, wanted)
    except NoAnswer as error:
        raise PurchaseUnknown(key) from error
    return wait_for_decision(client, sent, ends_at - time.monotonic())


def wait_for_decision(client: Client, order: Dict[str, Any], seconds: float = 30.0) -> Dict[str, Any]:
    """
    Reads an order until it is decided or the time is up. Each request waits at the server until the order has another
    version than ours; a server that does not wait is polled.
    """
    path = f"/orders/{quote(order['id'], safe='')}"
    ends_at = time.monotonic() + seconds
    while order["status"] == "PENDING" and time.monotonic() < ends_at:
        asked_at = time.monotonic()
        try:
            order = _repeat(client, "GET", path, ends_at, {"If-None-Match": f'"{order["version"]}"'})
        except NotModified:
            pass
        except (NoAnswer, Problem):
            # The order exists whatever the answer is: that is what the caller has to know.
            break
        has_waited = time.monotonic() - asked_at >= POLL_SECONDS
        if order["status"] == "PENDING" and not has_waited:
            time.sleep(max(0.0, min(ends_at - time.monotonic(), POLL_SECONDS)))
    return order


def _repeat(
    client: Client,
    method: str,
    path: str,
    ends_at: float,
    headers: Mapping[str, str],
    body: Optional[Mapping[str, Any]] = None,
) -> Dict[str, Any]:
    """
    Makes a request until it is answered with an order. Raises NotModified, Problem when a retry does not help, and
    NoAnswer at the deadline.
    """
    failures = 0
    while True:
        rest = ends_at - time.monotonic()
        wait = max(0, min(WAIT_MAX_SECONDS, int(rest - MARGIN_SECONDS)))
        asked = {**headers, "Prefer": f"wait={wait}"} if wait > 0 else headers
        try:
            return send(client, method, path, max(0.1, min(rest, wait + ANSWER_MAX_SECONDS)), asked, body)
        except (NoAnswer, Problem) as error:
            if not error.is_retryable:
                raise
            pause = pause_seconds(error, failures)
            if time.monotonic() + pause >= ends_at:
                raise NoAnswer(f"{method} {path} had no answer in time") from error
        failures += 1
        time.sleep(pause)
