"""Tokens and addresses: what opens the door, and how each closed door looks."""

from __future__ import annotations

import pytest

from ghostsync.config import AdminKey, HttpSection
from ghostsync.errors import KeyUnknown, SecretWrong
from ghostsync.ghost.site import GhostSite
from ghostsync.model import Kind

LISTING = "posts/?limit=1&fields=id"


async def answer_to(world, **token):
    return await world.raw("GET", LISTING, headers={"Authorization": f"Ghost {world.token(**token)}"})


def error(answer):
    (entry,) = answer.json()["errors"]
    return answer.status_code, entry["type"], entry["code"]


async def test_the_secret_is_hex_decoded_before_it_signs(world):
    assert (await answer_to(world)).status_code == 200
    ascii_secret = world.key.split(":")[1].encode()
    refused = await answer_to(world, key=ascii_secret)
    assert error(refused)[::2] == (401, "INVALID_JWT")
    assert "invalid signature" in refused.json()["errors"][0]["message"]


async def test_a_token_lives_five_minutes_whatever_its_exp_says(world):
    now = await world.server_time()
    for age, status in ((290, 200), (310, 401)):
        answer = await answer_to(world, claims={"iat": now - age, "exp": now + 3000})
        assert answer.status_code == status, age
    assert "maxAge exceeded" in answer.json()["errors"][0]["message"]


async def test_an_expired_token_is_refused(world):
    now = await world.server_time()
    answer = await answer_to(world, claims={"iat": now - 60, "exp": now - 10})
    assert answer.status_code == 401
    assert "jwt expired" in answer.json()["errors"][0]["message"]


async def test_an_issue_time_in_the_near_future_is_accepted(world):
    now = await world.server_time()
    assert (await answer_to(world, claims={"iat": now + 30, "exp": now + 200})).status_code == 200


async def test_a_token_without_an_issue_time_is_refused(world):
    answer = await answer_to(world, claims={"iat": None})
    assert answer.status_code == 401
    assert "iat required" in answer.json()["errors"][0]["message"]


async def test_a_token_for_another_audience_is_refused(world):
    answer = await answer_to(world, claims={"aud": "/elsewhere/"})
    assert answer.status_code == 401
    assert "audience invalid" in answer.json()["errors"][0]["message"]


async def test_an_unknown_key_id_is_told_apart_from_a_wrong_secret(world):
    assert error(await answer_to(world, headers={"kid": "0" * 24}))[::2] == (401, "UNKNOWN_ADMIN_API_KEY")
    assert error(await answer_to(world, key=bytes(32)))[::2] == (401, "INVALID_JWT")


async def test_a_token_without_a_key_id_is_a_bad_request(world):
    assert error(await answer_to(world, headers={"kid": None})) == (
        400,
        "BadRequestError",
        "MISSING_ADMIN_API_KID",
    )


async def test_a_garbage_token_is_a_bad_request(world):
    answer = await world.raw("GET", LISTING, headers={"Authorization": "Ghost garbage"})
    assert error(answer) == (400, "BadRequestError", "INVALID_JWT")


async def test_no_token_is_no_permission(world):
    answer = await world.raw("GET", LISTING, headers={"Authorization": None})
    assert error(answer)[:2] == (403, "NoPermissionError")


async def test_another_scheme_is_an_invalid_header(world):
    answer = await world.raw("GET", LISTING, headers={"Authorization": "Bearer x"})
    assert error(answer)[::2] == (401, "INVALID_AUTH_HEADER")


async def test_the_site_is_told_without_a_key(world):
    answer = await world.raw("GET", "site/", headers={"Authorization": None})
    assert answer.status_code == 200
    site = answer.json()["site"]
    assert site["url"].rstrip("/") == world.url
    assert world.version.startswith(site["version"])
    assert ("site_uuid" in site) is (world.major >= 5)


async def test_the_full_version_is_in_config(world):
    answer = await world.raw("GET", "config/")
    config = answer.json()["config"]
    found = config[0]["version"] if isinstance(config, list) else config["version"]
    assert found == world.version


async def test_a_get_without_the_slash_is_redirected_and_a_write_is_carried_out(world):
    read = await world.raw("GET", "posts?limit=1")
    written = await world.raw("POST", "posts", {"posts": [{"title": world.unique()}]})
    if world.major == 4:
        # Under its unversioned path it loses its way.
        assert (read.status_code, written.status_code) == (500, 500)
        return
    assert (read.status_code, written.status_code) == (301, 201)
    assert read.headers["Location"] == f"{world.api_path}posts/?limit=1"


async def test_an_unknown_path_is_not_found_as_json(world):
    answer = await world.raw("GET", "nonesuch/")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["message"]


async def test_every_answer_has_the_servers_date_and_an_etag_that_saves_the_body(world):
    first = await world.raw("GET", "site/")
    assert first.headers["Date"].endswith("GMT")
    second = await world.raw("GET", "site/", headers={"If-None-Match": first.headers["ETag"]})
    assert (second.status_code, second.content) == (304, b"")


async def test_a_key_may_not_see_integrations(world):
    answer = await world.raw("GET", "integrations/")
    assert answer.status_code == (403 if world.major >= 6 else 501)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda kid, _: AdminKey(kid, bytes(32)), SecretWrong),
        (lambda _, secret: AdminKey("0" * 24, secret), KeyUnknown),
    ],
    ids=["secret", "id"],
)
async def test_a_wrong_half_of_the_key_is_named_by_its_own_error(world, change, expected):
    key = AdminKey.parse(world.key, source="test")
    async with GhostSite(world.url, change(key.id, key.secret), HttpSection()) as site:
        with pytest.raises(expected):
            await site.probe(Kind.POST)


async def test_the_client_finds_version_and_path_by_itself(world):
    info = await world.site.info()
    assert world.version.startswith(info.version)
    assert info.major == world.major
    assert info.timezone == "Etc/UTC"
    assert bool(info.uuid) is (world.major >= 5)
    assert world.site.api_path == world.api_path
