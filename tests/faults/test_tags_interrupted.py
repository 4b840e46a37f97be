"""Killed before or after any step of a sync of tags, the next sync ends where an uninterrupted one does."""

import shutil

import pytest
from cli_runner import sandbox_blog

from ghostsync.folder import LocalFolder
from ghostsync.ghost.parts import GhostParts
from ghostsync.state import SqliteState

STEPS = [
    *((GhostParts, name) for name in ("create_tag", "update_tag", "delete_tag", "tag", "posts_of")),
    *(
        (SqliteState, name)
        for name in ("record_tag", "forget_tag", "intend", "settle", "keep", "mirror_posts")
    ),
    (LocalFolder, "write_site_file"),
]
WRITES = {"create_tag", "update_tag", "delete_tag", "write_site_file"}
"""What the world sees although the process may not live to know of it."""


class Killed(BaseException):
    """As SIGKILL: nobody catches it."""


class Steps:
    """Counts the steps, and ends the process before or after one of them."""

    def __init__(self, monkeypatch):
        self.taken, self.at, self.after, self.names = 0, 0, False, []
        for owner, name in STEPS:
            wrap = self._asynchronous if owner is GhostParts else self._plain
            monkeypatch.setattr(owner, name, wrap(getattr(owner, name), name))

    def reset(self, at=0, *, after=False):
        self.taken, self.at, self.after, self.names = 0, at, after, []

    def _step(self, name, *, after):
        if not after:
            self.taken += 1
            self.names.append(name)
        if self.at and self.taken == self.at and after is self.after:
            self.at = 0
            raise Killed

    def _plain(self, done, name):
        def step(*arguments, **named):
            self._step(name, after=False)
            result = done(*arguments, **named)
            self._step(name, after=True)
            return result

        return step

    def _asynchronous(self, done, name):
        async def step(*arguments, **named):
            self._step(name, after=False)
            result = await done(*arguments, **named)
            self._step(name, after=True)
            return result

        return step


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.configure("[site_files]\ntags = true\n")
        yield blog


def tag(blog, slug):
    return next(tag for tag in blog.ghost.store.tags.values() if tag["slug"] == slug)


def before(blog):
    """Edits of every kind on both sides, none of them sent."""
    store = blog.ghost.store
    for name in ("Garden", "Roses", "Old", "Gone"):
        store.add_tag({"name": name, "description": f"About {name}"})
    blog.write("posts/a.md", "---\ntitle: A\ntags: [Garden, Roses]\n---\n\nText.\n")
    assert blog("sync").code == 0
    text = blog.read("tags.yaml")
    head, *entries = text.rstrip("\n").split("\n- ")
    entries = [entry for entry in entries if "slug: old" not in entry]
    text = "\n- ".join([head, *entries]) + "\n- name: Bees\n  accent_color: '#ff0000'\n"
    blog.write("tags.yaml", text.replace("About Garden", "From here").replace("name: Roses", "name: Rosae"))
    tag(blog, "garden")["meta_title"] = "From Ghost"
    tag(blog, "roses")["meta_description"] = "From Ghost, too"
    store.add_tag({"name": "New there"})
    del store.tags[tag(blog, "gone")["id"]]


def outcome(blog):
    tags = {
        tag["slug"]: {
            key: value for key, value in tag.items() if key not in {"id", "created_at", "updated_at"}
        }
        for tag in blog.ghost.store.tags.values()
    }
    text = "\n".join(line for line in blog.read("tags.yaml").splitlines() if "ghost_id" not in line)
    return (
        tags,
        text,
        blog.read("posts/a.md"),
        [blog.ghost.store.tags[id]["name"] for id in blog.ghost.posts[0].tags],
    )


def resumed(blog, steps, *, at, after, kept):
    """From the same beginning: a sync that is killed, and one that is not."""
    shutil.rmtree(blog.root)
    shutil.copytree(kept, blog.root)
    steps.reset(at, after=after)
    died = False
    try:
        blog("sync")
    except* Killed:  # alone, or in the group of a document's task
        died = True
    assert died
    steps.reset()
    return blog("sync")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_sync_that_is_killed_at_any_step_is_made_up_for(blog, monkeypatch, tmp_path, after):
    steps = Steps(monkeypatch)
    before(blog)
    kept = tmp_path / "kept"
    shutil.copytree(blog.root, kept)
    store = blog.ghost.store
    tags = {id: dict(tag) for id, tag in store.tags.items()}
    [post] = blog.ghost.posts
    named = list(post.tags)

    steps.reset()
    assert blog("sync").code == 0
    wanted, names = outcome(blog), list(steps.names)
    assert set(names) >= WRITES
    for at, name in enumerate(names, 1):
        if after and name not in WRITES:
            continue  # the same moment as before the next one
        store.tags.clear()
        store.tags.update({id: dict(tag) for id, tag in tags.items()})
        post.tags = list(named)
        ran = resumed(blog, steps, at=at, after=after, kept=kept)
        assert (ran.code, outcome(blog)) == (0, wanted), (
            f"killed {'after' if after else 'before'} step {at}, {name}"
        )
    assert blog("status").code == 0
