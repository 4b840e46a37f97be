"""What happens to a document, told as stories: edits, merges, renames, deletions, and bad days."""

import json
import shutil

import pytest
from cli_runner import sandbox_blog

from ghostsync.model import Kind
from ghostsync.sandbox import Fault, When

BEES = """---
title: On bees   # a working title
tags: [bees, garden]
status: published
---

The first swarm
came in May.

* One hive
* Two hives

The second one came in June.
"""


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        yield blog


@pytest.fixture
def bees(blog):
    """A published post, in step."""
    blog.write("posts/on-bees.md", BEES)
    ran = blog("sync")
    assert ran.code == 0, ran
    return blog


def post(blog, slug="on-bees"):
    return blog.ghost.find(slug)


def in_ghost(blog, old, new, slug="on-bees", **fields):
    """An editor changes some words of the body."""
    blog.clock.advance(5)
    document = post(blog, slug)
    assert old in document.own["lexical"]
    blog.ghost.edit(document.id, lexical=document.own["lexical"].replace(old, new), **fields)


def in_file(blog, old, new, path="posts/on-bees.md"):
    text = blog.read(path)
    assert old in text
    blog.write(path, text.replace(old, new))


def requests(blog):
    """One more sync, and the requests it made."""
    before = len(blog.ghost.requests)
    ran = blog("sync")
    return ran, blog.ghost.requests[before:]


def test_an_unchanged_site_costs_three_requests(bees):
    bees("sync")
    ran, seen = requests(bees)
    assert ran.code == 0
    assert len(seen) == 3
    assert {request.method for request in seen} == {"GET"}


def test_a_changed_file_costs_one_request_more(bees):
    bees("sync")
    in_file(bees, "in May", "in April")
    ran, seen = requests(bees)
    assert ran.code == 0
    assert [request.method for request in seen if request.method != "GET"] == ["PUT"]
    assert len(seen) == 4
    assert "in April" in post(bees).own["lexical"]


@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_new_file_costs_one_request_more(bees, status):
    bees("sync")
    bees.write("posts/new.md", f"---\ntitle: New\nstatus: {status}\n---\nText.\n")
    ran, seen = requests(bees)
    assert ran.code == 0
    assert [request.method for request in seen if request.method != "GET"] == ["POST"]
    assert len(seen) == 4
    assert post(bees, "new").own["status"] == status


def test_an_edit_in_ghost_changes_that_block_of_the_file_and_no_other_byte(bees):
    before = bees.read("posts/on-bees.md")
    in_ghost(bees, "came in June", "came in July")
    writes = bees.writes
    assert bees("sync").code == 0
    assert bees.read("posts/on-bees.md") == before.replace("came in June", "came in July")
    assert bees.writes == writes


def test_edits_of_different_paragraphs_merge(bees):
    in_ghost(bees, "came in June", "came in July")
    in_file(bees, "came in May", "came in April")
    assert bees("sync").code == 0
    for text in (bees.read("posts/on-bees.md"), post(bees).own["lexical"]):
        assert "April" in text
        assert "July" in text
    assert bees("status").code == 0


def test_edits_of_different_keys_merge_and_tags_merge_as_a_set(bees):
    bees.clock.advance(5)
    bees.ghost.edit(
        post(bees).id, meta_title="From Ghost", tags=[{"name": "bees"}, {"name": "garden"}, {"name": "honey"}]
    )
    in_file(bees, "tags: [bees, garden]", "tags: [bees, summer]\nfeatured: true")
    assert bees("sync").code == 0
    answer = bees.ghost.answer(post(bees))
    tags = [tag["name"] for tag in answer["tags"]]
    assert tags[0] == "bees"
    assert set(tags) == {"bees", "summer", "honey"}
    assert answer["featured"] is True
    text = bees.read("posts/on-bees.md")
    assert "meta_title: From Ghost" in text
    assert f"tags: [{', '.join(tags)}]" in text
    assert "# a working title" in text
    assert bees("status").code == 0


def test_the_same_paragraph_edited_differently_is_a_conflict_that_touches_neither(bees):
    in_ghost(bees, "came in June", "came in July")
    in_file(bees, "came in June", "came in August")
    mine, theirs = bees.read("posts/on-bees.md"), post(bees).own["lexical"]
    assert bees("sync").code == 1
    assert bees("sync").code == 1
    assert bees.read("posts/on-bees.md") == mine
    assert post(bees).own["lexical"] == theirs
    shown = bees.read("posts/on-bees.conflict.md")
    for word in ("<<<<<<<", "|||||||", ">>>>>>>", "June", "July", "August", "draft: true"):
        assert word in shown
    assert post(bees).id not in shown


def test_a_conflict_ends_when_both_sides_say_the_same(bees):
    in_ghost(bees, "came in June", "came in July")
    in_file(bees, "came in June", "came in August")
    bees("sync")
    in_file(bees, "came in August", "came in July")
    assert bees("sync").code == 0
    assert not (bees.root / "posts/on-bees.conflict.md").exists()


@pytest.mark.parametrize(("prefer", "month"), [("local", "August"), ("remote", "July")])
def test_a_policy_settles_a_conflict(bees, prefer, month):
    in_ghost(bees, "came in June", "came in July")
    in_file(bees, "came in June", "came in August")
    bees.configure(f'[sync]\nprefer = "{prefer}"\n')
    assert bees("sync").code == 0
    assert month in bees.read("posts/on-bees.md")
    assert month in post(bees).own["lexical"]


def test_the_same_edit_on_both_sides_is_agreement(bees):
    in_ghost(bees, "came in June", "came in July")
    in_file(bees, "came in June", "came in July")
    writes = bees.writes
    assert bees("sync").code == 0
    assert bees.writes == writes


def test_one_conflict_does_not_hold_up_the_others(bees):
    in_ghost(bees, "came in June", "came in July")
    in_file(bees, "came in June", "came in August")
    bees.write("posts/other.md", "---\ntitle: Other\n---\nText.\n")
    assert bees("sync").code == 1
    assert post(bees, "other")


def test_a_renamed_file_stays_the_same_post(bees):
    writes, id = bees.writes, post(bees).id
    (bees.root / "posts/2026").mkdir()
    shutil.move(bees.root / "posts/on-bees.md", bees.root / "posts/2026/swarms.md")
    assert bees("sync").code == 0
    assert bees.writes == writes
    in_file(bees, "in May", "in April", path="posts/2026/swarms.md")
    assert bees("sync").code == 0
    assert post(bees).id == id
    assert "in April" in post(bees).own["lexical"]


def test_a_rename_with_an_edit_is_one_update(bees):
    text = bees.read("posts/on-bees.md")
    (bees.root / "posts/on-bees.md").unlink()
    bees.write("posts/swarms.md", text.replace("in May", "in April"))
    writes = bees.writes
    assert bees("sync").code == 0
    assert bees.writes == writes + 1
    assert "in April" in post(bees).own["lexical"]


def test_a_slug_in_front_matter_moves_the_post_and_not_the_file(bees):
    in_file(bees, "status: published", "status: published\nslug: about-bees")
    assert bees("sync").code == 0
    assert post(bees, "about-bees")
    assert (bees.root / "posts/on-bees.md").exists()


def test_a_slug_changed_in_ghost_is_noted_in_the_file_and_does_not_rename_it(bees):
    bees.clock.advance(5)
    bees.ghost.edit(post(bees).id, slug="about-bees")
    assert bees("sync").code == 0
    assert "slug: about-bees" in bees.read("posts/on-bees.md")
    assert bees("status").code == 0


def test_a_slug_that_is_taken_is_a_problem_and_the_old_one_stays(bees):
    bees.write("posts/other.md", "---\ntitle: Other\n---\nText.\n")
    bees("sync")
    in_file(bees, "title: Other", "title: Other\nslug: on-bees", path="posts/other.md")
    assert bees("sync").code == 1
    assert post(bees, "other")


def test_a_new_page_cannot_take_the_slug_of_a_post(bees):
    bees.write("pages/on-bees.md", "---\ntitle: A page\n---\nText.\n")
    writes = bees.writes
    ran = bees("sync")
    assert ran.code == 1
    assert 'slug "on-bees"' in ran.out
    assert bees.writes == writes


def test_a_key_that_was_removed_is_cleared_but_never_the_status(bees):
    in_file(bees, "status: published", "status: published\ncustom_excerpt: Short.")
    bees("sync")
    assert bees.ghost.answer(post(bees))["custom_excerpt"] == "Short."
    in_file(bees, "status: published\ncustom_excerpt: Short.\n", "")
    assert bees("sync").code == 0
    answer = bees.ghost.answer(post(bees))
    assert answer["custom_excerpt"] is None
    assert answer["status"] == "published"


def test_an_absent_key_never_resets_what_ghost_has(bees):
    bees.clock.advance(5)
    bees.ghost.edit(post(bees).id, featured=True)
    bees("sync")
    in_file(bees, "featured: true\n", "")
    bees("sync")
    assert bees.ghost.answer(post(bees))["featured"] is False  # it was in the base, so its removal is an edit
    bees.clock.advance(5)
    bees.ghost.edit(post(bees).id, meta_title="Set in Ghost")
    in_file(bees, "in May", "in April")
    bees("push")
    assert bees.ghost.answer(post(bees))["meta_title"] == "Set in Ghost"


def test_a_deleted_draft_that_was_never_published_is_deleted_in_ghost(blog):
    blog.write("posts/draft.md", "---\ntitle: Draft\n---\nText.\n")
    blog("sync")
    (blog.root / "posts/draft.md").unlink()
    assert blog("sync").code == 0
    assert blog.ghost.posts == []
    assert blog("status").code == 0


def test_a_published_post_whose_file_was_deleted_becomes_a_draft_and_stays_away(bees):
    (bees.root / "posts/on-bees.md").unlink()
    assert bees("sync").code == 0
    assert post(bees).own["status"] == "draft"
    assert bees("sync").code == 0
    assert not (bees.root / "posts/on-bees.md").exists()
    assert bees("status").code == 0


def test_a_retired_post_comes_back_when_somebody_edits_it(bees):
    (bees.root / "posts/on-bees.md").unlink()
    bees("sync")
    in_ghost(bees, "came in June", "came in July")
    assert bees("sync").code == 0
    assert "came in July" in bees.read("posts/on-bees.md")


def test_a_file_that_comes_back_publishes_its_post_again(bees):
    text = bees.read("posts/on-bees.md")
    (bees.root / "posts/on-bees.md").unlink()
    bees("sync")
    bees.write("posts/on-bees.md", text)
    assert bees("sync").code == 0
    assert post(bees).own["status"] == "published"
    assert bees.read("posts/on-bees.md") == text


def test_an_edit_in_ghost_outlives_the_deletion_of_the_file(bees):
    (bees.root / "posts/on-bees.md").unlink()
    in_ghost(bees, "came in June", "came in July")
    assert bees("sync").code == 0
    assert "came in July" in bees.read("posts/on-bees.md")
    assert post(bees).own["status"] == "published"


def test_a_post_deleted_in_ghost_sends_its_file_to_the_trash(bees):
    bees.ghost.delete(post(bees).id)
    text = bees.read("posts/on-bees.md")
    assert bees("sync").code == 0
    assert not (bees.root / "posts/on-bees.md").exists()
    [kept] = (bees.root / ".ghostsync/trash").rglob("*.md")
    assert kept.read_text() == text


def test_a_file_edited_here_whose_post_was_deleted_is_a_conflict_and_never_recreated(bees):
    bees.ghost.delete(post(bees).id)
    in_file(bees, "in May", "in April")
    assert bees("sync").code == 1
    assert bees("sync").code == 1
    assert bees.ghost.posts == []
    assert "in April" in bees.read("posts/on-bees.md")


def test_removing_the_ghost_id_of_a_deleted_post_makes_a_new_one(bees):
    old = post(bees).id
    bees.ghost.delete(old)
    in_file(bees, "in May", "in April")
    bees("sync")
    in_file(bees, f"ghost_id: {old}\n", "")
    assert bees("sync").code == 0
    assert post(bees).id != old
    assert bees("status").code == 0


def test_a_copy_with_the_same_ghost_id_is_named_and_neither_is_sent(bees):
    shutil.copy(bees.root / "posts/on-bees.md", bees.root / "posts/copy.md")
    in_file(bees, "in May", "in April")
    writes = bees.writes
    ran = bees("sync")
    assert ran.code == 1
    assert "posts/copy.md and posts/on-bees.md" in ran.out
    assert bees.writes == writes


def test_a_post_moved_among_the_pages_is_a_problem_that_says_so(bees):
    (bees.root / "pages").mkdir(exist_ok=True)
    shutil.move(bees.root / "posts/on-bees.md", bees.root / "pages/on-bees.md")
    writes = bees.writes
    ran = bees("sync")
    assert ran.code == 1
    assert "Move it back" in ran.out
    assert bees.writes == writes


def test_a_ghost_id_that_ghost_does_not_know_is_never_a_create(blog):
    blog.write("posts/a.md", f"---\ntitle: A\nghost_id: {'0' * 23}1\n---\nText.\n")
    ran = blog("sync")
    assert ran.code == 1
    assert blog.ghost.posts == []
    assert "remove the ghost_id line" in ran.out


def test_front_matter_that_breaks_is_a_problem_and_not_a_deletion(bees):
    text = bees.read("posts/on-bees.md")
    bees.write("posts/on-bees.md", text.replace("tags: [bees, garden]", "tags: [bees, garden"))
    writes = bees.writes
    ran = bees("sync")
    assert ran.code == 1
    assert "posts/on-bees.md:" in ran.out
    assert bees.writes == writes
    bees.write("posts/on-bees.md", text)
    assert bees("sync").code == 0


def test_a_file_that_asks_for_a_newsletter_is_a_problem_and_its_post_is_not_published(bees):
    bees.write(
        "posts/mail.md", "---\ntitle: Mail\nstatus: published\nnewsletter: default-newsletter\n---\nHi.\n"
    )
    ran = bees("sync")
    assert ran.code == 1
    assert "newsletter" in ran.out
    with pytest.raises(KeyError):
        post(bees, "mail")


def test_a_lost_state_database_makes_no_duplicate_and_deletes_nothing(bees):
    bees.ghost.create(Kind.POST, title="From Ghost", html="<p>Hi.</p>", source_html=True)
    bees("sync")
    for left in (bees.root / ".ghostsync").glob("state.db*"):
        left.unlink()
    writes = bees.writes
    assert bees("sync").code == 0
    assert bees.writes == writes
    assert len(bees.ghost.posts) == 2
    assert bees("status").code == 0


def test_a_second_clone_takes_over_without_a_write_on_either_side(bees, tmp_path):
    clone = tmp_path / "clone"
    shutil.copytree(bees.root, clone, ignore=shutil.ignore_patterns(".ghostsync"))
    writes, original = bees.writes, bees.root
    text = bees.read("posts/on-bees.md")
    bees.root = clone
    assert bees("sync").code == 0
    assert bees.read("posts/on-bees.md") == text
    in_file(bees, "in May", "in April")
    assert bees("sync").code == 0
    bees.root = original
    assert bees("sync").code == 0
    assert "in April" in bees.read("posts/on-bees.md")
    assert bees.writes == writes + 1
    assert bees("status").code == 0


def test_a_pull_merges_into_the_file_and_what_was_edited_here_is_still_to_be_sent(bees):
    in_ghost(bees, "came in June", "came in July")
    in_file(bees, "came in May", "came in April")
    writes = bees.writes
    bees("pull")
    assert bees.writes == writes
    text = bees.read("posts/on-bees.md")
    assert "April" in text
    assert "July" in text
    assert "April" not in post(bees).own["lexical"]
    assert bees("status").code == 1
    assert bees("push").code == 0
    assert "April" in post(bees).own["lexical"]
    assert "July" in post(bees).own["lexical"]
    assert bees("status").code == 0


def test_a_push_skips_what_was_edited_in_ghost_since_and_says_so(bees):
    in_ghost(bees, "came in June", "came in July")
    in_file(bees, "came in May", "came in April")
    writes = bees.writes
    ran = bees("push")
    assert ran.code == 1
    assert "edited in Ghost since" in ran.out
    assert bees.writes == writes


def test_a_scheduled_post_whose_time_came_changes_no_file(blog):
    blog.write(
        "posts/soon.md",
        "---\ntitle: Soon\nstatus: scheduled\npublished_at: 2099-01-01T08:00:00Z\n---\nText.\n",
    )
    assert blog("sync").code == 0
    text = blog.read("posts/soon.md")
    blog.clock.advance(80 * 366 * 86400)
    assert blog("sync").code == 0
    assert blog.read("posts/soon.md") == text
    assert post(blog, "soon").own["status"] == "published"
    assert blog("status").code == 0


def test_a_create_whose_answer_was_lost_makes_one_post(blog):
    blog.write("posts/on-bees.md", BEES)
    blog.ghost.faults.append(Fault(method="POST", path="posts", when=When.AFTER, times=1))
    blog("sync")
    assert blog("sync").code == 0
    assert len(blog.ghost.posts) == 1
    assert post(blog).id in blog.read("posts/on-bees.md")


def test_a_create_whose_answer_and_whose_search_were_lost_is_found_by_the_next_sync(blog):
    blog.configure("[http]\nretries = 0\n")
    blog.write("posts/on-bees.md", BEES)
    blog.ghost.faults.append(Fault(method="POST", path="posts", when=When.AFTER, times=1))
    blog.ghost.faults.append(Fault(method="GET", path="posts/slug", when=When.BEFORE, times=1))
    assert blog("sync").code != 0
    assert blog("sync").code == 0
    assert len(blog.ghost.posts) == 1
    assert post(blog).id in blog.read("posts/on-bees.md")


def test_an_update_whose_answer_was_lost_is_not_repeated(bees):
    in_file(bees, "in May", "in April")
    bees.ghost.faults.append(Fault(method="PUT", path="posts", when=When.AFTER, times=1))
    assert bees("sync").code == 0
    assert bees.ghost.count("PUT") == 1
    assert bees("status").code == 0


def test_a_truncated_answer_to_an_update_is_looked_up(bees):
    in_file(bees, "in May", "in April")
    bees.ghost.faults.append(
        Fault(status=200, body='{"posts": [', method="PUT", path="posts", when=When.AFTER, times=1)
    )
    assert bees("sync").code == 0
    assert "in April" in post(bees).own["lexical"]
    assert bees("status").code == 0


def test_another_site_at_the_same_address_halts(bees):
    bees.ghost.site_uuid = "00000000-0000-0000-0000-000000000000"
    in_file(bees, "in May", "in April")
    writes = bees.writes
    ran = bees("sync")
    assert ran.code == 5
    assert "not the one this folder was synced with" in ran.err + ran.out
    assert bees.writes == writes


def test_nothing_secret_is_ever_stored(bees):
    secret = bees.ghost.admin_api_key.split(":")[1]
    for file in bees.root.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes()
            assert bytes.fromhex(secret) not in file.read_bytes()


def test_a_page_travels_like_a_post(blog):
    blog.write("pages/about.md", "---\ntitle: About\nstatus: published\n---\nWho we are.\n")
    assert blog("sync").code == 0
    [page] = blog.ghost.pages
    blog.clock.advance(5)
    blog.ghost.edit(page.id, lexical=page.own["lexical"].replace("Who we are", "Who we were"))
    assert blog("sync").code == 0
    assert "Who we were." in blog.read("pages/about.md")


def test_a_card_with_properties_of_a_later_ghost_survives_an_edit_beside_it(blog):
    card = {
        "type": "callout",
        "version": 1,
        "calloutText": "<p>Mind the bees.</p>",
        "calloutEmoji": "🐝",
        "backgroundColor": "blue",
        "notYetInvented": {"list": [1, None, "x"], "flag": True},
    }
    text = {"type": "extended-text", "text": "Before.", "format": 0, "version": 1}
    paragraph = {"type": "paragraph", "version": 1, "children": [text]}
    root = {"root": {"type": "root", "version": 1, "children": [paragraph, card]}}
    blog.ghost.create(Kind.POST, title="Cards", lexical=json.dumps(root))
    assert blog("sync").code == 0
    in_file(blog, "Before.", "Before, edited.", path="posts/cards.md")
    assert blog("sync").code == 0
    children = json.loads(post(blog, "cards").own["lexical"])["root"]["children"]
    assert "edited" in json.dumps(children[0])
    assert children[1] == card


def test_a_value_that_ghost_holds_but_would_refuse_today_does_not_block_its_file(blog):
    document = blog.ghost.create(Kind.POST, title="Imported", html="<p>Old words.</p>", source_html=True)
    document.meta["canonical_url"] = "not an address"
    assert blog("sync").code == 0
    in_file(blog, "Old words", "New words", path="posts/imported.md")
    assert blog("sync").code == 0
    assert "New words" in post(blog, "imported").own["lexical"]
    in_file(blog, "not an address", "still no address", path="posts/imported.md")
    assert blog("sync").code == 1


def test_tags_and_meta_fields_edited_in_ghost_arrive_although_they_move_no_date(bees):
    bees("sync")
    seen = post(bees).own["updated_at"]
    bees.clock.advance(5)
    bees.ghost.edit(post(bees).id, meta_title="Only meta", tags=[{"name": "honey"}])
    assert post(bees).own["updated_at"] == seen
    assert bees("sync").code == 0
    text = bees.read("posts/on-bees.md")
    assert "meta_title: Only meta" in text
    assert "honey" in text


def many(blog):
    """A site so large that it is not read as a whole each time."""
    for number in range(105):
        blog.ghost.create(
            Kind.POST, title=f"N {number}", slug=f"n-{number}", html="<p>Words.</p>", source_html=True
        )
    assert blog("sync").code == 0
    assert blog("sync").code == 0


def test_an_edit_that_moved_no_date_is_merged_and_not_overwritten_by_a_push_of_the_same_field(blog):
    many(blog)
    blog.clock.advance(5)
    blog.ghost.edit(post(blog, "n-7").id, tags=[{"name": "theirs"}])
    in_file(blog, "slug: n-7\n", "slug: n-7\ntags: [mine]\n", path="posts/n-7.md")
    assert blog("sync").code == 0
    names = {tag["name"] for tag in blog.ghost.answer(post(blog, "n-7"))["tags"]}
    assert names == {"mine", "theirs"}


def test_an_edit_that_moved_no_date_and_came_with_an_answer_still_reaches_the_file(blog):
    many(blog)
    blog.clock.advance(5)
    blog.ghost.edit(post(blog, "n-7").id, meta_title="Unseen")
    in_file(blog, "Words.", "Other words.", path="posts/n-7.md")
    assert blog("sync").code == 0
    assert "Other words." in post(blog, "n-7").own["lexical"]
    assert blog("sync").code == 0
    assert "meta_title: Unseen" in blog.read("posts/n-7.md")
    assert blog("status").code == 0


def test_a_large_unchanged_site_costs_three_requests_too(blog):
    many(blog)
    _, seen = requests(blog)
    assert len(seen) == 3
