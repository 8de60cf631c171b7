"""Verifies webhooks by Standard Webhooks (https://www.standardwebhooks.com)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import time
from typing import Any, Dict, List, Mapping, Optional, Sequence

from .calls import parse_object

TOLERANCE_SECONDS = 300
SECRET = re.compile(r"(?:whsec_)?([A-Za-z0-9+/]+={0,2})")


class WebhookRefused(Exception):
    """The webhook must not be acted upon: answer it with 400."""


def verify_webhook(
    headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: Optional[float] = None
) -> Dict[str, Any]:
    """
    Checks that a webhook was signed with one of the secrets, lately, and not changed since, and returns its content.

    headers: of the request, in any letter case
    body: the bytes as they arrived; JSON that was parsed and serialised again has another signature
    secrets: `whsec_` and base64; two while you replace one by another
    """
    message_id = _header(headers, "webhook-id")
    timestamp = _header(headers, "webhook-timestamp")
    signatures = _header(headers, "webhook-signature").split(" ")
    if re.fullmatch(r"[0-9]{1,15}", timestamp) is None:
        raise WebhookRefused("the timestamp is not a number of seconds")
    if not abs((time.time() if now is None else now) - int(timestamp)) <= TOLERANCE_SECONDS:
        raise WebhookRefused("the timestamp is too far from this clock")
    if len(secrets) == 0:
        raise WebhookRefused("no secret was given")
    content = f"{message_id}.{timestamp}.".encode() + body
    # Compares all pairs without an early end, so that the time does not reveal which part matches.
    matches = [
        hmac.compare_digest(_sign(secret, content), signature.encode("utf-8", "replace"))
        for secret in secrets
        for signature in signatures
    ]
    if not any(matches):
        raise WebhookRefused("no signature matches")
    return _parse(body)


def _header(headers: Mapping[str, str], name: str) -> str:
    values: List[str] = [value for key, value in headers.items() if key.lower() == name]
    if len(values) != 1 or values[0] == "":
        raise WebhookRefused(f"the header {name} must be sent once")
    return values[0]


def _sign(secret: str, content: bytes) -> bytes:
    encoded = SECRET.fullmatch(secret)
    if encoded is None:
        raise WebhookRefused("a secret must be whsec_ and base64")
    try:
        key = base64.b64decode(encoded[1], validate=True)
    except binascii.Error:
        raise WebhookRefused("a secret must be whsec_ and base64") from None
    return b"v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())


def _parse(body: bytes) -> Dict[str, Any]:
    event = parse_object(body)
    if event is not None and isinstance(event.get("type"), str) and isinstance(event.get("data"), dict):
        return event
    raise WebhookRefused("the body is not a webhook of Onsale")
