import asyncio
import socket
import ssl

import httpx
import pytest

from ghostsync.config import HttpSection
from ghostsync.errors import AnswerUnreadable, GhostError, InvalidRequest, Unreachable
from ghostsync.ghost.address import parse_address
from ghostsync.ghost.faults import fault
from ghostsync.ghost.transport import AdminClient

SUBJECT = "https://blog.example.com"


def every_subclass(cls):
    for child in cls.__subclasses__():
        yield child
        yield from every_subclass(child)


# How each fault is told: (class, stage, may have been applied). A new httpx exception fails the first test.
EXPECTED = {
    "ConnectTimeout": (Unreachable, "connect", False),
    "PoolTimeout": (Unreachable, "connect", False),
    "ConnectError": (Unreachable, "connect", False),
    "ProxyError": (Unreachable, "proxy", False),
    "UnsupportedProtocol": (Unreachable, "connect", False),
    "ReadTimeout": (Unreachable, "answer", True),
    "WriteTimeout": (Unreachable, "answer", True),
    "ReadError": (Unreachable, "answer", True),
    "WriteError": (Unreachable, "answer", True),
    "CloseError": (Unreachable, "answer", True),
    "RemoteProtocolError": (Unreachable, "answer", True),
    "LocalProtocolError": (InvalidRequest, "", True),
    "DecodingError": (AnswerUnreadable, "", True),
    "TooManyRedirects": (AnswerUnreadable, "", True),
    "TimeoutException": (Unreachable, "answer", True),
    "NetworkError": (Unreachable, "answer", True),
    "ProtocolError": (Unreachable, "answer", True),
    "TransportError": (AnswerUnreadable, "", True),
}


def test_every_fault_that_httpx_knows_is_mapped():
    assert {cls.__name__ for cls in every_subclass(httpx.RequestError)} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_fault_says_what_happened_how_far_it_came_and_what_to_do(name):
    cls, stage, sent = EXPECTED[name]
    error = fault(getattr(httpx, name)("boom"), SUBJECT)
    assert type(error) is cls
    assert getattr(error, "stage", "") == stage
    assert error.sent is sent
    assert error.what
    assert error.remedy
    assert error.subject == SUBJECT


def caused_by(cause):
    error = httpx.ConnectError("failed")
    middle = OSError("All connection attempts failed")
    middle.__cause__ = ExceptionGroup("several", [OSError(101, "Network is unreachable"), cause])
    error.__cause__ = middle
    return fault(error, SUBJECT)


def certificate_error(code):
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    error.verify_message = "as the library says"
    return error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (10, "has expired"),
        (9, "not valid yet"),
        (18, "self-signed"),
        (19, "self-signed"),
        (20, "authority that is not known"),
        (62, "another host name"),
        (64, "another host name"),
        (23, "as the library says"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_told_apart(code, words):
    error = caused_by(certificate_error(code))
    assert words in error.what
    assert (error.stage, error.sent, error.passing) == ("tls", False, False)


def test_plain_http_behind_https_is_recognised():
    error = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
    error.reason = "WRONG_VERSION_NUMBER"
    assert "no TLS" in caused_by(error).what
    assert "http://" in caused_by(error).remedy


def test_another_tls_failure_is_told_with_its_reason():
    error = ssl.SSLError(1, "x")
    error.reason = "SSLV3_ALERT_HANDSHAKE_FAILURE"
    assert "SSLV3_ALERT_HANDSHAKE_FAILURE" in caused_by(error).what


def test_an_unknown_host_is_for_good_and_a_silent_name_server_passes():
    unknown = caused_by(socket.gaierror(socket.EAI_NONAME, "Name or service not known"))
    silent = caused_by(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"))
    assert (unknown.stage, unknown.passing) == ("name", False)
    assert (silent.stage, silent.passing) == ("name", True)


def test_a_refused_connection_is_named():
    assert "refused" in caused_by(ConnectionRefusedError(111, "Connection refused")).what


def test_any_other_connection_failure_gives_the_systems_own_word():
    error = httpx.ConnectError("failed")
    error.__cause__ = OSError(113, "No route to host")
    assert "No route to host" in fault(error, SUBJECT).what


async def ask(address):
    async with AdminClient(parse_address(address), None, HttpSection(retries=0, timeout=5)) as client:
        with pytest.raises(GhostError) as caught:
            await client.site()
        return caught.value


async def test_a_port_where_nothing_listens_is_a_refused_connection():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    error = await ask(f"http://127.0.0.1:{port}")
    assert (error.stage, error.sent) == ("connect", False)
    assert "refused" in error.what


async def serve(behaviour):
    server = await asyncio.start_server(behaviour, "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]


async def test_a_server_without_tls_behind_an_https_address_is_told():
    async def plain(reader, writer):
        await reader.read(64)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server, port = await serve(plain)
    async with server:
        error = await ask(f"https://127.0.0.1:{port}")
    assert error.stage == "tls"
    assert "no TLS" in error.what


async def test_an_answer_cut_short_is_a_broken_connection():
    async def cut(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"site":'
        )
        await writer.drain()
        writer.close()

    server, port = await serve(cut)
    async with server:
        error = await ask(f"http://127.0.0.1:{port}")
    assert type(error) is Unreachable
    assert (error.stage, error.sent) == ("answer", True)
