"""What a file may ask for by e-mail, how it is told, and how it is put to Ghost."""

import json
from dataclasses import replace

import pytest
from front_matter_samples import CONTEXT, on_ghost, problem, read, yaml
from ghost_fakes import Script, answer, in_turn, key

from ghostsync.config import HttpSection, parse_config
from ghostsync.content.newsletters import segment_words
from ghostsync.errors import ConfigError
from ghostsync.ghost.site import GhostSite, read_mailing
from ghostsync.model import EmailRequest, Kind, Mailing, Newsletter, RemotePost
from ghostsync.sync.mailing import is_over, mark_for, told

LETTERS = (
    Newsletter("5" * 24, "weekly", "Weekly Bees"),
    Newsletter("6" * 24, "monthly", "Monthly"),
    Newsletter("7" * 24, "old", "Old", active=False),
)
ALLOWING = replace(CONTEXT, newsletters=LETTERS, allowed_newsletters=("weekly", "old"))
ID = "6b0519e8a9cdde14d51226c2"
POST = {"id": ID, "title": "A", "slug": "a", "updated_at": "2026-05-01T10:00:00.000Z"}


def email(*lines, context=ALLOWING):
    document = read(yaml(*lines), context=context)
    assert document.problems == ()
    return document.email


def test_a_file_asks_for_an_allowed_newsletter_by_its_slug():
    assert email("newsletter: weekly") == EmailRequest("weekly", name="Weekly Bees")
    assert email("newsletter: weekly", "email_segment: status:-free", "email_only: true") == EmailRequest(
        "weekly", "status:-free", True, "Weekly Bees"
    )


def test_what_a_file_asks_for_is_no_field_of_its_post():
    document = read(yaml("newsletter: weekly", "email_segment: all"), context=ALLOWING)
    assert set(document.fields) == {"title"}


@pytest.mark.parametrize("lines", [["newsletter:"], ["email_only: false"], ["email_segment: ''"], []])
def test_nothing_is_asked_for_where_nothing_is_said(lines):
    assert email(*lines) is None


def test_a_key_that_is_mapped_to_a_field_asks_for_nothing():
    context = replace(ALLOWING, keys={"newsletter": "custom_excerpt"})
    assert email("newsletter: nope", context=context) is None


@pytest.mark.parametrize(
    ("lines", "key", "words"),
    [
        (["newsletter: monthly"], "newsletter", "not one of those allowed"),
        (["newsletter: nope"], "newsletter", "has no newsletter 'nope'"),
        (["newsletter: old"], "newsletter", "archived"),
        (["newsletter: [weekly]"], "newsletter", "not the slug"),
        (["newsletter: true"], "newsletter", "has no newsletter"),
        (["newsletter: weekly", "email_segment: everybody"], "email_segment", "status:free"),
        (["newsletter: weekly", "email_segment: none"], "email_segment", "no part of the members"),
        (["newsletter: weekly", "email_segment: 'status:free+label:a'"], "email_segment", "no part"),
        (["newsletter: weekly", "email_segment: [all]"], "email_segment", "no part"),
        (["newsletter: weekly", "email_only: perhaps"], "email_only", "neither true nor false"),
        (["email_only: true"], "email_only", "no newsletter is named"),
        (["email_segment: all"], "email_segment", "no newsletter is named"),
    ],
)
def test_a_wrong_word_about_an_e_mail_is_a_problem_and_asks_for_nothing(lines, key, words):
    found = problem(*lines, context=ALLOWING)
    assert (found.line, found.key) == (1 + len(lines), key)
    assert words in str(found)
    assert read(yaml(*lines), context=ALLOWING).email is None


def test_where_nothing_is_allowed_every_word_about_an_e_mail_is_a_problem_that_names_the_setting():
    found = read(yaml("newsletter: weekly", "email_segment: all", "email_only: true")).problems
    assert [one.key for one in found] == ["newsletter", "email_segment", "email_only"]
    assert all("[newsletter] allow" in one.remedy for one in found)


def test_pages_and_older_ghosts_have_no_newsletters():
    assert "only posts" in problem("newsletter: weekly", context=ALLOWING, kind=Kind.PAGE).what
    old = on_ghost("4.48.9", allowed_newsletters=("weekly",), newsletters=())
    assert "Ghost 4 has no newsletters" in problem("newsletter: weekly", context=old).what


def test_an_unknown_list_of_newsletters_is_not_held_against_a_file():
    assert email("newsletter: weekly", context=replace(ALLOWING, newsletters=None)) == EmailRequest("weekly")


def test_the_configuration_allows_nothing_unless_it_names_it():
    text = '[site]\nurl = "https://e.org"\n'
    assert parse_config(text, source="x", env={}).newsletter.allow == ()
    allowing = parse_config(f'{text}[newsletter]\nallow = ["weekly"]\n', source="x", env={})
    assert allowing.newsletter.allow == ("weekly",)
    for wrong in ("allow = true", 'allow = "all"', "always = true"):
        with pytest.raises(ConfigError, match="newsletter"):
            parse_config(f"{text}[newsletter]\n{wrong}\n", source="x", env={})


@pytest.mark.parametrize(
    ("segment", "words"),
    [
        ("all", "all members"),
        ("status:free", "free members"),
        ("status:-free,label:vip", "paid members and members with the label vip"),
        ("label:-vip", "members without the label vip"),
    ],
)
def test_a_segment_is_told_in_words(segment, words):
    assert segment_words(segment) == words


@pytest.mark.parametrize(
    ("request_", "status", "words"),
    [
        (
            EmailRequest("weekly", name="Weekly Bees"),
            "published",
            "publishes it, and sends it by e-mail: newsletter Weekly Bees, to all members",
        ),
        (
            EmailRequest("weekly", "status:free"),
            "scheduled",
            "schedules it, to go out by e-mail: newsletter weekly, to free members",
        ),
        (
            EmailRequest("weekly", only=True),
            "published",
            "sends it by e-mail only, never on the site: newsletter weekly, to all members",
        ),
    ],
)
def test_an_e_mail_is_told_in_words(request_, status, words):
    assert told(request_, status) == words


@pytest.mark.parametrize(
    ("status", "due", "now", "over"),
    [
        ("published", "2026-01-01T09:00:00.000Z", 0, True),
        ("sent", "2026-01-01T09:00:00.000Z", 0, True),
        ("scheduled", "2026-01-01T09:00:00.000Z", 1767258000, True),
        ("scheduled", "2026-01-01T09:00:00.000Z", 1767257999, False),
        ("scheduled", None, 0, True),
    ],
)
def test_an_e_mail_counts_as_sent_unless_it_is_known_to_be_still_ahead(status, due, now, over):
    post = RemotePost(ID, Kind.POST, "", {"status": status, "published_at": due}, 0)
    assert is_over(mark_for(EmailRequest("weekly"), post), now) is over
    assert is_over(None, now) is False


def test_what_ghost_knows_of_an_e_mail_is_read_from_a_post():
    row = {
        **POST,
        "status": "draft",
        "newsletter": {"slug": "weekly"},
        "email": {"status": "failed"},
        "email_only": True,
        "post_revisions": [{"post_status": "draft"}, {"post_status": "published"}],
    }
    assert read_mailing(row) == Mailing("draft", "weekly", "failed", public_once=True, only=True)
    assert read_mailing({**POST, "status": "published", "newsletter": None}) == Mailing(
        "published", public_once=True
    )


async def test_only_a_write_that_is_told_to_makes_ghost_send():
    script = Script(in_turn(answer(200, {"posts": [POST]})))
    async with GhostSite(
        "https://blog.example.com", key(), HttpSection(), transport=script.transport
    ) as site:
        await site.update(Kind.POST, ID, {"status": "published"}, updated_at=POST["updated_at"])
        await site.update(
            Kind.POST,
            ID,
            {"status": "published"},
            updated_at=POST["updated_at"],
            email=EmailRequest("weekly", "status:free", only=True),
        )
    silent, sending = script.requests
    assert not {"newsletter", "email_segment"} & set(silent.url.params)
    assert "email_only" not in json.loads(silent.content)["posts"][0]
    assert (sending.url.params["newsletter"], sending.url.params["email_segment"]) == (
        "weekly",
        "status:free",
    )
    assert json.loads(sending.content)["posts"][0]["email_only"] is True


async def test_newsletters_are_listed_where_ghost_has_them():
    rows = [
        {"id": "1" * 24, "slug": "weekly", "name": "Weekly", "status": "active"},
        {"id": "2" * 24, "slug": "old", "name": "Old", "status": "archived"},
    ]
    script = Script(in_turn(answer(200, {"newsletters": rows, "meta": {"pagination": {"total": 2}}})))
    async with GhostSite(
        "https://blog.example.com", key(), HttpSection(), transport=script.transport
    ) as site:
        found = await site.newsletters()
    assert [(letter.slug, letter.active) for letter in found] == [("weekly", True), ("old", False)]
    old = Script(
        in_turn(answer(500)),
        site={"title": "B", "url": "https://blog.example.com/", "version": "4.48", "timezone": "Etc/UTC"},
    )
    async with GhostSite("https://blog.example.com", key(), HttpSection(), transport=old.transport) as site:
        assert await site.newsletters() == ()
    assert not any("newsletters" in path for path in old.paths)
