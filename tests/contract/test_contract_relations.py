"""Tags, authors, tiers, files and webhooks."""

from __future__ import annotations

import struct
import zlib

from contract_world import on_ghost

from ghostsync.model import Kind

NOBODY = "0" * 24


def tags(post):
    return [(tag["name"], tag["slug"], tag["visibility"]) for tag in post.data["tags"]]


async def retag(world, post, value):
    post = await world.settled(post)
    return await world.site.update(Kind.POST, post.id, {"tags": value}, updated_at=post.updated_at)


async def test_tags_are_made_by_name_and_a_hash_makes_one_internal(world):
    plain, inner = world.unique("Tag"), world.unique("#tag")
    post = await world.post(tags=[plain, inner])
    assert tags(post) == [
        (plain, plain.lower(), "public"),
        (inner, f"hash-{inner[1:]}", "internal"),
    ]


async def test_tags_keep_their_order_and_an_existing_one_is_used_again(world):
    one, two = world.unique("a"), world.unique("b")
    first = await world.post(tags=[one, two])
    second = await world.post(tags=[two, one])
    ids = {tag["name"]: tag["id"] for tag in first.data["tags"]}
    assert [tag["id"] for tag in second.data["tags"]] == [ids[two], ids[one]]


async def test_an_empty_list_clears_the_tags_and_an_absent_one_leaves_them(world):
    tag = world.unique("tag")
    post = await world.old_post(tags=[tag])
    kept = await world.site.update(Kind.POST, post.id, {"title": "New"}, updated_at=post.updated_at)
    assert [name for name, _, _ in tags(kept)] == [tag]
    assert tags(await retag(world, kept, [])) == []


async def test_a_tag_is_found_by_slug_alone(world):
    tag = world.unique("tag")
    await world.post(tags=[tag])
    assert tags(await world.post(tags=[{"slug": tag}])) == [(tag, tag, "public")]


async def test_the_same_tag_in_two_cases_counts_once(world):
    tag = world.unique("tag")
    post = await world.post(tags=[tag.upper(), tag])
    assert [name for name, _, _ in tags(post)] == [tag.upper()]


async def test_a_tag_without_a_name_is_refused(world):
    answer = await world.raw("POST", "posts/", {"posts": [{"title": world.unique(), "tags": [""]}]})
    assert answer.status_code == 422


async def test_an_unknown_author_is_silently_replaced_by_the_owner(world):
    by_email = await world.post(authors=["nobody@example.com"])
    by_slug = await world.post(authors=[{"slug": "nobody"}])
    assert [author["slug"] for post in (by_email, by_slug) for author in post.data["authors"]] == [
        "owner"
    ] * 2


async def test_a_post_without_authors_is_refused(world):
    answer = await world.raw("POST", "posts/", {"posts": [{"title": world.unique(), "authors": []}]})
    assert answer.status_code == 422


@on_ghost(5, 6)
async def test_tiers_are_taken_by_id_and_not_by_slug(world):
    paid = next(tier for tier in await world.site.tiers() if tier.slug != "free")
    by_slug = await world.post(visibility="tiers", tiers=[{"slug": paid.slug}])
    by_id = await world.post(visibility="tiers", tiers=[{"id": paid.id}])
    assert [tier["slug"] for tier in by_slug.data["tiers"]] == []
    assert [tier["slug"] for tier in by_id.data["tiers"]] == [paid.slug]


def png() -> bytes:
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\1\2\3")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


async def upload(world, name, data, mime, **form):
    return await world.raw("POST", "images/upload/", files={"file": (name, data, mime)}, data=form)


async def test_an_image_sent_twice_is_two_files(world):
    name = world.unique("picture")
    first = await upload(world, f"{name}.png", png(), "image/png", ref="a/b.png")
    second = await upload(world, f"{name}.png", png(), "image/png")
    assert (first.status_code, second.status_code) == (201, 201)
    (one,), (two,) = first.json()["images"], second.json()["images"]
    assert one["ref"] == "a/b.png"
    assert one["url"].startswith(f"{world.url}/content/images/")
    assert one["url"].endswith(f"/{name}.png")
    assert two["url"].endswith(f"/{name}-1.png")


async def test_an_uploaded_image_is_served_as_it_was(world):
    answer = await upload(world, f"{world.unique('picture')}.png", png(), "image/png")
    served = await world.http.get(answer.json()["images"][0]["url"])
    assert served.status_code == 200
    if world.major < 5:  # later ones shrink what they can
        assert served.content == png()


async def test_a_file_that_is_no_image_is_refused(world):
    assert (await upload(world, "notes.txt", b"text", "text/plain")).status_code == 415
    assert (await world.raw("POST", "images/upload/")).status_code == 422


async def test_webhooks_are_made_and_removed_with_the_key(world):
    target = f"http://127.0.0.1:9/{world.unique('hook')}"
    hook = {"event": "post.edited", "target_url": target}
    made = await world.raw("POST", "webhooks/", {"webhooks": [hook]})
    assert made.status_code == 201, made.text
    again = await world.raw("POST", "webhooks/", {"webhooks": [hook]})
    assert again.status_code == 422
    id = made.json()["webhooks"][0]["id"]
    assert (await world.raw("DELETE", f"webhooks/{id}/")).status_code == 204
    assert (await world.raw("DELETE", f"webhooks/{id}/")).status_code == (404 if world.major > 2 else 500)


async def test_webhooks_cannot_be_listed(world):
    assert (await world.raw("GET", "webhooks/")).status_code == 404
