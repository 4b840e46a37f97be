"""Creating and editing: slugs, titles, statuses, dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from contract_world import on_ghost, only

from ghostsync.errors import InvalidRequest, ServerFault
from ghostsync.model import Kind


def zulu(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000Z"


async def later(world, **delta):
    return zulu(datetime.fromtimestamp(await world.server_time(), UTC) + timedelta(**delta))


async def test_a_new_post_is_a_public_draft_of_the_owner(world):
    post = await world.post()
    row = post.data
    assert (row["status"], row["visibility"], row["published_at"]) == ("draft", "public", None)
    assert [author["slug"] for author in row["authors"]] == ["owner"]


async def test_a_new_post_is_answered_whole_with_the_servers_time(world):
    post = await world.post(**world.body("Hello"))
    again = await world.site.get(Kind.POST, post.id)
    assert again is not None
    assert again.data == post.data
    assert 0 <= post.server_time - datetime.fromisoformat(post.updated_at).timestamp() <= 1


async def test_a_page_has_the_same_life_as_a_post(world):
    page = await world.old_post(Kind.PAGE)
    await world.site.update(Kind.PAGE, page.id, {"title": "New"}, updated_at=page.updated_at)
    assert (await world.site.find(Kind.PAGE, page.slug)).data["title"] == "New"
    await world.site.delete(Kind.PAGE, page.id)
    assert await world.site.get(Kind.PAGE, page.id) is None


async def test_id_and_uuid_and_created_at_of_a_new_post_are_ghosts_own(world):
    other = await world.post()
    wanted = {"id": other.id, "created_at": "2001-01-01T00:00:00.000Z"}
    if world.major > 2:  # which refuses a uuid
        wanted["uuid"] = other.data["uuid"]
    row = only(await world.create(**wanted))
    assert all(row[name] != value for name, value in wanted.items())


async def test_updated_at_of_a_new_post_is_taken_from_the_request(world):
    row = only(await world.create(updated_at="2019-01-01T00:00:00.000Z"))
    assert row["updated_at"] == "2019-01-01T00:00:00.000Z"


async def test_a_taken_slug_comes_back_with_a_number(world):
    post = await world.post()
    assert only(await world.create(slug=post.slug))["slug"] == f"{post.slug}-2"
    assert only(await world.create(slug=post.slug))["slug"] == f"{post.slug}-3"


async def test_posts_and_pages_share_their_slugs(world):
    post = await world.post()
    assert only(await world.create("pages", slug=post.slug))["slug"] == f"{post.slug}-2"


async def test_a_post_sent_twice_is_there_twice(world):
    title = world.unique()
    first, second = only(await world.create(title=title)), only(await world.create(title=title))
    assert (first["slug"], second["slug"]) == (title, f"{title}-2")


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        ("Ünïcode Slug! & co_x.", "unicode-slug-co_x"),
        ("  --a__b..c--  ", "a__b-c"),
        ("it's \u201cquoted\u201d \u2013 dash \u2014 é ß æ ø", "its-quoted-dash-e-ss-ae-o"),
        ("100% & £5 @x", "100-5-x"),
    ],
)
async def test_a_slug_is_made_url_safe(world, asked, made):
    word = world.unique("s")
    assert only(await world.create(slug=f"{word} {asked}"))["slug"] == f"{word}-{made}"


async def test_a_slug_longer_than_191_characters_is_refused_and_one_of_190_is_cut_to_185(world):
    word = world.unique("s")
    assert (await world.create(slug=word.ljust(192, "a"))).status_code == 422
    assert only(await world.create(slug=word.ljust(190, "a")))["slug"] == word.ljust(185, "a")


async def test_a_slug_of_nothing_that_survives_becomes_the_word_post(world):
    assert only(await world.create(slug="😀"))["slug"].split("-")[0] == "post"


async def test_a_new_title_leaves_the_slug(world):
    post = await world.old_post()
    new = await world.site.update(Kind.POST, post.id, {"title": "Other"}, updated_at=post.updated_at)
    assert new.slug == post.slug


async def test_a_new_slug_is_made_safe_and_unique_too(world):
    other, post = await world.post(), await world.old_post()
    new = await world.site.update(Kind.POST, post.id, {"slug": other.slug}, updated_at=post.updated_at)
    assert new.slug == f"{other.slug}-2"


async def test_a_draft_that_gets_title_and_slug_at_once_keeps_the_slug_raw(world):
    """Ghost's generator is skipped: the slug is stored as it came, however unfit for a URL."""
    post, slug = await world.old_post(), f"Raw Slug {world.unique()}"
    fields = {"title": "Other", "slug": slug}
    assert (await world.site.update(Kind.POST, post.id, fields, updated_at=post.updated_at)).slug == slug


async def test_a_draft_that_gets_title_and_a_taken_slug_at_once_is_a_server_error(world):
    other, post = await world.post(), await world.old_post()
    with pytest.raises(ServerFault):
        await world.site.update(
            Kind.POST, post.id, {"title": "Other", "slug": other.slug}, updated_at=post.updated_at
        )


async def test_an_empty_title_becomes_untitled(world):
    assert only(await world.create(title=""))["title"] == "(Untitled)"


async def test_a_title_over_255_characters_is_refused(world):
    assert only(await world.create(title="x" * 255))["title"] == "x" * 255
    with pytest.raises(InvalidRequest):
        await world.site.create(Kind.POST, {"title": "x" * 256}, source_html=False)


async def test_a_post_without_a_title_is_refused(world):
    answer = await world.raw("POST", "posts/", {"posts": [{}]})
    assert answer.status_code == 422
    (entry,) = answer.json()["errors"]
    assert entry["type"] == "ValidationError"
    assert entry["details"][0]["params"] == {"missingProperty": "title"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "nonesuch"),
        ("featured", "yes"),
        ("published_at", "yesterday"),
        ("published_at", "2020-01-01T00:00:00"),
        ("custom_excerpt", "x" * 301),
        ("tags", "one"),
        ("title", 5),
    ],
)
async def test_a_value_of_the_wrong_form_is_refused_by_name(world, field, value):
    answer = await world.create(**{field: value})
    assert answer.status_code == 422
    (entry,) = answer.json()["errors"]
    assert entry["property"] == field


async def test_an_unknown_field_is_ignored_from_ghost_5_on_and_refused_before(world):
    assert (await world.create(nonesuch=1)).status_code == (201 if world.major >= 5 else 422)


async def test_an_unknown_visibility_is_a_server_error_from_ghost_4_on_and_refused_before(world):
    answer = await world.create(visibility="nonesuch")
    assert answer.status_code == (500 if world.major >= 4 else 422)


async def test_publishing_sets_published_at_to_now(world):
    post = await world.old_post()
    live = await world.site.update(Kind.POST, post.id, {"status": "published"}, updated_at=post.updated_at)
    assert live.data["published_at"] == live.updated_at


async def test_unpublishing_keeps_published_at(world):
    post = await world.old_post(status="published")
    draft = await world.site.update(Kind.POST, post.id, {"status": "draft"}, updated_at=post.updated_at)
    assert (draft.data["status"], draft.data["published_at"]) == ("draft", post.data["published_at"])


async def test_a_published_post_may_have_any_date_and_an_offset_is_turned_into_utc(world):
    row = only(await world.create(status="published", published_at="2099-01-01T01:30:00.999+01:30"))
    assert (row["status"], row["published_at"]) == ("published", "2099-01-01T00:00:00.000Z")


async def test_a_scheduled_post_needs_a_time_ahead(world):
    assert (await world.create(status="scheduled")).status_code == 422
    past = await later(world, minutes=-10)
    assert (await world.create(status="scheduled", published_at=past)).status_code == 422
    ahead = await later(world, hours=1)
    row = only(await world.create(status="scheduled", published_at=ahead))
    assert (row["status"], row["published_at"]) == ("scheduled", ahead)


async def test_a_published_post_cannot_become_a_scheduled_one(world):
    post = await world.old_post(status="published")
    with pytest.raises(InvalidRequest):
        await world.site.update(
            Kind.POST,
            post.id,
            {"status": "scheduled", "published_at": await later(world, hours=1)},
            updated_at=post.updated_at,
        )


async def test_sent_is_not_a_status_that_can_be_asked_for(world):
    answer = await world.create(status="sent")
    if world.major >= 5:
        assert only(answer)["status"] == "published"
    elif world.major < 4:
        assert answer.status_code == 422


@on_ghost(5, 6)
async def test_a_bulk_deletion_takes_what_its_filter_names_and_nothing_else(world):
    gone, kept = await world.post(), await world.post()
    answer = await world.raw("DELETE", "posts/", params={"filter": f"id:{gone.id}"})
    assert answer.json()["bulk"]["meta"]["stats"]["successful"] == 1
    assert await world.site.get(Kind.POST, gone.id) is None
    assert await world.site.get(Kind.POST, kept.id) is not None
