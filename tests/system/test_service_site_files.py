"""The daemon and site files: a saved tags.yaml is sent at once, and what nobody touches costs next to nothing."""

import pytest
from cli_runner import sandbox_blog
from daemon_process import Daemon, eventually

from ghostsync.daemon.control import ask


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.configure(
            '[site_files]\ntags = true\nauthors = "site/authors.yaml"\n[sync]\ninterval = "1h"\n[http]\nretries = 0\n'
        )
        (blog.root / "posts").mkdir()
        blog.ghost.store.add_tag({"name": "Garden", "description": "All that grows"})
        blog.clock.advance(5)
        yield blog


@pytest.fixture
def running(blog):
    daemon = Daemon(blog)
    daemon.until("in touch with Ghost")
    yield daemon
    daemon.close()


def garden(blog):
    return next(tag for tag in blog.ghost.store.tags.values() if tag["slug"] == "garden")


def idle(blog):
    eventually(lambda: (told := ask(blog.root, "status")) and not told["working"])


def test_a_save_of_tags_yaml_is_sent_at_once_and_its_echo_costs_nothing(blog, running):
    idle(blog)
    text = blog.read("tags.yaml").replace("All that grows", "Beds and paths")
    draft = blog.write("tags.yaml.draft", text)
    draft.replace(blog.root / "tags.yaml")
    running.until('event="update tag"')
    assert garden(blog)["description"] == "Beds and paths"
    idle(blog)
    blog.write("tags.yaml", text.replace("Beds and paths", "Beds") + "- name: Bees\n")
    running.until('event="create tag"')
    eventually(lambda: "Bees\n  ghost_id: " in blog.read("tags.yaml"))
    idle(blog)
    assert garden(blog)["description"] == "Beds"
    assert running.stop() == 0


def test_a_copy_that_somebody_edits_is_put_back_and_told(blog, running):
    idle(blog)
    before = blog.read("site/authors.yaml")
    blog.write("site/authors.yaml", before.replace("Owner", "Me"))
    running.until("what was edited in it was put back")
    eventually(lambda: blog.read("site/authors.yaml") == before)
    assert running.stop() == 0


def test_a_conflict_in_tags_yaml_stays_open_until_it_is_settled(blog, running):
    idle(blog)
    garden(blog)["description"] = "From Ghost"
    blog.write("tags.yaml", blog.read("tags.yaml").replace("All that grows", "From here"))
    running.until("edited here and in Ghost, differently")
    blog.write("posts/bees.md", "---\ntitle: Bees\n---\n\nBuzz.\n")
    running.until('event="create post"')
    idle(blog)
    assert [entry["path"] for entry in ask(blog.root, "status")["open"]] == ["tags.yaml"]
    assert blog("resolve", "tags.yaml", "--use", "local").code == 0
    eventually(lambda: garden(blog)["description"] == "From here")
    assert running.stop() == 0
