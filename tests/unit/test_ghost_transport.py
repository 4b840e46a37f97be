import asyncio
import json
import logging
import traceback

import httpx
import jwt
import pytest
import stamina
from ghost_fakes import (
    BOOT_PAGE,
    KEY_ID,
    NOW,
    SECRET,
    SITE,
    URL,
    Clock,
    Script,
    answer,
    client,
    in_turn,
    refused_token,
    says,
)

from ghostsync.config import HttpSection
from ghostsync.errors import (
    AddressWrong,
    AnswerUnreadable,
    GhostError,
    InvalidRequest,
    NotFound,
    RedirectRefused,
    TokenExpired,
    Unavailable,
    Unreachable,
)
from ghostsync.ghost import answers
from ghostsync.ghost.address import parse_address
from ghostsync.ghost.answers import AnswerTooLarge
from ghostsync.ghost.retry import LONGEST_WAIT, pause
from ghostsync.ghost.transport import AdminClient

OK = answer(200, {"posts": []})


@pytest.fixture(autouse=True)
def _no_waiting():
    with stamina.set_testing(True, attempts=99, cap=True):
        yield


async def ask(handler, method="GET", resource="posts/", **options):
    payload = {"posts": [{"title": "x"}]} if method in {"POST", "PUT"} else None
    async with client(handler, **options) as ghost:
        return await ghost.call(method, resource, subject='post "x"', payload=payload)


async def error_of(handler, method="GET", resource="posts/", **options):
    with pytest.raises(GhostError) as caught:
        await ask(handler, method, resource, **options)
    return caught.value


async def test_the_clock_is_learned_before_the_first_token_is_made():
    script = Script(in_turn(OK))
    await ask(script, clock=Clock(lead=3600))
    claims = jwt.decode(
        script.requests[0].headers["Authorization"].removeprefix("Ghost "),
        options={"verify_signature": False},
    )
    assert claims["iat"] == NOW


async def test_site_is_asked_without_a_token_and_once_for_many_waiting_requests():
    sites = []

    def handler(request):
        if request.url.path.endswith("site/"):
            sites.append(request)
            return answer(200, {"site": SITE})
        return OK

    async with client(lambda r: OK) as ghost:
        ghost._client = httpx.AsyncClient(transport=httpx.MockTransport(handler))
        await asyncio.gather(*(ghost.call("GET", "posts/", subject="posts") for _ in range(20)))
        await ghost._client.aclose()
    assert len(sites) == 1
    assert "Authorization" not in sites[0].headers


def versioned(answering, status=404):
    """A Ghost that has its API under one path only."""

    def handler(request):
        if f"/ghost/api/{answering}" in request.url.path:
            return answer(200, {"site": SITE}) if request.url.path.endswith("site/") else OK
        return answer(status, {"errors": [{"message": "Resource not found", "errorType": "NotFoundError"}]})

    return handler


@pytest.mark.parametrize(
    ("answering", "audience"),
    [
        ("admin/", "/admin/"),
        ("v4/admin/", "/v4/admin/"),
        ("v3/admin/", "/v3/admin/"),
        ("v2/admin/", "/v2/admin/"),
    ],
)
async def test_the_api_path_is_found_and_the_token_names_its_audience(answering, audience):
    async with client(lambda r: OK) as ghost:
        ghost._client = httpx.AsyncClient(transport=httpx.MockTransport(versioned(answering)))
        await ghost.call("GET", "posts/", subject="posts")
        assert ghost.api.path == f"/ghost/api/{answering}"
        assert ghost.token.claims["aud"] == audience
        await ghost._client.aclose()


async def test_after_an_upgrade_the_better_path_is_taken():
    old = {"on": True}

    def handler(request):
        if old["on"] and "/v3/" not in request.url.path:
            return answer(404, "not here")
        headers = {} if old["on"] or "/v3/" not in request.url.path else {"Deprecation": 'version="v3"'}
        return answer(200, {"site": SITE}, **headers)

    async with client(lambda r: OK) as ghost:
        ghost._client = httpx.AsyncClient(transport=httpx.MockTransport(handler))
        await ghost.site()
        assert ghost.api.path == "/ghost/api/v3/admin/"
        old["on"] = False
        await ghost.site()
        assert ghost.api.path == "/ghost/api/admin/"
        await ghost._client.aclose()


@pytest.mark.parametrize(
    "response",
    [answer(404, "<h1>nothing</h1>"), answer(200, "<h1>Welcome</h1>"), answer(200, {"hello": "world"})],
)
async def test_what_is_not_ghost_is_an_address_that_is_wrong(response):
    async with client(lambda r: OK) as ghost:
        ghost._client = httpx.AsyncClient(transport=httpx.MockTransport(in_turn(response)))
        with pytest.raises(AddressWrong) as caught:
            await ghost.site()
        await ghost._client.aclose()
    assert caught.value.subject == URL


@pytest.mark.parametrize("message", ["jwt expired", "maxAge exceeded"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_a_token_that_grew_old_in_a_queue_is_replaced_once_for_any_method(method, message):
    script = Script(in_turn(refused_token(message), OK))
    await ask(script, method, "posts/x/")
    first, second = (request.headers["Authorization"] for request in script.requests)
    assert first.startswith("Ghost ")
    assert second.startswith("Ghost ")


async def test_the_second_token_goes_by_the_clock_of_the_refusal():
    late = answer(
        401, says("UnauthorizedError", "Invalid token: jwt expired", code="INVALID_JWT"), now=NOW + 900
    )
    script = Script(in_turn(late, OK))
    await ask(script)
    token = script.requests[1].headers["Authorization"].removeprefix("Ghost ")
    assert jwt.decode(token, options={"verify_signature": False})["iat"] == NOW + 900


async def test_a_token_refused_twice_is_an_error_that_names_the_clocks():
    script = Script(in_turn(refused_token("jwt expired")))
    error = await error_of(script, clock=Clock(lead=-600))
    assert type(error) is TokenExpired
    assert "600 s behind" in error.what
    assert len(script.requests) == 2


async def test_a_wrong_secret_is_not_tried_again():
    script = Script(in_turn(refused_token("invalid signature")))
    await error_of(script)
    assert len(script.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
async def test_no_redirect_is_followed(method, status):
    script = Script(
        in_turn(answer(status, "moved", location="https://evil.example/ghost/api/admin/posts/x/"))
    )
    error = await error_of(script, method, "posts/x/")
    assert type(error) is RedirectRefused
    assert "https://evil.example" in error.remedy
    assert len(script.requests) == 1


LOST = httpx.ReadError("gone")
NEVER_SENT = httpx.ConnectError("refused")
BOOTING = answer(503, BOOT_PAGE)
RATE = answer(429, says("TooManyRequestsError"))
GATEWAY = answer(502, "<h1>Bad Gateway</h1>")


@pytest.mark.parametrize("fault", [LOST, NEVER_SENT, BOOTING, RATE, GATEWAY, httpx.ReadTimeout("slow")])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_what_can_be_repeated_is_tried_again(method, fault):
    script = Script(in_turn(fault, fault, OK))
    await ask(script, method, "posts/x/")
    assert len(script.requests) == 3


@pytest.mark.parametrize("fault", [NEVER_SENT, BOOTING, RATE, answer(503, says("MaintenanceError"))])
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_write_that_certainly_was_not_applied_is_tried_again(method, fault):
    script = Script(in_turn(fault, OK))
    await ask(script, method, "posts/x/")
    assert len(script.requests) == 2


@pytest.mark.parametrize(
    "fault", [LOST, GATEWAY, answer(503, "busy"), httpx.ReadTimeout("slow"), answer(200, "<p>")]
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_write_whose_answer_was_lost_is_never_repeated(method, fault):
    script = Script(in_turn(fault, OK))
    error = await error_of(script, method, "posts/x/")
    assert error.sent
    assert len(script.requests) == 1


async def test_after_a_lost_delete_a_missing_document_means_it_worked():
    gone = answer(404, says("NotFoundError", context="Post not found."))
    result = await ask(Script(in_turn(LOST, gone)), "DELETE", "posts/x/")
    assert result.status == 204
    assert type(await error_of(Script(in_turn(gone)), "DELETE", "posts/x/")) is NotFound
    assert type(await error_of(Script(in_turn(NEVER_SENT, gone)), "DELETE", "posts/x/")) is NotFound


async def test_retries_end():
    script = Script(in_turn(LOST))
    assert type(await error_of(script, retries=3)) is Unreachable
    assert len(script.requests) == 4


async def test_no_retry_where_none_is_wanted():
    script = Script(in_turn(BOOTING))
    assert type(await error_of(script, retries=0)) is Unavailable
    assert len(script.requests) == 1


def unavailable(seconds):
    error = Unavailable("busy", sent=False)
    error.retry_after = seconds
    return error


def test_retry_after_is_honoured_with_a_little_spread_and_a_ceiling():
    assert 7 <= pause(unavailable(7.0), repeatable=False) <= 8
    assert pause(unavailable(0.0), repeatable=False) is True
    assert pause(unavailable(LONGEST_WAIT + 1), repeatable=True) is False


def test_what_a_person_must_put_right_is_not_retried():
    tls = Unreachable("certificate", sent=False)
    tls.passing = False
    assert pause(tls, repeatable=True) is False
    assert pause(InvalidRequest("no", sent=False), repeatable=True) is False
    assert pause(ValueError("a bug"), repeatable=True) is False


async def test_no_more_requests_are_in_flight_than_allowed():
    flying = {"now": 0, "most": 0}
    release = asyncio.Event()

    async def handler(request):
        if request.url.path.endswith("site/"):
            return answer(200, {"site": SITE})
        flying["now"] += 1
        flying["most"] = max(flying["most"], flying["now"])
        if flying["now"] == 3:
            release.set()
        await release.wait()
        flying["now"] -= 1
        return OK

    async with client(lambda r: OK, max_in_flight=3) as ghost:
        ghost._client = httpx.AsyncClient(transport=httpx.MockTransport(handler))
        await asyncio.gather(*(ghost.call("GET", "posts/", subject="posts") for _ in range(12)))
        await ghost._client.aclose()
    assert flying["most"] == 3


async def test_every_path_ends_in_a_slash_and_requests_are_counted_by_method():
    script = Script(in_turn(OK))
    async with client(script) as ghost:
        await ghost.call("GET", "posts/", subject="posts", params={"filter": "a+b"})
        await ghost.call("POST", "posts/", subject="posts", payload={"posts": [{}]})
        assert dict(ghost.counts) == {"GET": 2, "POST": 1}
    assert all(request.url.path.endswith("/") for request in script.requests)
    assert b"a%2Bb" in script.requests[0].url.query
    assert script.requests[0].headers["User-Agent"].startswith("ghostsync/")


async def test_a_body_travels_as_utf8_json():
    script = Script(in_turn(OK))
    async with client(script) as ghost:
        await ghost.call("POST", "posts/", subject="posts", payload={"title": "Grüße 👻"})
    assert json.loads(script.requests[0].content) == {"title": "Grüße 👻"}
    assert "Grüße".encode() in script.requests[0].content


@pytest.mark.parametrize("value", ["\ud800", float("nan"), object()])
async def test_what_json_cannot_hold_is_refused_before_anything_is_sent(value):
    script = Script(in_turn(OK))
    async with client(script) as ghost:
        with pytest.raises(InvalidRequest) as caught:
            await ghost.call("POST", "posts/", subject="posts", payload={"title": value})
    assert not caught.value.sent
    assert script.requests == []


async def test_an_answer_beyond_the_limit_is_given_up(monkeypatch):
    monkeypatch.setattr(answers, "MAX_BYTES", 1000)
    assert type(await error_of(Script(in_turn(answer(200, {"posts": ["x" * 2000]}))))) is AnswerTooLarge


@pytest.mark.parametrize("body", [b"", b'{"posts": [', b"[" * 100_000, b"\xff\xfe"])
async def test_broken_json_is_an_unreadable_answer(body):
    broken = httpx.Response(200, content=body, headers={"Content-Type": "application/json"})
    error = await error_of(Script(in_turn(broken)))
    assert type(error) is AnswerUnreadable
    assert "broken JSON" in error.what


async def test_without_any_date_the_servers_time_is_unknown():
    async with client(lambda r: OK) as ghost:
        bare = httpx.Response(200, json={"site": SITE})
        ghost._client = httpx.AsyncClient(transport=httpx.MockTransport(in_turn(bare)))
        assert (await ghost.site()).server_time == 0
        await ghost._client.aclose()


FAILURES = [
    LOST,
    NEVER_SENT,
    refused_token("invalid signature"),
    refused_token("jwt expired"),
    answer(422, says("ValidationError")),
    answer(500, "<h1>Oops</h1>"),
    answer(301, "moved", location="https://www.example.com/ghost/api/admin/posts/"),
    answer(200, "not json"),
]


@pytest.mark.parametrize("failure", FAILURES)
async def test_neither_key_nor_token_is_in_any_error_traceback_local_or_log(failure, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    script = Script(in_turn(failure))
    error = await error_of(script, "POST", retries=1)
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    text = "".join(shown.format()) + str(error) + repr(error) + caplog.text + "".join(capsys.readouterr())
    for request in script.requests:
        token = request.headers["Authorization"].removeprefix("Ghost ")
        assert token not in text
        assert token.rsplit(".", 1)[1] not in text
    assert script.requests
    assert SECRET not in text
    assert bytes.fromhex(SECRET).decode("latin-1") not in text
    assert error.__context__ is None or isinstance(error.__context__, GhostError)
    assert KEY_ID not in text or "invalid signature" in str(
        failure.content if hasattr(failure, "content") else ""
    )


@pytest.mark.parametrize(
    ("address", "proxied"),
    [
        ("http://localhost:2368", False),
        ("http://127.0.0.1:2368", False),
        ("http://[::1]:2368", False),
        ("https://localhost:2368", True),  # SSL_CERT_FILE counts there, and so does the rest
        ("http://192.168.1.5", True),
        ("https://blog.example.com", True),
    ],
)
async def test_a_proxy_from_the_environment_is_used_but_for_plain_http_on_this_machine(
    monkeypatch, address, proxied
):
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with AdminClient(parse_address(address), None, HttpSection()) as ghost:
        assert bool(ghost._client._mounts) is proxied


async def test_an_exchange_that_never_ends_is_given_up():
    async def handler(request):
        if request.url.path.endswith("site/"):
            return answer(200, {"site": SITE})
        return await asyncio.get_running_loop().create_future()

    async with client(lambda r: OK, timeout=0.001, retries=0) as ghost:
        ghost._client = httpx.AsyncClient(transport=httpx.MockTransport(handler))
        with pytest.raises(Unreachable) as caught:
            await ghost.call("POST", "posts/", subject="posts", payload={})
        await ghost._client.aclose()
    assert (caught.value.stage, caught.value.sent) == ("answer", True)
