"""What makes Ghost send a post by e-mail, and what it remembers of that."""

import pytest
from contract_world import on_ghost, only

from ghostsync.errors import InvalidRequest, ServerFault, UpdateCollision
from ghostsync.model import EmailRequest, Kind, Mailing

pytestmark = on_ghost(5, 6)


async def request(world, segment="all", *, only=False):
    (letter, *_) = [letter for letter in await world.site.newsletters() if letter.active]
    return EmailRequest(letter.slug, segment, only)


async def publish(world, post, email=None, **fields):
    payload = {"status": "published", **fields}
    return await world.site.update(Kind.POST, post.id, payload, updated_at=post.updated_at, email=email)


async def emails(world, *posts):
    """The e-mail record of each post, None where it has none."""
    found = []
    for post in posts:
        rows = await world.rows(f"posts/{post.id}/?include=email")
        email = rows[0]["email"]
        found.append(email and (email["id"], email["recipient_filter"]))
    return found


async def test_the_put_that_publishes_sends_once_to_the_segment_that_it_names(world):
    post = await world.old_post()
    assert await world.site.mailing(post.id) == Mailing("draft")
    wanted = await request(world, "status:free,label:vip")
    after = await publish(world, post, wanted)
    (email,) = await emails(world, post)
    assert email[1] == "status:free,label:vip"
    known = await world.site.mailing(post.id)
    assert (known.status, known.newsletter, known.public_once) == ("published", wanted.newsletter, True)
    assert known.email
    await world.site.update(Kind.POST, post.id, {"title": "New"}, updated_at=after.updated_at, email=wanted)
    assert await emails(world, post) == [email]


async def test_the_same_put_again_changes_nothing_and_sends_nothing(world):
    post = await world.old_post()
    wanted = await request(world)
    await publish(world, post, wanted)
    sent = await emails(world, post)
    await publish(world, post, wanted)
    with pytest.raises(UpdateCollision):
        await publish(world, post, wanted, title="Another")
    assert await emails(world, post) == sent


async def test_a_post_that_is_published_again_is_not_sent_again(world):
    post = await world.old_post()
    wanted = await request(world)
    after = await publish(world, post, wanted)
    sent = await emails(world, post)
    draft = await world.site.update(Kind.POST, post.id, {"status": "draft"}, updated_at=after.updated_at)
    known = await world.site.mailing(post.id)
    assert (known.status, known.newsletter, known.public_once) == ("draft", wanted.newsletter, True)
    again = await publish(world, draft)
    assert await emails(world, post) == sent
    draft = await world.site.update(Kind.POST, post.id, {"status": "draft"}, updated_at=again.updated_at)
    await publish(world, draft, wanted)
    assert await emails(world, post) == sent


async def test_publishing_again_without_the_e_mail_in_view_makes_ghost_try_a_second_one(world):
    post = await world.old_post()
    after = await publish(world, post, await request(world))
    sent = await emails(world, post)
    draft = await world.site.update(Kind.POST, post.id, {"status": "draft"}, updated_at=after.updated_at)
    row = {"status": "published", "updated_at": draft.updated_at}
    answer = await world.raw("PUT", f"posts/{post.id}/?include=tags", {"posts": [row]})
    assert answer.status_code == 500
    assert await emails(world, post) == sent


async def test_ghost_would_send_a_post_that_was_public_before_and_remembers_that_it_was(world):
    post = await world.old_post()
    after = await publish(world, post)
    draft = await world.site.update(Kind.POST, post.id, {"status": "draft"}, updated_at=after.updated_at)
    known = await world.site.mailing(post.id)
    assert known == Mailing("draft", public_once=True)
    await publish(world, draft, await request(world))
    assert await emails(world, post) != [None]


async def test_a_post_made_public_by_the_post_that_creates_it_sends_nothing(world):
    wanted = await request(world)
    row = only(await world.create(query=f"?newsletter={wanted.newsletter}", status="published"))
    rows = await world.rows(f"posts/{row['id']}/?include=email,newsletter")
    assert (rows[0]["email"], rows[0]["newsletter"]) == (None, None)


async def test_email_only_makes_a_post_sent_for_good(world):
    post = await world.old_post()
    after = await publish(world, post, await request(world, only=True))
    assert after.data["status"] == "sent"
    assert await emails(world, post) != [None]
    assert (await world.site.mailing(post.id)).only


async def test_a_scheduled_post_keeps_its_newsletter_until_it_is_a_draft_again(world):
    post = await world.old_post(published_at="2099-01-01T00:00:00.000Z")
    wanted = await request(world, "status:-free")
    after = await world.site.update(
        Kind.POST, post.id, {"status": "scheduled"}, updated_at=post.updated_at, email=wanted
    )
    assert await world.site.mailing(post.id) == Mailing("scheduled", wanted.newsletter)
    await world.site.update(Kind.POST, post.id, {"status": "draft"}, updated_at=after.updated_at)
    assert await world.site.mailing(post.id) == Mailing("draft")
    assert await emails(world, post) == [None]


async def test_a_scheduled_post_is_sent_when_it_is_published_without_another_word(world):
    post = await world.old_post(published_at="2099-01-01T00:00:00.000Z")
    wanted = await request(world)
    after = await world.site.update(
        Kind.POST, post.id, {"status": "scheduled"}, updated_at=post.updated_at, email=wanted
    )
    await publish(world, after)
    assert await emails(world, post) != [None]


@pytest.mark.parametrize("segment", ["foo:bar", "status:"])
async def test_a_segment_that_ghost_does_not_know_changes_nothing(world, segment):
    post = await world.old_post()
    with pytest.raises(InvalidRequest):
        await publish(world, post, await request(world, segment))
    assert (await world.site.mailing(post.id)).status == "draft"


async def test_an_unknown_newsletter_changes_nothing_although_ghost_6_answers_500(world):
    post = await world.old_post()
    with pytest.raises(ServerFault if world.major == 6 else InvalidRequest):
        await publish(world, post, EmailRequest("no-such-newsletter"))
    assert (await world.site.mailing(post.id)).status == "draft"


async def test_nothing_is_known_of_a_post_that_is_gone(world):
    assert await world.site.mailing("0" * 24) is None
