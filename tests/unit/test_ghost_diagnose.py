import socket
import ssl

import httpx
import pytest
from ghost_fakes import KEY, KEY_ID, SECRET, URL, Clock, Script, answer, in_turn, refused_token, says

from ghostsync.config import HttpSection
from ghostsync.ghost.diagnose import STEPS, diagnose

EMPTY = {"meta": {"pagination": {"total": 3}}}
NO_POST = answer(
    404, says("NotFoundError", "Resource not found error, cannot edit post.", context="Post not found.")
)


def healthy(me=NO_POST, put=NO_POST, pages=None):
    def handler(request):
        match request.method, request.url.path.removeprefix("/ghost/api/admin/"):
            case "GET", "posts/":
                return answer(200, {"posts": []} | EMPTY)
            case "GET", "pages/":
                return pages or answer(200, {"pages": []} | EMPTY)
            case "GET", "users/me/":
                return me
            case "PUT", path:
                assert path == f"posts/{'0' * 24}/"
                return put
        raise AssertionError(request.url)

    return handler


def site_answer(response):
    """A server whose every answer is this one."""
    return httpx.MockTransport(in_turn(response))


async def examine(handler, *, address=URL, key=KEY, lead=0.0):
    transport = handler if isinstance(handler, httpx.AsyncBaseTransport) else Script(handler).transport
    checks = await diagnose(
        address, key, HttpSection(), transport=transport, clock=Clock(lead=lead).server_clock()
    )
    assert [check.name for check in checks] == list(STEPS)
    assert all(check.remedy for check in checks if check.ok is False)
    return {check.name: check for check in checks}


def failed(checks):
    return [name for name, check in checks.items() if check.ok is False]


async def test_all_is_well():
    checks = await examine(healthy())
    assert all(check.ok for check in checks.values())
    assert "6.65" in checks["ghost"].detail
    assert checks["ghost"].data["api_path"] == "/ghost/api/admin/"
    assert checks["read"].detail == "3 posts and 3 pages can be read"
    assert "integration" in checks["token"].detail
    assert "agrees" in checks["clock"].detail


async def test_one_page_is_no_plural():
    one = answer(200, {"pages": [], "meta": {"pagination": {"total": 1}}})
    assert (await examine(healthy(pages=one)))["read"].detail == "3 posts and 1 page can be read"


async def test_the_token_is_shown_by_header_and_claims_without_secret_or_signature():
    script = Script(healthy())
    checks = await examine(script)
    assert checks["token"].data["header"]["kid"] == KEY_ID
    assert checks["token"].data["claims"]["aud"] == "/admin/"
    shown = str(checks)
    assert SECRET not in shown
    for request in script.requests:
        assert request.headers["Authorization"].rsplit(".", 1)[1] not in shown


async def test_nothing_is_written_that_could_exist():
    script = Script(healthy())
    await examine(script)
    assert {path for path in script.paths if not path.startswith("GET")} == {
        f"PUT /ghost/api/admin/posts/{'0' * 24}/"
    }


async def test_a_local_clock_that_is_off_is_told_in_seconds_and_does_no_harm():
    checks = await examine(healthy(), lead=-600)
    assert failed(checks) == []
    assert "600 s behind" in checks["clock"].detail
    assert checks["clock"].remedy


@pytest.mark.parametrize(
    ("code", "message", "words", "exit_code"),
    [
        ("UNKNOWN_ADMIN_API_KEY", "Unknown Admin API Key", "knows no key", 3),
        ("INVALID_JWT", "Invalid token: invalid signature", "secret", 3),
        ("INVALID_JWT", "Invalid token: jwt audience invalid. expected: x", "version", 3),
        ("INVALID_JWT", "Invalid token: jwt expired", "600 s ahead", 3),
    ],
)
async def test_why_a_token_is_refused_is_told_apart(code, message, words, exit_code):
    refusing = in_turn(answer(401, says("UnauthorizedError", message, code=code)))
    checks = await examine(refusing, lead=600)
    assert failed(checks) == ["token"]
    assert words in checks["token"].detail
    assert checks["token"].error.exit_code == exit_code
    assert checks["token"].data["claims"]
    assert checks["write"].detail == "not checked because of: token"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (None, "no Admin API key"),
        ("", "empty"),
        ("a" * 26, "Content API key"),
        ("a" * 24, "halves is missing"),
        (f"{'a' * 24}:", "half"),
        (f"{'g' * 24}:{'a' * 64}", "hexadecimal"),
        (f"{'a' * 24}:{'a' * 63}", "length"),
    ],
)
async def test_a_bad_key_is_told_and_the_site_is_checked_all_the_same(key, words):
    checks = await examine(healthy(), key=key)
    assert failed(checks) == ["key"]
    assert words in checks["key"].detail
    assert checks["ghost"].ok
    assert checks["token"].detail == "not checked because of: key"


@pytest.mark.parametrize("address", ["", "ftp://x", "https://me:secret@example.com"])
async def test_a_bad_address_ends_the_checks(address):
    checks = await examine(healthy(), address=address)
    assert failed(checks) == ["address"]
    assert checks["connection"].detail == "not checked because of: address"
    assert "secret" not in str(checks)


async def test_what_was_pasted_along_is_put_right_with_advice():
    checks = await examine(healthy(), address=f"{URL}/ghost/#/settings")
    assert checks["address"].ok
    assert URL in checks["address"].remedy


def broken(cause):
    def handler(request):
        error = httpx.ConnectError("failed")
        error.__cause__ = cause
        raise error

    return httpx.MockTransport(handler)


async def test_an_unknown_host_fails_at_its_name():
    checks = await examine(broken(socket.gaierror(socket.EAI_NONAME, "unknown")))
    assert failed(checks) == ["name"]
    assert checks["name"].error.exit_code == 4
    assert checks["ghost"].detail == "not checked because of: name"


async def test_a_refused_connection_fails_after_the_name():
    checks = await examine(broken(ConnectionRefusedError()), key=None)
    assert failed(checks) == ["key", "connection"]
    assert checks["name"].ok
    assert checks["ghost"].detail == "not checked because of: connection"


async def test_a_certificate_fails_after_the_connection():
    error = ssl.SSLCertVerificationError(1, "x")
    error.verify_code = 10
    checks = await examine(broken(error))
    assert failed(checks) == ["tls"]
    assert checks["connection"].ok
    assert "expired" in checks["tls"].detail


async def test_an_http_address_of_an_https_site_fails_at_the_redirect():
    moved = answer(301, "moved", location=f"{URL}/ghost/api/admin/site/")
    checks = await examine(site_answer(moved), address="http://blog.example.com")
    assert failed(checks) == ["redirect"]
    assert URL in checks["redirect"].remedy
    assert checks["redirect"].error.exit_code == 2
    assert checks["tls"].ok is None
    assert "https" in checks["tls"].remedy


async def test_a_ghost_that_redirects_all_but_site_fails_at_the_redirect():
    checks = await examine(
        in_turn(answer(301, "moved", location="https://www.example.com/ghost/api/admin/posts/"))
    )
    assert failed(checks) == ["redirect"]
    assert "https://www.example.com" in checks["redirect"].remedy
    assert checks["token"].detail == "not checked because of: redirect"


async def test_something_else_at_the_address_fails_at_ghost():
    checks = await examine(site_answer(answer(200, "<h1>Hello</h1>")))
    assert failed(checks) == ["ghost"]
    assert checks["tls"].ok


async def test_a_key_that_may_not_read_was_still_accepted():
    checks = await examine(in_turn(answer(403, says("NoPermissionError"))))
    assert checks["token"].ok
    assert failed(checks) == ["read"]


async def test_a_key_that_may_not_edit_is_told():
    checks = await examine(healthy(put=answer(403, says("NoPermissionError"))))
    assert failed(checks) == ["write"]


async def test_pages_that_cannot_be_read_are_told():
    checks = await examine(healthy(pages=answer(500, "<h1>Oops</h1>")))
    assert failed(checks) == ["read"]


@pytest.mark.parametrize(("role", "advice"), [("Owner", False), ("Author", True), ("Contributor", True)])
async def test_a_staff_token_is_told_by_its_role(role, advice):
    me = answer(200, {"users": [{"name": "Ann", "roles": [{"name": role}]}]})
    checks = await examine(healthy(me=me))
    assert role in checks["token"].detail
    assert bool(checks["write"].remedy) is advice


async def test_a_fault_in_the_middle_is_a_check_and_no_exception():
    checks = await examine(in_turn(httpx.ReadError("gone")))
    assert failed(checks) == ["token"]
    assert checks["token"].error.exit_code == 4


async def test_a_wrong_secret_is_tried_only_once():
    script = Script(in_turn(refused_token("invalid signature")))
    await examine(script)
    assert len(script.requests) == 1
