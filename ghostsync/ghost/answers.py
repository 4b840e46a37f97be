"""One HTTP answer -> its JSON, or the typed error it stands for.

Between ghostsync and Ghost there may be proxies, caches, firewalls and sign-in pages; all of them answer, too. So an
answer counts as Ghost's only if it has Ghost's form.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx

from ghostsync.errors import (
    AddressWrong,
    AnswerUnreadable,
    GhostError,
    InvalidRequest,
    RedirectRefused,
    Refused,
    ServerFault,
    Unavailable,
)
from ghostsync.ghost.address import address_from_redirect
from ghostsync.ghost.clock import parse_http_date
from ghostsync.ghost.errors_map import ghost_error, read_error
from ghostsync.ghost.refusals import refusal

MAX_BYTES = 64 * 1024 * 1024
_LATER = "Try again in a minute; if it lasts, look at the server."
_BOOT_PAGE = (b"be right back", b"busy updating our site")  # core/server/views/maintenance.html, Ghost 4 to 6


class AnswerTooLarge(AnswerUnreadable):
    """More than MAX_BYTES; a listing asks again for fewer documents at once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """status, headers and the whole body. server_time: the `Date` header, seconds since the epoch; 0 when no
    answer ever had one (then nothing counts as old enough to be settled).
    """

    status: int
    headers: httpx.Headers
    body: bytes
    server_time: int
    json: Any = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer is judged by. suffix: the API part of url. subject: for errors. lead: of the local clock. text: it need
    not be JSON.
    """

    url: str
    suffix: str
    subject: str
    address: str
    key_id: str = ""
    lead: float = 0.0
    text: bool = False


def _is_json(headers: httpx.Headers) -> bool:
    return "json" in headers.get("content-type", "")


def _load(body: bytes) -> Any:
    """The JSON, None where it is none. Ghost nests text inside strings, so depth means something else answers."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def retry_after(headers: httpx.Headers, now: float) -> float:
    """Seconds asked for by `Retry-After` (a number or a date, RFC 9110, section 10.2.3), 0.0 if not said."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return float(value)
    date = parse_http_date(value)
    return max(0.0, date - now) if date is not None else 0.0


def _redirect(answer: Answer, asked: Asked) -> RedirectRefused:
    location = answer.headers.get("location", "")
    target = address_from_redirect(asked.url, location, asked.suffix) if location else ""
    if target == asked.address:
        what = "the site redirects the Admin API to the same address again"
        remedy = "A proxy in front of Ghost hides that the visitor came over https: let it send `X-Forwarded-Proto: https`."
    elif target:
        what = f"the site redirects the Admin API to {target}"
        remedy = f"Set [site] url (or GHOST_URL) to {target}"
    else:
        what = "the site redirects the Admin API to a place that cannot be made out"
        remedy = "Set [site] url to the address the site has in Ghost's own configuration."
    return RedirectRefused(what, subject=asked.address, remedy=remedy, status=answer.status, sent=False)


def _foreign(answer: Answer, asked: Asked) -> GhostError:
    """An error that is not in Ghost's form: something in front of Ghost, or Ghost's page while it boots."""
    status = answer.status
    if status in {401, 403, 407}:
        wants = "asks for a sign-in of its own" if status != 403 else "refuses the request (a firewall?)"
        return Refused(
            f"something in front of Ghost {wants}",
            subject=asked.address,
            remedy="Let requests to /ghost/api/ through unchanged, or reach Ghost without it.",
            status=status,
            sent=False,
        )
    if status == 404:
        return AddressWrong(
            "something answers, but not a Ghost Admin API",
            subject=asked.address,
            remedy="Set [site] url to the address of the site itself, or of its subdirectory.",
            status=status,
            sent=False,
        )
    if status == 413:
        return InvalidRequest(
            "a proxy in front of Ghost finds the request too large",
            subject=asked.subject,
            remedy="Raise its limit (nginx: client_max_body_size), or make the document smaller.",
            status=status,
            sent=False,
        )
    if status in {429, 502, 503, 504}:
        booting = status == 503 and all(mark in answer.body for mark in _BOOT_PAGE)
        what = {429: "too many requests", 503: "Ghost is not available now"}.get(
            status, "Ghost does not answer"
        )
        return Unavailable(
            "Ghost is starting or being updated" if booting else f"{what} (HTTP {status})",
            subject=asked.address,
            remedy=_LATER,
            status=status,
            # Ghost serves that page before it looks at any request; another 503 may come after it did.
            sent=not (booting or status == 429),
        )
    if status >= 500:
        return ServerFault(
            f"the server failed (HTTP {status})",
            subject=asked.subject,
            remedy="Look at its log.",
            status=status,
        )
    return AnswerUnreadable(
        f"an answer that Ghost does not give (HTTP {status})",
        subject=asked.subject,
        remedy="Check the address and what stands in front of Ghost. https needs https:// in the address.",
        status=status,
        sent=False,
    )


def judge(answer: Answer, asked: Asked) -> GhostError | None:
    """The error an answer stands for, None when it is a success with readable JSON (or with no content)."""
    if 300 <= answer.status < 400:
        return _redirect(answer, asked)
    if answer.status < 300:
        if asked.text or answer.status == 204 or isinstance(answer.json, dict):
            return None
        kind = "broken JSON" if _is_json(answer.headers) else "not JSON"
        return AnswerUnreadable(
            f"the answer is {kind}",
            subject=asked.subject,
            remedy="Check what stands in front of Ghost; `ghostsync doctor` tells more.",
            status=answer.status,
        )
    says = read_error(answer.json)
    error: GhostError
    if says is None:
        error = _foreign(answer, asked)
    else:
        error = refusal(
            answer.status, says, subject=asked.address, key_id=asked.key_id, lead=asked.lead
        ) or ghost_error(answer.status, says, subject=asked.subject, address=asked.address)
    if isinstance(error, Unavailable):
        error.retry_after = retry_after(answer.headers, answer.server_time)
    return error


async def read_answer(response: httpx.Response, *, server_time: int, subject: str) -> Answer:
    """Read the body, but not more than MAX_BYTES of it (counted after decompression)."""
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BYTES:
            raise AnswerTooLarge(
                f"the answer is larger than {MAX_BYTES // 1024 // 1024} MB",
                subject=subject,
                remedy="Split the largest documents; Ghost's editor cannot hold such ones either.",
                status=response.status_code,
            )
    data = bytes(body)
    return Answer(
        status=response.status_code,
        headers=response.headers,
        body=data,
        server_time=server_time,
        json=_load(data) if data else None,
    )
