"""One HTTP request to Onsale, without retries, and what can be repeated after a failure."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from typing import Any, Dict, Mapping, Optional, Union
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

API_PATH = "/api/v1"
# They pass by, but possibly only in minutes or days: whether to wait for that is your decision.
ANSWERS = ("sold-out", "sale-not-open", "sale-paused")
TRANSIENT_STATUSES = (408, 429, 500, 502, 503, 504)
BACKOFF_MAX_SECONDS = 5.0


@dataclass(frozen=True)
class Client:
    """Where Onsale is: the gateway's URL without /api/v1, such as https://tickets.example.com."""

    base_url: str
    api_key: Optional[str] = None


class NotModified(Exception):
    """The order has no other version than the one that was named."""


class NoAnswer(Exception):
    """There was no complete answer, so the request may have arrived or not. Its cause says why."""

    is_retryable = True
    retry_after_seconds = 0.0


class Problem(Exception):
    """Onsale refused the request. `code` is for programs, `detail` for people (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any], retry_after_seconds: float) -> None:
        self.status = status
        self.problem = problem
        self.code: str = problem["code"]
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"{problem['detail']} ({status} {self.code})")

    @property
    def is_retryable(self) -> bool:
        """Whether the same request may succeed within seconds."""
        return self.code not in ANSWERS and (self.problem["retryable"] is True or self.status == 429)


class _NoRedirects(HTTPRedirectHandler):
    """urllib would send the API key to the host that a redirect names, and make a GET of a purchase."""

    def redirect_request(self, *_request: Any) -> None:
        return None


_opener = build_opener(_NoRedirects)


def open_answer(client: Client, request: Request, timeout_seconds: float) -> HTTPResponse:
    """Sends a request; the body of the answer is not read yet. Raises Problem, and OSError or HTTPException."""
    if client.api_key is not None:
        request.add_header("Authorization", f"Bearer {client.api_key}")
    try:
        return _opener.open(request, timeout=timeout_seconds)
    except HTTPError as error:
        with error:
            # urllib takes 304 for an error.
            raise NotModified if error.code == 304 else read_problem(error) from None


def send(
    client: Client,
    method: str,
    path: str,
    timeout_seconds: float,
    headers: Mapping[str, str],
    body: Optional[Mapping[str, Any]] = None,
) -> Dict[str, Any]:
    """Makes a request and returns the answer's JSON object. Raises NotModified, Problem and NoAnswer."""
    request = Request(url_of(client, path), method=method, headers=dict(headers))
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with open_answer(client, request, timeout_seconds) as response:
            status, text = response.status, response.read()
    except (OSError, HTTPException) as error:
        raise NoAnswer(f"{method} {path} failed on the way") from error
    answer = parse_object(text)
    if answer is None:
        raise unexpected(status, f"{method} {path} was answered with an unexpected body.", 0.0)
    return answer


def url_of(client: Client, path: str) -> str:
    """The URL of a path below /api/v1."""
    base = client.base_url.rstrip("/")
    if base.endswith(API_PATH):
        raise ValueError(f"{API_PATH} is added by itself: base_url should be {base[: -len(API_PATH)]}")
    return f"{base}{API_PATH}{path}"


def pause_seconds(error: Union[NoAnswer, Problem], failures: int) -> float:
    """What the server asked for, plus a random pause that grows, so that clients do not come back all together."""
    return error.retry_after_seconds + random.uniform(0, min(BACKOFF_MAX_SECONDS, 0.1 * 2 ** min(failures, 10)))


def read_problem(error: HTTPError) -> Problem:
    """The problem in an error's body, or one that is made here when a proxy answered instead of Onsale."""
    after = error.headers.get("Retry-After", "")
    retry_after_seconds = float(after) if after.isascii() and after.isdigit() else 0.0
    problem = parse_object(error.read())
    if problem is not None and {"code", "detail", "retryable"} <= problem.keys():
        return Problem(error.code, problem, retry_after_seconds)
    return unexpected(error.code, "The answer has no problem details.", retry_after_seconds)


def parse_object(text: bytes) -> Optional[Dict[str, Any]]:
    """Parses a JSON object; None when the text is something else."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def unexpected(status: int, detail: str, retry_after_seconds: float) -> Problem:
    """The problem of an answer that is not one of Onsale's."""
    problem = {"code": "unexpected-answer", "detail": detail, "retryable": status in TRANSIENT_STATUSES}
    return Problem(status, problem, retry_after_seconds)
