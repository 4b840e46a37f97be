"""A download that fails for a reason that passes is tried again, and its documents show the file in the end."""

import asyncio
import json
import time

import pytest
from cli_runner import sandbox_blog
from pictures import png

from ghostsync.compose import open_session
from ghostsync.config import load_settings
from ghostsync.model import Kind
from ghostsync.sandbox import Fault

DATA = png(40, 30)


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.configure('[media]\npull = "download"\n[http]\nretries = 0\n')
        yield blog


def on_the_site(blog, name="hive.png", data=DATA):
    path = f"content/images/2026/01/{name}"
    blog.uploaded[path] = data
    return f"{blog.url}/{path}"


def in_ghost(blog, markdown, slug="bees", **fields):
    card = {"type": "markdown", "version": 1, "markdown": markdown}
    root = {"children": [card], "direction": None, "format": "", "indent": 0, "type": "root", "version": 1}
    blog.clock.advance(5)
    fields = {"title": slug.title(), "slug": slug, "status": "published"} | fields
    return blog.ghost.create(Kind.POST, **fields, lexical=json.dumps({"root": root}))


def failing(blog, times=1, name="hive.png"):
    blog.ghost.faults.append(Fault(method="GET", path=name, status=503, times=times))


def asked_for(blog, name="hive.png"):
    found = sum(request.method == "GET" and name in request.path for request in blog.ghost.requests)
    blog.ghost.requests.clear()
    return found


def settled(blog):
    writes, before = blog.writes, blog.read("posts/bees.md")
    for _ in range(2):
        assert blog("sync").code == 0
    assert blog("status").code == 0
    assert blog.writes == writes
    assert blog.read("posts/bees.md") == before


def test_it_comes_with_the_next_sync_and_its_document_shows_it_from_then_on(blog):
    address = on_the_site(blog)
    in_ghost(blog, f"![Hive]({address})\n\nWords.", feature_image=address)
    failing(blog)
    ran = blog("sync")
    assert ran.code == 0
    assert "for now, and is tried again" in ran.out + ran.err
    assert blog.read("posts/bees.md").count("/content/images/2026/01/hive.png") == 2
    writes = blog.writes
    ran = blog("sync")
    assert ran.code == 0
    assert "has come in the end; its path is in posts/bees.md" in ran.out + ran.err
    assert (blog.root / "media/hive.png").read_bytes() == DATA
    text = blog.read("posts/bees.md")
    assert "![Hive](../media/hive.png)\n\nWords." in text
    assert "feature_image: ../media/hive.png" in text.replace('"', "")
    assert "/content/" not in text
    assert blog.writes == writes
    settled(blog)
    assert blog.ghost.find("bees").own["feature_image"] == address


def test_what_the_author_wrote_meanwhile_stays_and_nothing_but_the_picture_changes(blog):
    address = on_the_site(blog)
    in_ghost(blog, f"![]({address})\n\n```\n{address}\n```\n\nWords.")
    failing(blog)
    assert blog("sync").code == 0
    blog.write(
        "posts/bees.md",
        blog.read("posts/bees.md").replace("Words.", "Other *words*.\n\n* a\n* b").rstrip("\n"),
    )
    before = blog.read("posts/bees.md")
    assert blog("sync").code == 0
    assert blog.read("posts/bees.md") == before.replace(f"![]({address})", "![](../media/hive.png)")
    assert blog("sync").code == 0
    assert "Other *words*." in blog.ghost.find("bees").own["lexical"]
    settled(blog)


def test_the_version_before_is_in_the_history(blog):
    address = on_the_site(blog)
    in_ghost(blog, f"![]({address})")
    failing(blog)
    assert blog("sync").code == 0
    before = blog.read("posts/bees.md")
    assert blog("sync").code == 0
    assert blog.read("posts/bees.md") != before
    [version] = json.loads(blog("history", "posts/bees.md", "--json").out)["versions"]
    assert (version["side"], version["size"]) == ("local", len(before.encode()))
    assert blog("restore", "posts/bees.md", "--version", str(version["number"])).code == 0
    assert blog.read("posts/bees.md") == before


def test_after_a_second_failure_it_waits_for_minutes_and_asks_nothing_meanwhile(blog):
    in_ghost(blog, f"![]({on_the_site(blog)})")
    failing(blog, times=2)
    assert blog("sync").code == 0
    assert blog("sync").code == 0
    assert asked_for(blog) == 2
    for _ in range(3):
        assert blog("sync").code == 0
    assert asked_for(blog) == 0


def cycle(blog, now):
    """One cycle at this moment of the local clock; its report."""

    async def run():
        session = open_session(blog.root, *load_settings(blog.root), clock=lambda: now)
        async with session as opened:
            return await opened.engine.cycle()

    return asyncio.run(run())


def test_a_daemon_is_told_when_to_try_again_and_it_comes_then(blog):
    in_ghost(blog, f"![]({on_the_site(blog)})")
    failing(blog, times=2)
    now = time.time()
    assert cycle(blog, now).next_due == 60
    assert cycle(blog, now + 60).next_due == 300
    assert cycle(blog, now + 300).next_due == 60
    assert not (blog.root / "media/hive.png").exists()
    assert cycle(blog, now + 361).next_due is None
    assert (blog.root / "media/hive.png").exists()


def test_one_that_is_gone_meanwhile_is_told_once_and_forgotten(blog):
    in_ghost(blog, f"![]({on_the_site(blog)})")
    failing(blog)
    assert blog("sync").code == 0
    blog.uploaded.clear()
    ran = blog("sync")
    assert "is not on the site any more" in ran.out + ran.err
    asked_for(blog)
    ran = blog("sync")
    assert "hive.png" not in ran.out + ran.err
    assert asked_for(blog) == 0


def test_a_file_that_came_another_way_is_shown_as_well(blog):
    address = on_the_site(blog)
    in_ghost(blog, f"![]({address})")
    failing(blog, times=2)
    assert blog("sync").code == 0
    assert blog("sync").code == 0
    in_ghost(blog, f"![]({address})", slug="wasps")
    assert blog("sync").code == 0
    assert "../media/hive.png" in blog.read("posts/wasps.md")
    assert "../media/hive.png" in blog.read("posts/bees.md")
    settled(blog)


def test_of_two_addresses_of_the_same_bytes_the_second_stays_a_link_as_it_does_on_a_good_day(blog):
    first, second = on_the_site(blog, "hive.png"), on_the_site(blog, "hive-2.png")
    in_ghost(blog, f"![]({first})", slug="wasps")
    in_ghost(blog, f"![]({second})")
    failing(blog, name="hive-2.png")
    for _ in range(2):
        assert blog("sync").code == 0
        assert "../media/hive.png" in blog.read("posts/wasps.md")
        assert second in blog.read("posts/bees.md")
    settled(blog)
    assert not (blog.root / "media/hive-2.png").exists()


def test_push_and_a_dry_run_try_nothing(blog):
    in_ghost(blog, f"![]({on_the_site(blog)})")
    failing(blog)
    assert blog("sync").code == 0
    asked_for(blog)
    assert blog("push").code == 0
    assert blog("sync", "--dry-run").code == 0
    assert asked_for(blog) == 0
    assert blog("pull").code == 0
    assert asked_for(blog) == 1
