"""Previews on real Ghosts: what anybody who has the address sees, and what a sync makes of it all."""

import json
import shutil

import httpx
import pytest
from cli_runner import ENVIRONMENT, ghostsync
from pictures import png

GHOSTS = [
    pytest.param(version, marks=pytest.mark.ghost, id=version)
    for version in ("6.65.0", "5.130.6", "4.48.9", "3.42.9", "2.38.3")
]
POST = """---
title: On bees
status: published
tags: [Garden]
custom_excerpt: Of swarms.
codeinjection_head: "<meta name='of' content='bees'>"
---

The first swarm came in May. See [the page](../pages/about.md).

<figure class="own">HTML</figure>
"""
PAGE = "---\ntitle: About\nstatus: published\n---\n\nWho we are.\n"
TAG = "#ghostsync-preview"


class Site:
    def __init__(self, ghost, root, monkeypatch, capsys):
        self.ghost, self.root = ghost, root
        self._run = (monkeypatch, capsys)
        self.field = "lexical" if ghost.recipe.major >= 5 else "mobiledoc"

    def __call__(self, *arguments):
        return ghostsync(*self._run, "-C", self.root, *arguments)

    def write(self, path, data):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data if isinstance(data, bytes) else data.encode())

    def replace(self, path, old, new):
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def forget(self):
        shutil.rmtree(self.root / ".ghostsync")

    def all(self, kind="posts"):
        return self.ghost.api("GET", f"{kind}/?limit=50&formats={self.field}&include=tags,authors")[kind]

    def previews(self, kind="posts"):
        return [post for post in self.all(kind) if TAG in [tag["name"] for tag in post["tags"]]]

    def page(self, address):
        answer = httpx.get(address, trust_env=False, follow_redirects=True)
        assert answer.status_code == 200
        return answer.text


@pytest.fixture(params=GHOSTS)
def site(request, ghost_park, tmp_path, monkeypatch, capsys):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    ghost = ghost_park.get(request.param)
    ghost.wipe()
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", ghost.key)
    site = Site(ghost, tmp_path / "site", monkeypatch, capsys)
    site.write("posts/on-bees.md", POST)
    site.write("pages/about.md", PAGE)
    site.write("ghostsync.toml", f'[site]\nurl = "{ghost.url}"\n')
    assert site("sync").code == 0
    return site


def test_from_the_branch_to_the_merge(site):
    live = site.all()
    site.replace("posts/on-bees.md", "in May", "in April")
    site.replace("posts/on-bees.md", "HTML</figure>", "HTML</figure>\n\n![A hive](hive.png)")
    site.replace("pages/about.md", "Who we are.", "Who we want to be.")
    site.write("posts/hive.png", png())
    site.write(
        "posts/new.md", "---\ntitle: New\nstatus: published\n---\n\nSee [bees](on-bees.md), and more.\n"
    )

    ran = site("push", "--preview", "--json")
    assert ran.code == 0, ran
    told = {one["path"]: one for one in ran.json["previews"]}
    assert {path: one["done"] for path, one in told.items()} == dict.fromkeys(
        ("posts/on-bees.md", "pages/about.md", "posts/new.md"), "created"
    )
    shown = site.page(told["posts/on-bees.md"]["url"])
    assert "in April" in shown
    assert "/content/images/" in shown
    assert "<meta name='of' content='bees'>" in shown
    assert "Who we want to be." in site.page(told["pages/about.md"]["url"])
    assert "and more." in site.page(told["posts/new.md"]["url"])
    assert "in May" in site.page(f"{site.ghost.url}/on-bees/")
    assert "Who we are." in site.page(f"{site.ghost.url}/about/")
    ids = {post["id"] for post in live}
    assert [post for post in site.all() if post["id"] in ids] == live
    assert {post["status"] for post in (*site.previews(), *site.previews("pages"))} == {"draft"}
    assert "ghost_id" not in (site.root / "posts/new.md").read_text(encoding="utf-8")

    # Once more, in a fresh clone: nothing is written.
    site.forget()
    before = site.all(), site.all("pages")
    again = site("push", "--preview", "--json")
    assert {one["done"] for one in again.json["previews"]} == {"unchanged"}, again
    assert not again.json["requests"].keys() & {"PUT", "POST", "DELETE"}
    assert (site.all(), site.all("pages")) == before

    # The writer goes on; the same draft shows it.
    site.forget()
    site.replace("posts/new.md", "and more.", "and much more.")
    ran = site("push", "--preview", "posts/new.md", "--json")
    assert [(one["done"], one["url"]) for one in ran.json["previews"]] == [
        ("updated", told["posts/new.md"]["url"])
    ]
    assert "and much more." in site.page(told["posts/new.md"]["url"])

    # The merge: an ordinary sync makes all of it public, and takes the previews away.
    ran = site("sync", "--adopt", "local", "--json")
    assert ran.code == 0, ran
    assert sum("its preview was removed" in note for note in ran.json["notes"]) == 3, ran
    assert site.previews() == site.previews("pages") == []
    assert "in April" in site.page(f"{site.ghost.url}/on-bees/")
    assert sorted(path.name for path in site.root.rglob("*.md")) == ["about.md", "new.md", "on-bees.md"]
    assert site("sync", "--full").out.startswith("In step")


def test_an_editor_makes_an_ordinary_post_of_it(site):
    site.replace("posts/on-bees.md", "in May", "in April")
    assert site("push", "--preview").code == 0
    [preview] = site.previews()
    assert site("pull").code == 0
    assert len(list(site.root.rglob("*.md"))) == 2
    site.ghost.edit("posts", preview["id"], tags=[{"name": "Garden"}])
    assert site("pull", "--full").code == 0
    assert len(list(site.root.rglob("*.md"))) == 3
    site("push", "--preview", "--remove")
    assert preview["id"] in {post["id"] for post in site.all()}


def test_a_closed_pull_request_leaves_nothing(site):
    site.replace("posts/on-bees.md", "in May", "in April")
    site.write("posts/new.md", "---\ntitle: New\n---\n\nText.\n")
    assert site("push", "--preview").code == 0
    live = [post for post in site.all() if TAG not in json.dumps(post["tags"])]
    ran = site("push", "--preview", "--remove", "posts/new.md", "posts/on-bees.md")
    assert ran.code == 0, ran
    assert site.all() == live


def test_what_only_some_readers_may_read_is_previewed_whole(site):
    major = site.ghost.recipe.major
    site.replace(
        "posts/on-bees.md",
        "tags: [Garden]",
        "tags: [Garden]\nvisibility: paid" if major > 2 else "tags: [Garden]\nvisibility: members",
    )
    assert site("push").code == 0
    site.replace("posts/on-bees.md", "in May", "in April")
    ran = site("push", "--preview", "--json")
    assert ran.code == 0, ran
    [preview] = site.previews()
    assert preview["visibility"] == ("paid" if major > 2 else "members")
    assert "in April" in site.page(ran.json["previews"][0]["url"])
