"""No answer at all: every fault httpx can raise -> a typed error in plain words.

`Unreachable.stage` says how far a request came: "name", "connect", "tls", "proxy" or "answer". Nothing was sent
before "answer", so a write may be tried again up to there.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

from ghostsync.errors import AnswerUnreadable, GhostError, InvalidRequest, Unreachable

# OpenSSL's X509_V_ERR_* numbers.
_NOT_YET_VALID, _EXPIRED, _SELF_SIGNED, _SELF_SIGNED_IN_CHAIN, _NO_ISSUER, _HOST_MISMATCH, _IP_MISMATCH = (
    9,
    10,
    18,
    19,
    20,
    62,
    64,
)

_LATER = "Check the network and whether Ghost runs; then run the command again."
_SLOW = "Ghost is slow or overloaded. Try again, or raise [http] timeout in ghostsync.toml."
_PROXY = "Check the proxy named by HTTP_PROXY, HTTPS_PROXY or ALL_PROXY, or except the site with NO_PROXY."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from an error to all that caused it; several attempts (IPv6, IPv4) come as a group."""
    queue: list[BaseException | None] = [error]
    seen: set[int] = set()
    while queue:
        current = queue.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        if isinstance(current, BaseExceptionGroup):
            queue.extend(current.exceptions)
        queue += [current.__cause__, current.__context__]


def _unreachable(
    what: str, subject: str, remedy: str, *, stage: str, sent: bool, passing: bool = True
) -> Unreachable:
    error = Unreachable(what, subject=subject, remedy=remedy, sent=sent)
    error.stage = stage
    error.passing = passing
    return error


def _tls(error: ssl.SSLError, subject: str) -> Unreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        code = error.verify_code
        if code in {_EXPIRED, _NOT_YET_VALID}:
            what = f"its TLS certificate {'has expired' if code == _EXPIRED else 'is not valid yet'}"
            remedy = "Renew the certificate on the server; if it is in order, set this machine's clock."
        elif code in {_SELF_SIGNED, _SELF_SIGNED_IN_CHAIN}:
            what = "its TLS certificate is self-signed"
            remedy = "Give the server a certificate from a known authority, or name yours in SSL_CERT_FILE."
        elif code == _NO_ISSUER:
            what = "its TLS certificate comes from an authority that is not known here"
            remedy = (
                "Let the server send its intermediate certificates, or name the authority in SSL_CERT_FILE."
            )
        elif code in {_HOST_MISMATCH, _IP_MISMATCH}:
            what = "its TLS certificate is for another host name"
            remedy = "Configure the address the certificate was made for."
        else:
            what = f"its TLS certificate cannot be verified ({error.verify_message})"
            remedy = "Repair the certificate on the server."
        return _unreachable(what, subject, remedy, stage="tls", sent=False, passing=False)
    if error.reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"}:
        what, remedy = (
            "there is no TLS at this address",
            "Write http:// in place of https://, or correct the port.",
        )
    else:
        what = f"the TLS connection failed ({error.reason or 'no reason given'})"
        remedy = "Check the server's TLS configuration."
    return _unreachable(what, subject, remedy, stage="tls", sent=False, passing=False)


def _connect(error: httpx.TransportError, subject: str) -> Unreachable:
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _tls(cause, subject)
        if isinstance(cause, socket.gaierror):
            passing = cause.errno == socket.EAI_AGAIN
            if passing:
                remedy = "Check the network connection and the name server, then try again."
            else:
                remedy = "Correct the host name in the address, or check the network connection."
            return _unreachable(
                "the host name cannot be resolved", subject, remedy, stage="name", sent=False, passing=passing
            )
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        what, remedy = "the connection was refused", "Start Ghost, or correct the port in the address."
    else:
        system = next((c.strerror for c in causes if isinstance(c, OSError) and c.strerror), "")
        what, remedy = f"no connection{f': {system}' if system else ''}", _LATER
    return _unreachable(what, subject, remedy, stage="connect", sent=False)


def fault(error: httpx.RequestError | TimeoutError, subject: str) -> GhostError:
    """The typed error for a request that got no usable answer. subject: the address."""
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return _unreachable(
                "no connection within the time allowed", subject, _LATER, stage="connect", sent=False
            )
        case httpx.ConnectError():
            return _connect(error, subject)
        case httpx.ProxyError():
            return _unreachable(f"the proxy failed: {error}", subject, _PROXY, stage="proxy", sent=False)
        case httpx.UnsupportedProtocol():
            return _unreachable(
                "no connection can be made with this scheme",
                subject,
                _PROXY,
                stage="connect",
                sent=False,
                passing=False,
            )
        case httpx.TimeoutException() | TimeoutError():
            return _unreachable(
                "no answer within the time allowed", subject, _SLOW, stage="answer", sent=True
            )
        case httpx.LocalProtocolError():
            return InvalidRequest(
                f"the request breaks HTTP's rules: {error}",
                subject=subject,
                remedy="Please report this: ghostsync should not have made it.",
            )
        case httpx.NetworkError() | httpx.ProtocolError():
            return _unreachable(
                "the connection broke before the answer was complete",
                subject,
                _LATER,
                stage="answer",
                sent=True,
            )
        case _:
            return AnswerUnreadable(
                f"the answer cannot be decoded: {error}",
                subject=subject,
                remedy="Check the proxy or cache in front of Ghost.",
            )
