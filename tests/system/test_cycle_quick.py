"""A quick cycle: saved files are sent without another look at Ghost. Nothing may be lost by what it did not see."""

import asyncio
import gc
import os
import time

import pytest
from cli_runner import sandbox_blog

from ghostsync.compose import open_session
from ghostsync.config import load_config, load_key
from ghostsync.sync.desk import Desk
from ghostsync.sync.model import KnownDocument

BEES = (
    "---\ntitle: On bees\ntags: [bees]\n---\n\nThe first swarm came in May.\n\nThe second one came in June.\n"
)


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.write("posts/on-bees.md", BEES)
        assert blog("sync").code == 0
        assert blog("sync").code == 0
        blog.clock.advance(5)
        blog.ghost.requests.clear()
        yield blog


def quick(blog):
    """One quick cycle some time later; the verbs, and the requests it made."""
    report, requests = cycle(blog, quick=True)
    return [outcome.action.verb.value for outcome in report.outcomes], requests


def cycle(blog, *, quick=False, settle=0.0):
    """One cycle of the daemon some time later; its report, and the requests it made."""

    async def run():
        config = load_config(blog.root)
        async with open_session(blog.root, config, load_key(config, blog.root)) as session:
            looked = int(blog.clock()) if quick else 0
            return await session.engine.cycle(thorough=False, settle=settle, quick=looked)

    blog.clock.advance(5)
    report = asyncio.run(run())
    requests = [f"{seen.method} {seen.path.partition('/admin/')[2]}" for seen in blog.ghost.requests]
    blog.ghost.requests.clear()
    return report, requests


def save(blog, old, new):
    blog.write("posts/on-bees.md", blog.read("posts/on-bees.md").replace(old, new))


def edit(blog, old, new):
    document = blog.ghost.find("on-bees")
    blog.clock.advance(5)
    blog.ghost.edit(document.id, lexical=document.own["lexical"].replace(old, new))


def in_ghost(blog):
    return blog.ghost.find("on-bees").own["lexical"]


def test_a_saved_file_costs_the_look_at_the_site_and_the_write(blog):
    save(blog, "in May", "in April")
    verbs, requests = quick(blog)
    assert verbs == ["update post"]
    assert [request.partition("/")[0] for request in requests] == ["GET site", "PUT posts"]
    assert "in April" in in_ghost(blog)


def test_a_new_file_is_created_without_another_look(blog):
    blog.write("posts/new.md", "---\ntitle: New\n---\nText.\n")
    verbs, requests = quick(blog)
    assert verbs == ["create post"]
    assert requests == ["GET site/", "POST posts/"]


def test_an_edit_in_ghost_that_was_not_looked_at_is_merged_all_the_same(blog):
    edit(blog, "in June", "in July")
    save(blog, "in May", "in April")
    quick(blog)
    assert "in April" in in_ghost(blog)
    assert "in July" in in_ghost(blog)
    assert blog("sync").code == 0
    assert "in July" in blog.read("posts/on-bees.md")
    assert "in April" in blog.read("posts/on-bees.md")


def test_an_edit_of_the_same_words_in_ghost_stays_and_the_next_sync_calls_it_a_conflict(blog):
    edit(blog, "in May", "in March")
    save(blog, "in May", "in April")
    quick(blog)
    assert "in March" in in_ghost(blog)
    assert "in April" in blog.read("posts/on-bees.md")
    assert blog("sync").code == 1
    assert "in March" in in_ghost(blog)


def test_tags_that_were_edited_in_ghost_alone_are_read_before_tags_are_sent(blog):
    document = blog.ghost.find("on-bees")
    blog.ghost.edit(document.id, tags=[{"name": "bees"}, {"name": "honey"}])
    save(blog, "tags: [bees]", "tags: [bees, wax]")
    quick(blog)
    blog("sync")
    assert {"bees", "honey"} <= {tag["name"] for tag in blog.ghost.answer(blog.ghost.find("on-bees"))["tags"]}


def test_a_deleted_file_has_the_look_made_up_for_so_that_an_edit_in_ghost_is_not_lost(blog):
    edit(blog, "in June", "in July")
    (blog.root / "posts/on-bees.md").unlink()
    verbs, _ = quick(blog)
    assert verbs == ["create file"]
    assert "in July" in blog.read("posts/on-bees.md")


def test_a_post_that_is_gone_from_ghost_is_not_made_anew(blog):
    blog.ghost.delete(blog.ghost.find("on-bees").id)
    save(blog, "in May", "in April")
    quick(blog)
    assert blog.ghost.posts == []
    assert "in April" in blog.read("posts/on-bees.md")
    assert blog("sync").code == 1


def test_a_slug_that_came_into_use_in_ghost_is_not_taken_twice(blog):
    blog.ghost.create(title="Theirs", slug="new", html="<p>Theirs.</p>", source_html=True)
    blog.write("posts/new.md", "---\ntitle: New\n---\nText.\n")
    quick(blog)
    assert [post.own["slug"] for post in blog.ghost.posts].count("new") == 1
    assert not any(post.own["slug"] == "new-2" for post in blog.ghost.posts)


def test_a_post_that_a_backup_set_back_is_not_taken_for_an_edit(blog):
    """The file would be merged with the old text: what was lost in Ghost would be lost in the folder too."""
    was = dict(blog.ghost.find("on-bees").own)
    save(blog, "in May", "in April")
    assert blog("sync").code == 0
    assert blog("sync").code == 0
    blog.ghost.find("on-bees").own.update({key: was[key] for key in ("lexical", "updated_at")})
    save(blog, "in June", "in July")
    report, _ = cycle(blog, quick=True)
    [outcome] = report.outcomes
    assert "is older in Ghost than it was" in str(outcome.error)
    assert "in April" in blog.read("posts/on-bees.md")
    assert "in July" in blog.read("posts/on-bees.md")


@pytest.mark.parametrize("first", ["quick", "looks"])
def test_a_restored_backup_halts_though_a_file_was_saved_in_the_meantime(
    tmp_path, monkeypatch, capsys, first
):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        paths = [f"posts/p{number}.md" for number in range(12)]
        for path in paths:
            blog.write(path, f"---\ntitle: {path}\n---\n\nOne old.\n\nTwo.\n")
        assert blog("sync").code == blog("sync").code == 0
        was = {post.id: (post.own["lexical"], post.own["updated_at"]) for post in blog.ghost.posts}
        for path in paths:
            blog.write(path, blog.read(path).replace("One old.", "One new."))
        assert blog("sync").code == blog("sync").code == 0
        for post in blog.ghost.posts:
            post.own["lexical"], post.own["updated_at"] = was[post.id]
        blog.write(paths[3], blog.read(paths[3]).replace("Two.", "Two more."))
        cycle(blog, quick=first == "quick")
        report, _ = cycle(blog)
        assert report.halt is not None
        assert "backup" in report.halt.what
        for path in paths:
            assert "One new." in blog.read(path)


def test_a_new_post_of_our_own_does_not_hide_a_restored_backup(tmp_path, monkeypatch, capsys):
    """Its date is the newest there is, so that a glance at the newest date shows nothing out of the way."""
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        paths = [f"posts/p{number}.md" for number in range(130)]
        for path in paths:
            blog.write(path, f"---\ntitle: {path}\n---\n\nOne old.\n")
        assert blog("sync").code == blog("sync").code == 0
        was = {post.id: (post.own["lexical"], post.own["updated_at"]) for post in blog.ghost.posts}
        for path in paths[:30]:
            blog.write(path, blog.read(path).replace("One old.", "One new."))
        assert blog("sync").code == blog("sync").code == 0
        for post in blog.ghost.posts:
            post.own["lexical"], post.own["updated_at"] = was[post.id]
        blog.write("posts/new.md", "---\ntitle: New\n---\n\nText.\n")
        cycle(blog, quick=True)
        assert blog.ghost.find("new") is not None
        report, _ = cycle(blog)
        assert report.halt is not None
        assert "backup" in report.halt.what


def test_while_everything_is_halted_a_quick_cycle_looks_once(blog):
    for number in range(6):
        blog.write(f"posts/x{number}.md", f"---\ntitle: X{number}\n---\n\nText.\n")
    assert blog("sync").code == blog("sync").code == 0
    for path in (blog.root / "posts").glob("*.md"):
        path.unlink()
    assert blog("sync").code == 5
    blog.ghost.requests.clear()
    _, looked = cycle(blog)
    _, requests = cycle(blog, quick=True)
    assert requests == looked


def test_the_daemon_is_told_when_a_write_that_waits_for_quiet_is_due_again(blog):
    """Ghost gives the target another address than the routes told, so that the post that links to it has to follow."""
    blog.ghost.permalinks = "/{year}/{slug}/"
    blog.write("posts/b.md", "---\ntitle: B\nstatus: published\n---\n\nBee.\n")
    blog.write("posts/a.md", "---\ntitle: A\nstatus: published\n---\n\nSee [b](b.md).\n")
    for path in ("posts/a.md", "posts/b.md"):
        os.utime(blog.root / path, (blog.clock() - 100, blog.clock() - 100))
    report, _ = cycle(blog, settle=10.0)
    assert [outcome.action.verb.value for outcome in report.outcomes] == [
        "create post",
        "create post",
        "leave",
    ]
    assert report.next_due is not None


def test_a_cycle_leaves_nothing_that_only_the_garbage_collector_could_free(blog):
    """The rows of ten thousand documents would stay beside those of the next cycle."""
    blog.write("posts/on-wasps.md", BEES.replace("bees", "wasps"))
    gc.collect()
    gc.disable()
    try:
        cycle(blog)
        left = [held for held in gc.get_objects() if isinstance(held, Desk | KnownDocument)]
    finally:
        gc.enable()
    assert left == []


def test_files_are_read_until_they_are_older_than_their_record_and_then_not_again(blog):
    read = []
    known = os.open

    def watched(path, *arguments, **named):
        read.append(os.fspath(path))
        return known(path, *arguments, **named)

    def of_the_next_cycle():
        read.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "open", watched)
            cycle(blog)
        return "on-bees.md" in read

    file = blog.root / "posts/on-bees.md"
    os.utime(file, (time.time() + 60, time.time() + 60))
    assert [of_the_next_cycle(), of_the_next_cycle()] == [True, True]
    os.utime(file, (time.time() - 60, time.time() - 60))
    assert [of_the_next_cycle(), of_the_next_cycle(), of_the_next_cycle()] == [True, False, False]
