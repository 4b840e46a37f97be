"""What goes out by e-mail: once, when a post is first published, where the file and the configuration both say so."""

import httpx
import pytest
from cli_runner import sandbox_blog

from ghostsync.model import Kind
from ghostsync.sandbox import Fault, When, problems

ALLOWED = '[newsletter]\nallow = ["weekly"]\n[http]\nretries = 0\n'
LETTER = """---
title: Letter
status: {status}
newsletter: weekly{more}
---

Dear bees.
"""
PATH = "posts/letter.md"


def letter(status, *more):
    return LETTER.format(status=status, more="".join(f"\n{line}" for line in more))


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.ghost.store.add_newsletter("Weekly Bees", "weekly")
        blog.ghost.store.add_newsletter("Monthly", "monthly")
        blog.configure(ALLOWED)
        yield blog


@pytest.fixture
def drafted(blog):
    """A draft in step that will ask for an e-mail, long enough ago for Ghost's lock to be sound."""
    blog.write(PATH, letter("draft"))
    assert blog("sync").code == 0
    return blog


def post(blog):
    return blog.ghost.find("letter")


def publish(blog, old="status: draft", new="status: published"):
    text = blog.read(PATH)
    assert old in text
    blog.write(PATH, text.replace(old, new))


def emails(blog):
    return [(email["subject"], email["recipient_filter"]) for email in blog.ghost.store.emails]


def settled(blog):
    """Two more cycles write nothing and leave nothing open."""
    assert blog("sync").code == 0
    writes, text = blog.writes, blog.read(PATH)
    assert blog("sync").code == 0
    assert blog("status").code == 0
    assert (blog.writes, blog.read(PATH)) == (writes, text)


def test_a_draft_that_asks_for_a_newsletter_is_sent_when_it_is_published_and_never_again(drafted):
    assert emails(drafted) == []
    publish(drafted)
    assert drafted("sync").code == 0
    assert emails(drafted) == [("Letter", "all")]
    assert post(drafted).own["status"] == "published"
    settled(drafted)
    publish(drafted, "Dear bees", "Dear queens")
    settled(drafted)
    assert emails(drafted) == [("Letter", "all")]


def test_a_new_file_becomes_a_draft_first_and_one_put_publishes_and_sends_it(blog):
    blog("sync")
    blog.write(PATH, letter("published", "email_segment: status:free"))
    before = len(blog.ghost.requests)
    ran = blog("sync")
    assert ran.code == 0, ran
    writes = [seen for seen in blog.ghost.requests[before:] if seen.method != "GET"]
    assert [seen.method for seen in writes] == ["POST", "PUT"]
    assert "newsletter" not in httpx.QueryParams(writes[0].query)
    assert httpx.QueryParams(writes[1].query)["newsletter"] == "weekly"
    assert post(blog).own["status"] == "published"
    assert post(blog).revisions[0]["post_status"] == "draft"
    assert emails(blog) == [("Letter", "status:free")]
    settled(blog)
    assert emails(blog) == [("Letter", "status:free")]


def test_the_plan_says_in_words_what_would_go_out_and_to_whom(drafted):
    publish(drafted, "status: draft", "status: published\nemail_segment: status:-free,label:vip")
    for arguments in (("status",), ("sync", "--dry-run")):
        ran = drafted(*arguments)
        assert (
            "publishes it, and sends it by e-mail: newsletter Weekly Bees, to paid members and members with the label vip"
            in " ".join(ran.out.split())
        )
    (action,) = drafted("status", "--json").json["actions"]
    assert action["verb"] == "update post"
    assert "newsletter" in action["keys"]
    assert "by e-mail" in action["reason"]
    assert emails(drafted) == []
    blog_file = drafted.write(
        "posts/new.md", letter("published", "email_only: true").replace("Letter", "New")
    )
    (new,) = [a for a in drafted("status", "--json").json["actions"] if a["verb"] == "create post"]
    assert new["path"] == f"posts/{blog_file.name}"
    assert (
        "sends it by e-mail only, never on the site: newsletter Weekly Bees, to all members" in new["reason"]
    )


def test_by_default_no_file_may_ask_for_an_e_mail_and_the_message_names_the_setting(blog):
    blog.configure()
    blog.write(PATH, letter("published"))
    ran = blog("sync")
    assert ran.code == 1
    assert "[newsletter] allow" in ran.out
    assert blog.ghost.posts == []


def test_a_newsletter_that_is_not_allowed_unknown_or_archived_is_a_problem_of_its_file(blog):
    blog.configure('[newsletter]\nallow = ["weekly", "nope", "old"]\n')
    blog.ghost.store.add_newsletter("Old", "old")
    next(row for row in blog.ghost.store.newsletters.values() if row["slug"] == "old")["status"] = "archived"
    for slug, words in (
        ("monthly", "not one of those allowed"),
        ("nope", "Ghost has no newsletter 'nope'"),
        ("old", "archived"),
    ):
        blog.write(PATH, letter("published").replace("weekly", slug))
        ran = blog("sync")
        assert ran.code == 1
        assert f"{PATH}:4" in ran.out
        assert words in ran.out
    assert blog.ghost.posts == []


def test_a_newsletter_made_in_ghost_meanwhile_is_found(drafted):
    drafted.configure('[newsletter]\nallow = ["weekly", "brand-new"]\n')
    drafted.ghost.store.add_newsletter("Brand new", "brand-new")
    publish(drafted, "status: draft\nnewsletter: weekly", "status: published\nnewsletter: brand-new")
    assert drafted("sync").code == 0
    assert len(emails(drafted)) == 1


def test_an_allowance_taken_back_stops_what_has_not_gone_out_and_troubles_nothing_that_has(drafted):
    publish(drafted)
    drafted.configure()
    ran = drafted("sync")
    assert ran.code == 1
    assert post(drafted).own["status"] == "draft"
    drafted.configure(ALLOWED)
    assert drafted("sync").code == 0
    drafted.configure()
    publish(drafted, "title: Letter\n", "title: Letter\n# a line more\nfeatured: true\n")
    assert drafted("sync").code == 0
    assert post(drafted).own["featured"] is True
    assert len(emails(drafted)) == 1


def test_a_post_that_was_public_before_is_published_again_without_an_e_mail(blog):
    blog.write(PATH, letter("published").replace("newsletter: weekly\n", ""))
    assert blog("sync").code == 0
    publish(blog, "status: published", "status: draft")
    assert blog("sync").code == 0
    publish(blog, "status: draft", "status: published\nnewsletter: weekly")
    ran = blog("sync")
    assert ran.code == 0
    assert "e-mail" not in ran.out
    assert post(blog).own["status"] == "published"
    settled(blog)
    assert emails(blog) == []


def test_what_was_sent_unpublished_and_published_again_is_not_sent_again(drafted):
    publish(drafted)
    drafted("sync")
    publish(drafted, "status: published", "status: draft")
    drafted("sync")
    publish(drafted)
    assert drafted("sync").code == 0
    assert post(drafted).own["status"] == "published"
    assert len(emails(drafted)) == 1


def test_the_state_remembers_an_e_mail_that_ghost_has_forgotten(drafted):
    publish(drafted)
    drafted("sync")
    publish(drafted, "status: published", "status: draft")
    drafted("sync")
    document = post(drafted)
    document.email, document.newsletter, document.own["published_at"] = None, "", None
    document.revisions.clear()
    publish(drafted)
    drafted("sync")
    drafted("sync")
    assert len(emails(drafted)) == 1


def test_ghost_remembers_an_e_mail_that_the_state_has_forgotten(drafted):
    publish(drafted)
    drafted("sync")
    publish(drafted, "status: published", "status: draft")
    drafted("sync")
    for left in (drafted.root / ".ghostsync").glob("state.db*"):
        left.unlink()
    assert drafted("sync").code == 0
    publish(drafted)
    assert drafted("sync").code == 0
    assert post(drafted).own["status"] == "published"
    assert len(emails(drafted)) == 1


def test_a_draft_that_only_has_a_date_counts_as_never_published(blog):
    blog.write(PATH, letter("draft", "published_at: 2026-01-31 09:00"))
    blog("sync")
    publish(blog)
    assert blog("sync").code == 0
    assert len(emails(blog)) == 1


def test_an_e_mail_only_post_is_sent_and_its_file_says_so(drafted):
    publish(drafted, "status: draft", "status: published\nemail_only: true")
    assert drafted("sync").code == 0
    assert post(drafted).own["status"] == "sent"
    assert len(emails(drafted)) == 1
    assert "status: sent" in drafted.read(PATH)
    settled(drafted)
    assert len(emails(drafted)) == 1


def test_a_push_sends_too_but_writes_no_file(drafted):
    publish(drafted, "status: draft", "status: published\nemail_only: true")
    before = drafted.read(PATH)
    assert drafted("push").code == 0
    assert drafted.read(PATH) == before
    assert len(emails(drafted)) == 1
    assert drafted("push").code == 0
    assert len(emails(drafted)) == 1


def test_a_pull_sends_nothing(drafted):
    publish(drafted)
    drafted("pull")
    assert emails(drafted) == []
    assert post(drafted).own["status"] == "draft"


def test_a_scheduled_post_goes_out_when_its_time_has_come(drafted):
    publish(drafted, "status: draft", "status: scheduled\npublished_at: 2099-01-01T09:00:00Z")
    ran = drafted("sync")
    assert ran.code == 0
    assert "schedules it, to go out by e-mail: newsletter Weekly Bees" in ran.out
    assert emails(drafted) == []
    settled(drafted)
    post(drafted).own["published_at"] = "2026-01-01T09:00:00.000Z"
    drafted.ghost.store.publish_due()
    assert len(emails(drafted)) == 1
    assert drafted("sync").code == 0
    assert drafted("sync").code == 0
    assert len(emails(drafted)) == 1


def test_a_schedule_that_was_taken_back_was_no_e_mail_and_may_be_made_again(drafted):
    scheduled = "status: scheduled\npublished_at: 2099-01-01T09:00:00Z\nemail_only: true"
    publish(drafted, "status: draft", scheduled)
    drafted("sync")
    assert post(drafted).newsletter
    publish(drafted, scheduled, "status: draft")
    drafted("sync")
    assert post(drafted).newsletter == ""
    assert post(drafted).meta["email_only"] is False
    publish(drafted)
    assert drafted("sync").code == 0
    assert post(drafted).own["status"] == "published"
    assert len(emails(drafted)) == 1


def test_publishing_what_an_editor_has_scheduled_with_a_newsletter_is_stopped_where_the_file_names_none(blog):
    document = blog.ghost.create(Kind.POST, title="Letter", published_at="2099-01-01T09:00:00.000Z")
    blog.clock.advance(5)
    item = {"updated_at": document.own["updated_at"], "status": "scheduled"}
    blog.ghost.rules.edit(document, item, source_html=False, save_revision=False, newsletter="weekly")
    assert blog("sync").code == 0
    publish(blog, "status: scheduled", "status: published")
    ran = blog("sync")
    assert ran.code == 1
    assert "would be sent by e-mail" in " ".join(ran.out.split())
    assert document.own["status"] == "scheduled"
    publish(blog, "status: published", "status: published\nnewsletter: weekly")
    ran = blog("sync")
    assert ran.code == 0
    assert "Ghost sends it as it was scheduled to" in ran.out
    assert len(emails(blog)) == 1


def test_publishing_again_is_stopped_where_ghost_would_retry_a_failed_e_mail(drafted):
    publish(drafted)
    drafted("sync")
    post(drafted).email["status"] = "failed"
    publish(drafted, "status: published", "status: draft")
    drafted("sync")
    publish(drafted)
    ran = drafted("sync")
    assert ran.code == 1
    assert "once more" in " ".join(ran.out.split())
    assert post(drafted).own["status"] == "draft"


def test_edits_apart_from_each_other_are_merged_and_sent(drafted):
    publish(drafted)
    drafted.clock.advance(5)
    drafted.ghost.edit(post(drafted).id, meta_title="From an editor", featured=True)
    ran = drafted("sync")
    assert ran.code == 0
    assert "merge" in ran.out
    assert "sends it by e-mail" in ran.out
    assert len(emails(drafted)) == 1


@pytest.mark.parametrize("settle", ["prefer", "resolve", "adopt"])
def test_a_post_whose_text_was_settled_by_a_choice_is_published_without_an_e_mail_and_told_so(
    drafted, settle
):
    publish(drafted)
    publish(drafted, "Dear bees", "Dear queens")
    drafted.clock.advance(5)
    document = post(drafted)
    drafted.ghost.edit(document.id, lexical=document.own["lexical"].replace("Dear bees", "Dear drones"))
    if settle == "prefer":
        drafted.configure(f'[sync]\nprefer = "local"\n{ALLOWED}')
        ran = drafted("sync")
    elif settle == "resolve":
        assert drafted("sync").code == 1
        ran = drafted("resolve", PATH, "--use", "local")
    else:
        for left in (drafted.root / ".ghostsync").glob("state.db*"):
            left.unlink()
        ran = drafted("sync", "--adopt", "local")
    assert ran.code == 0, ran
    assert "without an e-mail" in ran.out
    assert post(drafted).own["status"] == "published"
    assert "queens" in post(drafted).own["lexical"]
    settled(drafted)
    assert emails(drafted) == []


def test_a_restore_that_publishes_sends_nothing(blog):
    blog.write(PATH, letter("published").replace("newsletter: weekly\n", ""))
    blog("sync")
    publish(blog, "status: published", "status: draft\nnewsletter: weekly")
    blog("sync")
    (version,) = [v for v in blog("history", PATH, "--json").json["versions"] if v["side"] == "remote"]
    ran = blog("restore", PATH, "--version", version["number"], "--to", "remote", "--yes")
    assert ran.code == 0, ran
    assert post(blog).own["status"] == "published"
    blog("sync")
    assert emails(blog) == []


def test_a_restore_is_stopped_where_ghost_would_send_what_it_publishes(blog):
    blog.write(PATH, letter("published").replace("newsletter: weekly\n", ""))
    blog("sync")
    publish(blog, "status: published", "status: draft")
    blog("sync")
    document = post(blog)
    blog.clock.advance(5)
    item = {
        "updated_at": document.own["updated_at"],
        "status": "scheduled",
        "published_at": "2099-01-01T09:00:00.000Z",
    }
    blog.ghost.rules.edit(document, item, source_html=False, save_revision=False, newsletter="weekly")
    blog("sync")
    versions = [v for v in blog("history", PATH, "--json").json["versions"] if v["side"] == "remote"]
    ran = blog("restore", PATH, "--version", versions[-1]["number"], "--to", "remote", "--yes")
    assert ran.code == 1
    assert "would be sent by e-mail" in " ".join(ran.err.split())
    assert document.own["status"] == "scheduled"


BAD = {
    "answer lost": Fault(method="PUT", when=When.AFTER),
    "503 after it was applied": Fault(status=503, body="<html>503</html>", method="PUT", when=When.AFTER),
    "503 before": Fault(status=503, body="<html>503</html>", method="PUT", when=When.BEFORE),
    "connection lost before": Fault(method="PUT", when=When.BEFORE),
    "half an answer": Fault(status=0, method="PUT", when=When.AFTER, truncate=True),
}


@pytest.mark.parametrize("how", BAD)
def test_whatever_happens_to_the_answer_exactly_one_e_mail_goes_out(drafted, how):
    publish(drafted)
    fault = BAD[how]
    drafted.ghost.faults.append(
        Fault(fault.status, fault.body, fault.method, fault.path, fault.when, 1, truncate=fault.truncate)
    )
    drafted("sync")
    drafted("sync")
    settled(drafted)
    assert post(drafted).own["status"] == "published"
    assert len(emails(drafted)) == 1


def test_where_ghost_stays_away_after_the_answer_was_lost_the_next_run_looks_before_it_writes(drafted):
    publish(drafted)
    away = Fault(path=post(drafted).id, method="GET", times=0)

    class LostThenAway(Fault):
        """The answer to the PUT is lost, and from then on nothing is answered about that post."""

        def matches(self, method, path):
            found = super().matches(method, path)
            away.times = 1 if found else away.times
            return found

    drafted.ghost.faults += [LostThenAway(method="PUT", when=When.AFTER), away]
    assert drafted("sync").code == 4
    assert away.times == 0
    assert len(emails(drafted)) == 1
    puts = drafted.ghost.count("PUT")
    settled(drafted)
    assert drafted.ghost.count("PUT") == puts
    assert len(emails(drafted)) == 1


def test_a_lost_answer_to_the_draft_makes_no_second_post_and_one_e_mail(blog):
    blog.write(PATH, letter("published"))
    blog.ghost.faults.append(Fault(method="POST", when=When.AFTER))
    blog("sync")
    blog("sync")
    settled(blog)
    assert len(blog.ghost.posts) == 1
    assert post(blog).own["status"] == "published"
    assert len(emails(blog)) == 1


def test_a_draft_whose_publishing_failed_is_published_by_the_next_sync(blog):
    blog.write(PATH, letter("published"))
    blog.ghost.faults.append(Fault(status=503, body="<html>503</html>", method="PUT", times=3))
    ran = blog("sync")
    assert ran.code == 1
    assert "made as a draft and is not published yet" in ran.out
    assert post(blog).own["status"] == "draft"
    assert emails(blog) == []
    settled(blog)
    assert post(blog).own["status"] == "published"
    assert len(emails(blog)) == 1
    assert len(blog.ghost.posts) == 1


@pytest.mark.parametrize("answers", [True, False])
def test_a_published_post_whose_e_mail_ghost_could_not_make_is_told_of_once_and_not_tried_again(
    drafted, monkeypatch, answers
):
    def fail(document):
        if not answers:
            raise problems.internal("edit", "posts", "The e-mail could not be made.")

    monkeypatch.setattr(drafted.ghost.store, "send", fail)
    publish(drafted)
    ran = drafted("sync")
    assert ran.code == 1
    told = " ".join((ran.out + ran.err).split())
    assert "posts/letter.md: was published, but Ghost made no e-mail of it: newsletter Weekly Bees" in told
    assert "-> Look at Ghost's log" in told
    assert post(drafted).own["status"] == "published"
    settled(drafted)
    assert emails(drafted) == []


def test_a_draft_that_an_editor_marked_as_e_mail_only_is_not_published_by_a_file_that_does_not_say_so(blog):
    blog.write(PATH, "---\ntitle: Letter\nstatus: draft\n---\n\nDear bees.\n")
    assert blog("sync").code == 0
    blog.clock.advance(5)
    blog.ghost.edit(post(blog).id, email_only=True)
    publish(blog)
    for command in ("status", "sync", "sync"):
        ran = blog(command)
        assert ran.code == 1
        assert "by e-mail only, which the file does not say" in " ".join((ran.out + ran.err).split())
    assert post(blog).own["status"] == "draft"
    blog.ghost.edit(post(blog).id, email_only=False)
    assert blog("sync").code == 0
    assert post(blog).own["status"] == "published"
    settled(blog)
