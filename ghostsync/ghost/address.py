"""What a person typed as the site's address -> the base that API paths are appended to.

People paste what their browser shows: without a scheme, with `/ghost/#/settings` behind it, with a query. What can
be understood without guessing is put right and said (`Address.notes`); what cannot is refused with a remedy.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

import httpx

from ghostsync.errors import AddressWrong

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_HOST = re.compile(rb"[a-z0-9._:-]+")
_EXAMPLE = "Give the address that opens the site in a browser, such as https://example.com or https://example.com/blog."


@dataclass(frozen=True, slots=True)
class Address:
    """url: "https://example.com" or "https://example.com/blog", without a slash at the end. notes: what was put right."""

    url: str
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.url


def _wrong(what: str, subject: str, remedy: str = _EXAMPLE) -> AddressWrong:
    return AddressWrong(what, subject=subject, remedy=remedy, sent=False)


def is_local(host: str) -> bool:
    """Whether a host names this machine or a private network, where Ghost is usually served without TLS."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".test")):
        return True
    try:
        return ipaddress.ip_address(name).is_private
    except ValueError:
        return False


def _base_path(path: str) -> str:
    """The path up to Ghost's own `/ghost` segment; Ghost allows no subdirectory of that name."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment.lower() == "ghost":
            break
        if segment not in {"", "."}:
            kept.append(segment)
    return "".join(f"/{segment}" for segment in kept)


def _split_scheme(typed: str, shown: str, notes: list[str]) -> tuple[str, str]:
    """The scheme (assumed when it is missing) and what stands behind its slashes."""
    if match := _SCHEME.match(typed):
        scheme = match[1].lower()
        if scheme not in {"http", "https"}:
            raise _wrong(f"{scheme}:// is not a web address", shown)
        return scheme, typed[match.end() :]
    rest = typed.lstrip("/")
    host = re.split(r"[/?#]", rest, maxsplit=1)[0]
    name = host.split("]", 1)[0] if host.startswith("[") else host.rsplit(":", 1)[0]
    scheme = "http" if is_local(name) else "https"
    notes.append(f"the scheme was missing; {scheme}:// is assumed")
    return scheme, rest


def _url(scheme: str, rest: str, shown: str) -> httpx.URL:
    try:
        url = httpx.URL(f"{scheme}://{rest}")
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise _wrong("this is not an address: the host or the port is malformed", shown) from None
    if not url.host:
        raise _wrong("the address names no host", shown)
    if not _HOST.fullmatch(url.raw_host):
        raise _wrong("the host has a character that no host name can have", shown)
    if url.userinfo:
        raise _wrong(
            "the address holds a user name or password",
            shown,
            "Remove it. Ghost's key needs the header that a password would take; let ghostsync reach Ghost directly.",
        )
    if {".", ".."} & set(re.split(r"[?#]", rest, maxsplit=1)[0].split("/")):  # httpx would resolve them
        raise _wrong("the path of the address has a . or .. in it", shown)
    return url


def parse_address(text: str) -> Address:
    """Normalise an address. Raises AddressWrong; a password in the address is never repeated in the error."""
    typed = text.strip().strip("<>\"'").strip()
    shown = re.sub(r"^([a-z+.-]*:?/*)[^/]*@", r"\1…@", typed, flags=re.IGNORECASE)
    if not typed:
        raise _wrong("the site's address is empty", "address")
    if re.search(r"[\s\x00-\x1f\x7f\\]", typed):
        raise _wrong("the address has a space, a control character or a backslash in it", shown)
    notes: list[str] = []
    scheme, rest = _split_scheme(typed, shown, notes)
    url = _url(scheme, rest, shown)
    raw_path = url.raw_path.split(b"?", 1)[0].decode("ascii")
    path = _base_path(raw_path)
    if "/ghost" in raw_path.lower() and path != raw_path.rstrip("/"):
        notes.append("/ghost and what follows it was left out: that is Ghost's own part")
    elif url.query or url.fragment:
        notes.append("the part from ? or # on was left out")
    host = url.raw_host.decode("ascii")
    host = f"[{host}]" if ":" in host else host
    port = f":{url.port}" if url.port else ""
    return Address(url=f"{scheme}://{host}{port}{path}", notes=tuple(notes))


def address_from_redirect(request_url: str, location: str, suffix: str) -> str:
    """The address to configure when `request_url` (ending in `suffix`, the API part) redirects to `location`.

    "" when the target cannot be made out. A target that has lost the API part (a login page, a home page) still
    tells scheme and host, which is what is wrong most often.
    """
    try:
        target = httpx.URL(request_url).join(location)
        parsed = parse_address(str(target.copy_with(query=None, fragment=None, username="", password="")))
    except (httpx.InvalidURL, AddressWrong, ValueError):
        return ""
    path = target.path.rstrip("/") + "/"
    if path.endswith(suffix) or "/ghost/" in path:
        return parsed.url
    origin = httpx.URL(parsed.url).copy_with(path="/")
    return str(origin).rstrip("/")
