import json

import pytest
import stamina
from ghost_fakes import SITE, URL, Clock, Script, answer, in_turn, key, says

from ghostsync.config import HttpSection
from ghostsync.errors import (
    AddressWrong,
    AnswerUnreadable,
    GhostError,
    InvalidRequest,
    NotFound,
    UpdateCollision,
)
from ghostsync.ghost.site import GhostSite
from ghostsync.model import Author, Kind, SiteInfo, Tier

ID = "5f3e9a1b2c4d5e6f7a8b9c01"
POST = {"id": ID, "uuid": "u", "slug": "hello", "title": "Hello", "updated_at": "2026-05-01T10:00:00.000Z"}
FORBIDDEN = answer(
    501, says("NotImplementedError", "The server does not support the functionality required.")
)


@pytest.fixture(autouse=True)
def _no_waiting():
    with stamina.set_testing(True, attempts=99, cap=True):
        yield


def site_for(script, **options):
    return GhostSite(
        URL, key(), HttpSection(**options), transport=script.transport, clock=Clock().server_clock()
    )


def one(**fields):
    return answer(200, {"posts": [POST | fields]})


def ghost(version, **site):
    return {"title": "Blog", "url": f"{URL}/", "version": version} | site


async def test_info_is_one_request_where_site_tells_all():
    script = Script(in_turn(FORBIDDEN))
    async with site_for(script) as site:
        assert await site.info() == SiteInfo("Blog", f"{URL}/", "6.65", "Europe/Vienna", "u-1")
        assert site.requests() == {"GET": 1}
        assert site.api_path == "/ghost/api/admin/"


@pytest.mark.parametrize("name", ["timezone", "active_timezone"])
async def test_the_time_zone_comes_from_settings_where_site_has_none(name):
    settings = answer(
        200, {"settings": [{"key": "title", "value": "x"}, {"key": name, "value": "Asia/Tokyo"}]}
    )
    async with site_for(Script(in_turn(settings), ghost("5.130"))) as site:
        assert (await site.info()).timezone == "Asia/Tokyo"


@pytest.mark.parametrize(
    "response", [FORBIDDEN, answer(403, says("NoPermissionError")), answer(200, {"settings": [{"key": "x"}]})]
)
async def test_where_settings_are_closed_the_time_zone_is_utc(response):
    async with site_for(Script(in_turn(response), ghost("4.48"))) as site:
        assert (await site.info()).timezone == "Etc/UTC"


async def test_a_zone_that_is_known_already_is_not_asked_for_again():
    async with site_for(Script(in_turn(FORBIDDEN), ghost("5.130"))) as site:
        assert (await site.info(known_timezone="Asia/Tokyo")).timezone == "Asia/Tokyo"
        assert site.requests() == {"GET": 1}


@pytest.mark.parametrize("version", ["", "six", None])
async def test_a_site_without_a_version_is_not_ghost(version):
    async with site_for(Script(in_turn(one()), SITE | {"version": version})) as site:
        with pytest.raises(AddressWrong):
            await site.info()


async def test_a_pre_release_has_a_major_too():
    async with site_for(Script(in_turn(one()), SITE | {"version": "7.0.0-rc.1"})) as site:
        assert (await site.info()).major == 7


async def test_probe_gives_the_newest_change_and_the_total_in_one_request():
    listing = {"pages": [{"id": ID, "updated_at": POST["updated_at"]}], "meta": {"pagination": {"total": 42}}}
    script = Script(in_turn(answer(200, listing)))
    async with site_for(script) as site:
        probe = await site.probe(Kind.PAGE)
    assert (probe.newest, probe.total) == (POST["updated_at"], 42)
    assert script.paths == ["GET /ghost/api/admin/pages/"]


async def test_probe_of_an_empty_kind():
    script = Script(in_turn(answer(200, {"posts": [], "meta": {"pagination": {"total": 0}}})))
    async with site_for(script) as site:
        probe = await site.probe(Kind.POST)
    assert (probe.newest, probe.total) == ("", 0)


@pytest.mark.parametrize(
    ("version", "formats", "include"),
    [
        ("6.65", "lexical,mobiledoc", "tags,authors,tiers,newsletter"),
        ("5.130", "lexical,mobiledoc", "tags,authors,tiers,newsletter"),
        ("4.48", "mobiledoc", "tags,authors,tiers"),
        ("3.42", "mobiledoc", "tags,authors"),
        ("9.1", "lexical,mobiledoc", "tags,authors,tiers,newsletter"),
    ],
)
async def test_reads_and_writes_ask_for_the_same_whole_document(version, formats, include):
    script = Script(in_turn(one()), ghost(version, timezone="Etc/UTC"))
    async with site_for(script) as site:
        await site.get(Kind.POST, ID)
        await site.find(Kind.POST, "hello")
        await site.create(Kind.POST, {"title": "Hello"}, source_html=False)
        await site.update(Kind.POST, ID, {"title": "Hello"}, updated_at=POST["updated_at"])
    for request in script.requests:
        assert dict(request.url.params) == {"formats": formats, "include": include}


async def test_a_document_comes_as_ghost_gave_it_with_the_servers_time():
    async with site_for(Script(in_turn(one(custom=[1, {"x": None}])))) as site:
        post = await site.get(Kind.POST, ID)
    assert post.data == POST | {"custom": [1, {"x": None}]}
    assert (post.id, post.kind, post.updated_at, post.slug) == (ID, Kind.POST, POST["updated_at"], "hello")
    assert post.server_time == 1_780_000_000


async def test_only_ghosts_own_404_means_that_a_document_is_gone():
    gone = answer(
        404, says("NotFoundError", "Resource not found error, cannot read post.", context="Post not found.")
    )
    async with site_for(Script(in_turn(gone))) as site:
        assert await site.get(Kind.POST, ID) is None
        assert await site.find(Kind.POST, "hello") is None
    for other in (answer(404, "<h1>404</h1>"), answer(404, says("NotFoundError", "Resource not found"))):
        async with site_for(Script(in_turn(other))) as site:
            with pytest.raises(AddressWrong):
                await site.get(Kind.POST, ID)


@pytest.mark.parametrize(
    "slug", ["", ".", "..", "a/b", "a,status:draft", "it's", "Ünïcode", "a b", "x\n", "A"]
)
async def test_a_slug_that_ghost_cannot_have_is_never_put_into_a_path(slug):
    script = Script(in_turn(one(slug=slug)))
    async with site_for(script) as site:
        assert await site.find(Kind.POST, slug) is None
    assert script.requests == []


async def test_a_slug_that_only_resembles_the_one_asked_for_is_not_it():
    async with site_for(Script(in_turn(one(slug="hellO")))) as site:
        assert await site.find(Kind.POST, "hello") is None


@pytest.mark.parametrize("id", ["", "1", "../posts", f"{ID}/", f"{ID}?x", "5F3E9A1B2C4D5E6F7A8B9C01"])
async def test_what_is_no_id_never_gets_into_a_path(id):
    script = Script(in_turn(answer(204)))
    async with site_for(script) as site:
        for call in (
            lambda: site.get(Kind.POST, id),
            lambda: site.delete(Kind.POST, id),
            lambda: site.update(Kind.POST, id, {}, updated_at=POST["updated_at"]),
        ):
            with pytest.raises(InvalidRequest) as caught:
                await call()
            assert not caught.value.sent
    assert script.requests == []


async def test_create_sends_one_document_and_the_source_only_when_asked():
    script = Script(in_turn(answer(201, {"pages": [POST]})))
    async with site_for(script) as site:
        await site.create(Kind.PAGE, {"title": "Hello", "slug": "hello"}, source_html=False)
        await site.create(Kind.PAGE, {"title": "Hello", "html": "<p>x</p>"}, source_html=True)
    plain, html = script.requests
    assert json.loads(plain.content) == {"pages": [{"title": "Hello", "slug": "hello"}]}
    assert "source" not in plain.url.params
    assert html.url.params["source"] == "html"
    assert script.paths == ["POST /ghost/api/admin/pages/"] * 2


async def test_update_carries_the_lock_and_asks_for_a_revision_only_when_told():
    script = Script(in_turn(one()))
    async with site_for(script) as site:
        await site.update(Kind.POST, ID, {"title": "A"}, updated_at="2026-05-01T10:00:00.000Z")
        await site.update(
            Kind.POST,
            ID,
            {"html": "x"},
            updated_at="2026-05-01T10:00:00.000Z",
            source_html=True,
            save_revision=True,
        )
    first, second = script.requests
    assert json.loads(first.content) == {"posts": [{"title": "A", "updated_at": "2026-05-01T10:00:00.000Z"}]}
    assert "save_revision" not in first.url.params
    assert (second.url.params["save_revision"], second.url.params["source"]) == ("1", "html")


async def test_no_write_ever_asks_ghost_to_send_email():
    script = Script(in_turn(one()))
    async with site_for(script) as site:
        await site.create(Kind.POST, {"title": "A", "newsletter": "weekly"}, source_html=True)
        await site.update(Kind.POST, ID, {"title": "A"}, updated_at=POST["updated_at"], save_revision=True)
    for request in script.requests:
        assert not {"newsletter", "email_segment", "send_email_when_published"} & set(request.url.params)


async def test_a_collision_and_a_missing_document_are_told_apart():
    async with site_for(Script(in_turn(answer(409, says("UpdateCollisionError"))))) as site:
        with pytest.raises(UpdateCollision):
            await site.update(Kind.POST, ID, {}, updated_at=POST["updated_at"])
    async with site_for(
        Script(in_turn(answer(404, says("NotFoundError", context="Post not found."))))
    ) as site:
        with pytest.raises(NotFound):
            await site.update(Kind.POST, ID, {}, updated_at=POST["updated_at"])
        with pytest.raises(NotFound):
            await site.delete(Kind.POST, ID)


@pytest.mark.parametrize("payload", [{"mobiledoc": None}, {"mobiledoc": None, "lexical": "{}"}])
async def test_a_body_that_would_wipe_a_post_is_never_sent(payload):
    script = Script(in_turn(one()))
    async with site_for(script) as site:
        with pytest.raises(InvalidRequest):
            await site.update(Kind.POST, ID, payload, updated_at=POST["updated_at"])
    assert script.requests == []


async def test_a_body_that_ghost_took_and_dropped_is_an_error():
    async with site_for(Script(in_turn(one(lexical=None, mobiledoc="{}")))) as site:
        with pytest.raises(InvalidRequest, match="ignored the new body"):
            await site.update(Kind.POST, ID, {"lexical": "{}"}, updated_at=POST["updated_at"])


@pytest.mark.parametrize(
    "body", [{}, {"posts": []}, {"posts": [POST, POST]}, {"posts": [{"id": "x"}]}, {"posts": 1}]
)
async def test_an_answer_without_the_one_document_is_unreadable(body):
    async with site_for(Script(in_turn(answer(201, body)))) as site:
        with pytest.raises(AnswerUnreadable) as caught:
            await site.create(Kind.POST, {"title": "A"}, source_html=False)
    assert caught.value.sent


async def test_changed_filters_by_date_and_names_whole_documents():
    listing = {"posts": [POST], "meta": {"pagination": {"total": 1}}}
    script = Script(in_turn(answer(200, listing)))
    async with site_for(script) as site:
        pages = [page async for page in site.changed(Kind.POST, "2026-05-01T09:00:00.000Z")]
    assert [(post.id, page.total) for page in pages for post in page.posts] == [(ID, 1)]
    params = script.requests[0].url.params
    assert params["filter"] == "updated_at:>='2026-05-01 09:00:00'"
    assert (params["limit"], params["include"]) == ("100", "tags,authors,tiers,newsletter")


async def test_ids_fetch_nothing_but_ids_and_dates():
    listing = {"posts": [POST], "meta": {"pagination": {"total": 1}}}
    script = Script(in_turn(answer(200, listing)))
    async with site_for(script) as site:
        assert [page async for page in site.ids(Kind.POST)] == [{ID: POST["updated_at"]}]
    assert script.requests[0].url.params["fields"] == "id,updated_at"
    assert "include" not in script.requests[0].url.params


async def test_authors_of_all_pages_are_listed_and_their_ids_need_not_be_hex():
    def handler(request):
        page = int(request.url.params["page"])
        users = [{"id": str(n), "slug": f"u{n}", "name": f"U {n}", "email": None} for n in range(150)]
        return answer(
            200, {"users": users[(page - 1) * 100 : page * 100], "meta": {"pagination": {"total": 150}}}
        )

    script = Script(handler)
    async with site_for(script) as site:
        authors = await site.authors()
    assert len(authors) == 150
    assert authors[1] == Author("1", "u1", "U 1", "")
    assert len(script.requests) == 2


async def test_a_listing_that_never_ends_is_bounded_by_its_total():
    script = Script(in_turn(answer(200, {"users": [], "meta": {"pagination": {"total": 250, "next": 2}}})))
    async with site_for(script) as site:
        assert await site.authors() == []
    assert len(script.requests) == 3


async def test_tiers_are_asked_for_only_where_ghost_has_them():
    tiers = answer(
        200, {"tiers": [{"id": "a", "slug": "gold", "name": "Gold"}], "meta": {"pagination": {"total": 1}}}
    )
    async with site_for(Script(in_turn(tiers))) as site:
        assert await site.tiers() == [Tier("a", "gold", "Gold")]
    script = Script(in_turn(tiers), ghost("3.42", timezone="Etc/UTC"))
    async with site_for(script) as site:
        assert await site.tiers() == ()
    assert script.requests == []
    missing = answer(404, says("NotFoundError", "Resource not found"))
    async with site_for(Script(in_turn(missing), ghost("4.1", timezone="Etc/UTC"))) as site:
        assert await site.tiers() == ()


async def test_a_wrong_address_is_refused_when_the_site_is_made():
    with pytest.raises(GhostError):
        GhostSite("ftp://example.com", key(), HttpSection())
