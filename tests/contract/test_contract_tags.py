"""Tags, people and settings: what an integration may read and write, and what Ghost makes of it."""

from __future__ import annotations

import pytest
from contract_world import on_ghost

from ghostsync.content.site_files.mirrors import SETTINGS, authors_text, settings_text
from ghostsync.content.site_files.tag_fields import TAG_FIELDS, tag_values
from ghostsync.content.slug import slugify_tag
from ghostsync.errors import InvalidRequest, NotFound, PermissionDenied, ServerFault
from ghostsync.ghost.parts import GhostParts

NOBODY = "a" * 24


@pytest.fixture
def parts(world):
    return GhostParts(world.site)


async def test_a_tag_is_made_with_all_its_fields_and_listed(world, parts):
    name = world.unique("Tag")
    fields = {
        field: "x" for field, spec in TAG_FIELDS.items() if spec.since <= world.major and not spec.keeps
    }
    fields |= {field: f"/content/images/{field}.png" for field in fields if TAG_FIELDS[field].url}
    made = await parts.create_tag({"name": name, "slug": slugify_tag(name), **fields})
    info = await world.site.info()
    held = {field: value for field, value in tag_values(made.data, info.url).items() if value is not None}
    assert held == {"name": name, "slug": slugify_tag(name), "visibility": "public", **fields}
    assert made.id in {tag.id for tag in await parts.tags()}
    assert tag_values((await parts.tag(made.id)).data, info.url) == tag_values(made.data, info.url)
    assert (await parts.tag_at(made.slug)).id == made.id


async def test_more_than_a_page_of_tags_is_listed_whole(world, parts):
    made = {(await parts.create_tag({"name": world.unique("many")})).id for _ in range(103)}
    try:
        listed = [tag.id for tag in await parts.tags()]
        assert made <= set(listed)
        assert len(listed) == len(set(listed))
    finally:
        for id in made:
            await parts.delete_tag(id)


async def test_slugs_are_made_as_ghost_makes_them(world, parts):
    mark = world.unique("t")
    for name in (f"Übung {mark}", f"#{mark} macht - Spaß!", f"ghost/{mark}?"):
        made = await parts.create_tag({"name": name})
        assert made.slug == slugify_tag(name)
        await parts.delete_tag(made.id)


async def test_an_edit_leaves_what_it_does_not_name_and_an_empty_text_clears(world, parts):
    made = await parts.create_tag({"name": world.unique(), "description": "Old", "meta_title": "Meta"})
    edited = await parts.update_tag(made.id, {"description": ""})
    assert (edited.data["description"], edited.data["meta_title"], edited.name) == (None, "Meta", made.name)


async def test_a_renamed_tag_keeps_its_posts_and_moves_none_of_their_dates(world, parts):
    tag = world.unique("tag")
    post = await world.old_post(tags=[tag])
    [held] = post.data["tags"]
    renamed = world.unique("renamed")
    await parts.update_tag(held["id"], {"name": renamed, "slug": renamed})
    now = await world.site.get(post.kind, post.id)
    assert [(t["id"], t["name"], t["slug"]) for t in now.data["tags"]] == [(held["id"], renamed, renamed)]
    assert now.updated_at == post.updated_at


async def test_a_taken_slug_comes_back_as_another_one(world, parts):
    one, two = world.unique("one"), world.unique("two")
    await parts.create_tag({"name": one, "slug": one})
    made = await parts.create_tag({"name": two, "slug": one})
    assert made.slug == f"{one}-2"
    again = await parts.create_tag({"name": two, "slug": two})
    assert (await parts.update_tag(again.id, {"slug": one})).slug not in {one, two}


async def test_a_hash_makes_it_internal_and_taking_it_away_does_not_make_it_public(world, parts):
    made = await parts.create_tag({"name": world.unique("tag")})
    inner = await parts.update_tag(made.id, {"name": f"#{made.name}"})
    assert inner.data["visibility"] == "internal"
    outer = await parts.update_tag(made.id, {"name": made.name})
    assert outer.data["visibility"] == "internal"
    assert (await parts.update_tag(made.id, {"visibility": "public"})).data["visibility"] == "public"


async def test_posts_pages_and_drafts_count(world, parts):
    tag = world.unique("tag")
    await world.create(tags=[tag], status="published")
    await world.create(tags=[tag])
    await world.create("pages", tags=[tag])
    made = await parts.tag_at(tag)
    assert await parts.posts_of(made.id) == 3
    unused = await parts.create_tag({"name": world.unique()})
    assert await parts.posts_of(unused.id) == 0


async def test_a_deleted_tag_goes_from_its_posts_without_moving_their_dates(world, parts):
    tag, other = world.unique("tag"), world.unique("other")
    post = await world.old_post(tags=[tag, other])
    await parts.delete_tag((await parts.tag_at(tag)).id)
    now = await world.site.get(post.kind, post.id)
    assert [t["name"] for t in now.data["tags"]] == [other]
    assert now.updated_at == post.updated_at


async def test_what_is_not_there_is_none_or_not_found(world, parts):
    assert await parts.tag(NOBODY) is None
    assert await parts.tag_at("no-such-tag") is None
    assert await parts.tag_at("No/Slug") is None
    with pytest.raises(NotFound):
        await parts.update_tag(NOBODY, {"description": "x"})
    # Ghost 2 stumbles over a tag that is not there, and deletes nothing.
    with pytest.raises(NotFound if world.major > 2 else (NotFound, ServerFault)):
        await parts.delete_tag(NOBODY)
    with pytest.raises(InvalidRequest):
        await parts.delete_tag("")


@pytest.mark.parametrize(
    "fields", [{"name": ""}, {"name": ",x"}, {"description": "x" * 501}, {"visibility": "secret"}]
)
async def test_ghost_refuses_what_the_reader_of_the_file_refuses(world, parts, fields):
    made = await parts.create_tag({"name": world.unique()})
    with pytest.raises(InvalidRequest):
        await parts.update_tag(made.id, fields)
    assert tag_values((await parts.tag(made.id)).data, "") == tag_values(made.data, "")


async def test_people_are_told_without_their_addresses(world, parts):
    people = await parts.people()
    assert any("@" in str(person["email"]) for person in people)
    text = authors_text(people, (await world.site.info()).url)
    assert "slug: owner" in text
    assert "@" not in text


@on_ghost(5, 6)
async def test_settings_are_told_with_secrets_that_the_copy_leaves_out(world, parts):
    rows = {row["key"]: row["value"] for row in await parts.settings()}
    assert {"title", "password", "public_hash", "stripe_secret_key", "mailgun_api_key"} <= rows.keys()
    text = settings_text(await parts.settings(), (await world.site.info()).url)
    assert rows["public_hash"] not in text
    assert not {
        name for name in SETTINGS if "key" in name or "secret" in name or "token" in name or "hash" in name
    }
    for name in rows.keys() - set(SETTINGS):
        assert f"\n{name}:" not in text


@on_ghost(2, 3, 4)
async def test_older_ghosts_tell_an_integration_no_settings(parts):
    with pytest.raises(PermissionDenied, match="does not show its settings"):
        await parts.settings()
