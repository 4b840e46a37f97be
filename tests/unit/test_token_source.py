import jwt
import pytest
from ghost_fakes import KEY_ID, NOW, SECRET, Clock, key

from ghostsync.ghost.clock import ServerClock, describe_lead, parse_http_date
from ghostsync.ghost.token import TokenSource

DATE = {"date": "Thu, 28 May 2026 20:26:40 GMT"}  # NOW


def source(now, lifetime=290.0, audience="/admin/"):
    return TokenSource(key(), audience, now=now, lifetime=lifetime)


def decode(token, **options):
    return jwt.decode(
        token.encoded,
        bytes.fromhex(SECRET),
        algorithms=["HS256"],
        audience="/admin/",
        options={"verify_exp": False, "verify_iat": False},
        **options,
    )


def test_a_token_is_signed_with_the_hex_decoded_secret_and_names_key_and_audience():
    token = source(lambda: NOW + 0.9).current()
    assert decode(token) == {"iat": NOW, "exp": NOW + 290, "aud": "/admin/"}
    header = jwt.get_unverified_header(token.encoded)
    assert (header["kid"], header["alg"]) == (KEY_ID, "HS256")


def test_one_token_serves_until_a_fifth_of_its_life_is_left():
    clock = Clock()
    tokens = source(lambda: NOW + clock.passed, lifetime=100)
    first = tokens.current()
    clock.passed = 79
    assert tokens.current() is first
    clock.passed = 80
    assert tokens.current() is not first
    assert tokens.current().claims["iat"] == NOW + 80


@pytest.mark.parametrize("lifetime", [10, 60, 290, 300])
def test_no_token_is_handed_out_near_its_end(lifetime):
    clock = Clock()
    tokens = source(lambda: NOW + clock.passed, lifetime=lifetime)
    for second in range(1200):
        clock.passed = second
        claims = tokens.current().claims
        assert claims["exp"] - (NOW + second) >= lifetime * 0.2 - 1
        assert NOW + second - claims["iat"] < 300


def test_a_lifetime_beyond_ghosts_five_minutes_is_cut():
    claims = source(lambda: NOW, lifetime=3600).current().claims
    assert claims["exp"] - claims["iat"] == 300


def test_many_who_hold_the_same_refused_token_get_one_new_one():
    tokens = source(lambda: NOW)
    refused = tokens.current()
    renewed = [tokens.replace(refused) for _ in range(5)]
    assert renewed[0] is not refused
    assert len({id(token) for token in renewed}) == 1


def test_neither_source_nor_token_shows_secret_or_signature():
    tokens = source(lambda: NOW)
    token = tokens.current()
    shown = f"{tokens!r} {tokens} {token!r} {token} {token.header} {token.claims}"
    assert SECRET not in shown
    assert token.encoded.rsplit(".", 1)[1] not in shown


def test_the_servers_clock_goes_on_with_the_monotonic_clock():
    clock = Clock(lead=3600)
    server = clock.server_clock()
    assert server.now() == NOW + 3600  # nothing better is known yet
    assert not server.known
    server.learn(DATE)
    clock.passed = 10
    assert server.now() == NOW + 10
    assert server.local_lead() == 3600


def test_a_local_clock_that_is_set_meanwhile_changes_nothing():
    walls = [NOW]
    server = ServerClock(wall=lambda: walls[0], monotonic=lambda: 0.0)
    server.learn(DATE)
    walls[0] = NOW + 86400
    assert server.now() == NOW


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, DATE | {"age": "120"}])
def test_a_missing_unreadable_or_cached_date_teaches_nothing(headers):
    server = Clock(lead=7).server_clock()
    server.learn(headers)
    assert not server.known


def test_http_dates_are_read_and_other_text_is_not():
    assert parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == 784111777
    assert parse_http_date("soon") is None


@pytest.mark.parametrize(
    ("lead", "words"), [(600.4, "600 s ahead of"), (-45.0, "45 s behind"), (0.9, "agrees with")]
)
def test_a_clock_difference_is_told_in_seconds_and_direction(lead, words):
    assert words in describe_lead(lead)
