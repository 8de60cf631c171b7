"""Buys tickets from Onsale, follows orders and verifies webhooks, with nothing but Python's standard library."""

from .calls import Client, NoAnswer, Problem
from .orders import PurchaseUnknown, purchase, wait_for_decision
from .streams import watch_order, watch_sale
from .webhooks import WebhookRefused, verify_webhook

__all__ = [
    "Client",
    "NoAnswer",
    "Problem",
    "PurchaseUnknown",
    "WebhookRefused",
    "purchase",
    "verify_webhook",
    "wait_for_decision",
    "watch_order",
    "watch_sale",
]
