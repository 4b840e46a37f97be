"""Listings: filters, orders, pages, and what an answer holds."""

from __future__ import annotations

import pytest
from contract_world import on_ghost

from ghostsync.errors import InvalidRequest
from ghostsync.model import Kind


def spaced(updated_at):
    return f"{updated_at[:10]} {updated_at[11:19]}"


async def found(world, filter, **more):
    answer = await world.raw("GET", "posts/", params={"filter": filter, "fields": "id", "limit": 100, **more})
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["posts"]]


async def test_a_date_in_a_filter_needs_a_space_between_day_and_time(world):
    post = await world.post()
    mine = f"id:{post.id}+updated_at:"
    assert await found(world, f"{mine}>='{spaced(post.updated_at)}'") == [post.id]
    assert await found(world, f"{mine}>'{spaced(post.updated_at)}'") == []
    assert await found(world, f"{mine}<='{spaced(post.updated_at)}'") == [post.id]


async def test_an_iso_date_in_a_filter_silently_matches_nothing_on_its_own_day(world):
    post = await world.post()
    assert await found(world, f"id:{post.id}+updated_at:>='{post.updated_at}'") == []
    assert await found(world, f"id:{post.id}+updated_at:<'{post.updated_at}'") == [post.id]


async def test_filters_know_equality_lists_null_and_negation(world):
    a, b = await world.post(featured=True), await world.post()
    both = f"id:[{a.id},{b.id}]"
    assert set(await found(world, both)) == {a.id, b.id}
    assert await found(world, f"{both}+featured:true") == [a.id]
    assert await found(world, f"{both}+slug:-'{a.slug}'") == [b.id]
    assert await found(world, f"{both}+published_at:-null") == []
    assert set(await found(world, f"slug:'{a.slug}',slug:'{b.slug}'")) == {a.id, b.id}


async def test_and_binds_tighter_than_or(world):
    a, b = await world.post(), await world.post()
    assert await found(world, f"id:{a.id},id:{b.id}+slug:nonesuch") == [a.id]
    assert await found(world, f"slug:-nonesuch+(id:{a.id},slug:nonesuch)") == [a.id]


async def test_posts_are_found_by_the_slug_of_a_tag(world):
    tag = world.unique("tag")
    post = await world.post(tags=[tag])
    await world.post()
    assert await found(world, f"tag:{tag}") == [post.id]


async def test_a_filter_that_is_one_parenthesis_is_no_filter(world):
    """Ghost puts its own around a filter and then takes "((...))" for nothing: so never begin with one."""
    post = await world.post()
    assert await found(world, "(slug:nonesuch)", order="id desc", limit=1) == [post.id]
    assert await found(world, "(slug:nonesuch)+featured:false") == []


async def test_a_filter_that_cannot_be_parsed_is_a_bad_request(world):
    answer = await world.raw("GET", "posts/", params={"filter": "((("})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["type"] == "BadRequestError"


async def test_a_filter_on_an_unknown_column_is_a_bad_request(world):
    answer = await world.raw("GET", "posts/", params={"filter": "nonesuch:1"})
    assert answer.status_code == 400


async def test_an_unencoded_plus_in_a_filter_is_a_space_and_no_and(world):
    answer = await world.raw("GET", "posts/?filter=status:draft+featured:true")
    assert answer.status_code == 400


@pytest.fixture
async def three(world):
    """Three posts of a tag of their own, oldest first, each in a second of its own."""
    tag = world.unique("tag")
    dates = [f"2021-02-03T04:05:0{second}.000Z" for second in range(3)]
    return tag, [(await world.post(tags=[tag], updated_at=date)).id for date in dates]


async def test_an_order_by_updated_at_and_id_is_kept(world, three):
    tag, ids = three
    assert await found(world, f"tag:{tag}", order="updated_at asc,id asc") == ids
    assert await found(world, f"tag:{tag}", order="updated_at desc") == ids[::-1]
    assert await found(world, f"tag:{tag}", order="id asc") == ids


async def test_pages_are_counted_in_meta(world, three):
    tag, ids = three
    pages = []
    for page in (1, 2):
        params = {"filter": f"tag:{tag}", "limit": 2, "page": page, "fields": "id", "order": "id asc"}
        answer = (await world.raw("GET", "posts/", params=params)).json()
        pages.append(([row["id"] for row in answer["posts"]], answer["meta"]["pagination"]))
    meta = {"limit": 2, "pages": 2, "total": 3}
    assert pages == [
        (ids[:2], {**meta, "page": 1, "next": 2, "prev": None}),
        (ids[2:], {**meta, "page": 2, "next": None, "prev": 1}),
    ]


async def test_a_page_past_the_end_is_empty_yet_names_a_next_one(world, three):
    tag, _ = three
    answer = (await world.raw("GET", f"posts/?filter=tag:{tag}&limit=2&page=9&fields=id")).json()
    assert answer["posts"] == []
    assert answer["meta"]["pagination"]["next"] == 10


async def test_a_page_holds_15_rows_when_nobody_says_how_many(world):
    answer = (await world.raw("GET", "posts/?fields=id")).json()
    assert answer["meta"]["pagination"]["limit"] == 15


@pytest.mark.parametrize("asked", ["all", "500"])
async def test_ghost_6_gives_no_more_than_100_and_says_nothing(world, asked):
    pagination = (await world.raw("GET", f"posts/?limit={asked}&fields=id")).json()["meta"]["pagination"]
    expected = 100 if world.major >= 6 else (500 if asked == "500" else "all")
    assert pagination["limit"] == expected


async def test_fields_and_the_newest_change_come_in_one_small_row(world):
    post = await world.old_post()
    probe = await world.site.probe(Kind.POST)
    assert probe.newest >= post.updated_at
    assert probe.total >= 1
    (row,) = await world.rows("posts/?limit=1&fields=id,updated_at&order=updated_at%20desc")
    assert set(row) == {"id", "updated_at"}


async def test_the_probe_counts_posts_and_pages_apart(world):
    before = {kind: (await world.site.probe(kind)).total for kind in Kind}
    await world.post()
    after = {kind: (await world.site.probe(kind)).total for kind in Kind}
    assert after == {**before, Kind.POST: before[Kind.POST] + 1}


async def test_an_answer_without_formats_has_the_source_and_no_html(world):
    post = await world.post(**world.body("Hello"))
    (row,) = (await world.raw("GET", f"posts/{post.id}/")).json()["posts"]
    assert "html" not in row
    assert row["lexical" if world.major >= 5 else "mobiledoc"]


async def test_formats_name_what_an_answer_holds(world):
    post = await world.post(**world.body("Hello"))
    answer = await world.raw("GET", f"posts/{post.id}/?formats=html,plaintext")
    (row,) = answer.json()["posts"]
    assert "<p>Hello</p>" in row["html"]
    assert row["plaintext"].strip() == "Hello"
    assert "lexical" not in row
    assert "mobiledoc" not in row


async def test_ghost_knows_lexical_from_5_on(world):
    answer = await world.raw("GET", "posts/?limit=1&formats=lexical")
    assert answer.status_code == (200 if world.major >= 5 else 422)


async def test_include_replaces_what_comes_along_by_default(world):
    post = await world.post()
    whole = (await world.raw("GET", f"posts/{post.id}/")).json()["posts"][0]
    lean = (await world.raw("GET", f"posts/{post.id}/?include=tags")).json()["posts"][0]
    assert {"tags", "authors", "primary_author"} <= set(whole)
    assert "tags" in lean
    assert "authors" not in lean


async def test_a_post_is_found_by_its_exact_slug(world):
    post = await world.post()
    assert (await world.site.find(Kind.POST, post.slug)).id == post.id
    assert await world.site.find(Kind.POST, world.unique("nonesuch")) is None
    assert await world.site.find(Kind.PAGE, post.slug) is None


async def test_a_slug_that_ghost_could_not_have_made_is_no_slug_to_it(world):
    answer = await world.raw("GET", "posts/slug/No%20Slug/")
    assert answer.status_code == 422


async def test_changes_since_a_moment_come_oldest_first_and_none_is_missing(world, three):
    _, ids = three
    first = await world.site.get(Kind.POST, ids[0])
    seen = [post async for page in world.site.changed(Kind.POST, first.updated_at) for post in page.posts]
    assert [post.id for post in seen if post.id in ids] == ids
    assert [(post.updated_at, post.id) for post in seen] == sorted((p.updated_at, p.id) for p in seen)


async def test_a_walk_gives_every_document_once_over_many_pages(world):
    made = {(await world.post()).id for _ in range(12)}
    for _ in range(100):
        await world.raw("POST", "posts/?include=tags", {"posts": [{"title": world.unique()}]})
    ids: list[str] = []
    async for page in world.site.ids(Kind.POST):
        ids += page
    assert made <= set(ids)
    assert len(ids) == len(set(ids)) == (await world.site.probe(Kind.POST)).total
    walked = [post.id async for page in world.site.changed(Kind.POST, None) for post in page.posts]
    assert sorted(walked) == sorted(ids)


async def test_staff_are_listed_with_slug_and_email(world):
    staff = {author.slug: author.email for author in await world.site.authors()}
    assert staff["owner"] == "owner@example.com"  # Ghost 2 and 3 bring one of their own along


async def test_tiers_are_listed_from_ghost_4_on(world):
    slugs = [tier.slug for tier in await world.site.tiers()]
    assert ("free" in slugs) is (world.major >= 4)


async def test_the_action_log_tells_what_was_added_and_deleted(world):
    post = await world.post()
    await world.site.delete(Kind.POST, post.id)
    if world.major == 2:
        assert (await world.raw("GET", "actions/")).status_code == 404
        return
    while True:
        # The log is written after the answer has gone out.
        rows = await world.rows(
            f"actions/?limit=100&include=actor,resource&filter=resource_id:[{post.id}]%2Bcreated_at:>'2020-01-01 00:00:00'"
        )
        if {row["event"] for row in rows} >= {"added", "deleted"}:
            break
        world.pass_a_second()
    assert {row["resource_type"] for row in rows} == {"post"}
    assert {row["actor_type"] for row in rows} == {"integration"}
    assert all(row["actor"].keys() >= {"id", "name", "slug", "image"} for row in rows)
    assert not any(row["resource"].get("id") for row in rows)  # it is gone


@on_ghost(5, 6)
async def test_an_address_that_ghost_cannot_fetch_gives_no_card(world):
    """Ghost fetches no private address for anybody but itself."""
    answer = await world.raw("GET", "oembed/", params={"url": "http://127.0.0.1:9/"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["type"] == "ValidationError"
    with pytest.raises(InvalidRequest):
        await world.site.card("http://127.0.0.1:9/")


@on_ghost(5, 6)
async def test_a_card_is_asked_for_with_an_address(world):
    assert (await world.raw("GET", "oembed/", params={"url": ""})).status_code == 400
