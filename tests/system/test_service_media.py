"""The daemon and the files that documents show: a picture that is saved anew is on its way, wherever it lies."""

import pytest
from cli_runner import sandbox_blog
from daemon_process import Daemon, eventually
from pictures import png

from ghostsync.daemon.control import ask


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.configure('[sync]\ninterval = "1h"\nsettle = 0\n[http]\nretries = 0\n')
        (blog.root / "posts").mkdir()
        (blog.root / "pictures").mkdir()
        (blog.root / "pictures/hive.png").write_bytes(png(40, 30))
        blog.clock.advance(5)
        yield blog


@pytest.fixture
def running(blog):
    daemon = Daemon(blog)
    daemon.until("in touch with Ghost")
    yield daemon
    daemon.close()


def shown(blog):
    return blog.ghost.find("bees").own["lexical"]


def test_a_picture_that_changes_is_sent_though_it_lies_in_a_directory_that_no_document_lies_in(blog, running):
    blog.write("posts/bees.md", "---\ntitle: Bees\n---\n\n![](../pictures/hive.png)\n")
    running.until('event="create post"')
    before = shown(blog)
    eventually(lambda: (told := ask(blog.root, "status")) and not told["working"])
    (blog.root / "pictures/hive.png").write_bytes(png(60, 20))
    eventually(lambda: shown(blog) != before)
    assert '"width":60' in shown(blog).replace(" ", "")
    assert running.stop() == 0


def test_a_picture_that_a_document_waits_for_is_enough_to_send_it(blog, running):
    blog.write("posts/bees.md", "---\ntitle: Bees\n---\n\n![](late.png)\n")
    running.until("there is no such file")
    assert blog.ghost.posts == []
    (blog.root / "posts/late.png").write_bytes(png())
    running.until('event="create post"')
    assert running.stop() == 0
