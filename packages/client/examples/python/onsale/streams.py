"""Server-sent events of orders and of sales, over as many connections as it takes."""

from __future__ import annotations

import json
import time
from http.client import HTTPException
from typing import Any, Dict, Iterable, Iterator, Optional, Union
from urllib.parse import quote
from urllib.request import Request

from .calls import Client, NoAnswer, Problem, open_answer, pause_seconds, url_of

FINAL_STATUSES = ("CONFIRMED", "REJECTED", "EXPIRED", "CANCELLED")
# A living server sends a comment every 15 s.
SILENCE_MAX_SECONDS = 45.0
RECONNECT_SECONDS = 1.0


def watch_order(client: Client, order_id: str, last_version: Optional[int] = None) -> Iterator[Dict[str, Any]]:
    """
    Yields an order now and after each change until it is CONFIRMED, REJECTED, EXPIRED or CANCELLED. It connects again
    after a broken connection and misses nothing. With the version that you know, only later ones.
    """
    last_event_id = "" if last_version is None else str(last_version)
    for order in _watch(client, f"/orders/{quote(order_id, safe='')}/stream", "order", last_event_id):
        yield order
        if order["status"] in FINAL_STATUSES:
            return


def watch_sale(client: Client, event_code: str) -> Iterator[Dict[str, Any]]:
    """Yields the state of a sale now and after each change, until you leave the loop."""
    return _watch(client, f"/events/{quote(event_code, safe='')}/stream", "sale", None)


def _watch(client: Client, path: str, event: str, last_event_id: Optional[str]) -> Iterator[Dict[str, Any]]:
    """
    Yields the data of a stream's messages, also after a broken connection. Raises Problem when another connection does
    not help.

    last_event_id: where to continue, "" for the beginning; None when each connection begins anew
    """
    failures = 0
    reconnect_seconds = RECONNECT_SECONDS
    while True:
        request = Request(url_of(client, path), headers={"Accept": "text/event-stream"})
        if last_event_id:
            request.add_header("Last-Event-ID", last_event_id)
        failure: Union[NoAnswer, Problem] = NoAnswer("the stream ended")
        try:
            with open_answer(client, request, SILENCE_MAX_SECONDS) as response:
                if response.status == 204:
                    return
                for message in parse_events(response):
                    if message.get("retry", "").isdecimal():
                        reconnect_seconds = int(message["retry"]) / 1_000
                    if message.get("event") == event and "data" in message:
                        failures = 0
                        if last_event_id is not None:
                            last_event_id = message.get("id", last_event_id)
                        yield json.loads(message["data"])
        except Problem as problem:
            if not problem.is_retryable:
                raise
            failure = problem
        except (OSError, HTTPException):
            pass
        time.sleep(reconnect_seconds + pause_seconds(failure, failures))
        failures += 1


def parse_events(lines: Iterable[bytes]) -> Iterator[Dict[str, str]]:
    """Reads the fields of each message from the lines of a stream. A message ends with a blank line."""
    message: Dict[str, str] = {}
    for raw in lines:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line == "":
            if message:
                yield message
            message = {}
        # A comment begins with a colon: it has no field.
        elif not line.startswith(":"):
            field, _, value = line.partition(":")
            value = value[1:] if value.startswith(" ") else value
            message[field] = f"{message['data']}\n{value}" if field == "data" and "data" in message else value
