"""check and previews as a pull request needs them: in a fresh clone, on a branch that is not the one that is synced."""

import pytest
from cli_runner import sandbox_blog
from git_helpers import use_settings
from repositories import bare, clone

from ghostsync.content.preview import TAG

BEES = "---\ntitle: On bees\nstatus: published\n---\nThe first swarm came in May.\n"
WASPS = BEES.replace("bees", "wasps")


class Project:
    """A blog in a directory of a repository; each run happens in a fresh clone."""

    def __init__(self, blog, place):
        self.blog, self.place, self.clones = blog, place, 0
        self.remote = bare(place / "remote.git")
        first = self.clone()
        first.write(
            "blog/ghostsync.toml", f'[site]\nurl = "{blog.url}"\n[git]\nbranch = "main"\npush = true\n'
        )
        first.write("blog/posts/on-bees.md", BEES)
        first.write("blog/posts/on-wasps.md", WASPS)
        first.commit("Begin")
        first("push", "-q", "origin", "main")
        self.sync()

    def clone(self, *options):
        self.clones += 1
        return clone(self.remote, self.place / f"clone-{self.clones}", *options)

    def run(self, commit, *arguments, shallow=False):
        """In a fresh clone, with this commit checked out as CI does it. shallow: without its past."""
        runner = self.clone(*(("--depth=1", f"--branch={commit}", "--no-single-branch") if shallow else ()))
        runner("checkout", "-q", "--detach", f"origin/{commit}")
        self.blog.root = runner.root / "blog"
        before = len(self.blog.ghost.requests)
        ran = self.blog(*arguments)
        self.requests = self.blog.ghost.requests[before:]
        return ran

    def sync(self):
        runner = self.clone()
        self.blog.root = runner.root / "blog"
        ran = self.blog("sync")
        assert ran.code == 0, ran
        if runner("status", "--porcelain"):
            runner.commit("Take over")
        runner("push", "-q", "origin", "main")
        return ran

    def propose(self, branch, edits):
        writer = self.clone()
        writer("switch", "-q", "-c", branch)
        for path, (old, new) in edits.items():
            text = writer.read(path) if (writer.root / path).exists() else ""
            assert old in text
            writer.write(path, text.replace(old, new) if old else new)
        writer.commit("Propose")
        writer("push", "-q", "origin", branch)

    def merge(self, branch):
        writer = self.clone()
        writer("merge", "-q", "--no-ff", "-m", "Merge", f"origin/{branch}")
        writer("push", "-q", "origin", "main")

    def previews(self):
        answers = [self.blog.ghost.answer(post) for post in self.blog.ghost.posts]
        return [post["title"] for post in answers if TAG in [tag["name"] for tag in post["tags"]]]


@pytest.fixture
def project(tmp_path, monkeypatch, capsys):
    use_settings(monkeypatch)
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        project = Project(blog, tmp_path / "project")
        monkeypatch.setenv("CI", "true")
        yield project


@pytest.mark.parametrize("shallow", [False, True])
def test_a_pull_request_is_previewed_and_the_merge_takes_the_previews_away(project, shallow):
    project.propose(
        "bees",
        {
            "blog/posts/on-bees.md": ("in May", "in April"),
            "blog/posts/new.md": ("", "---\ntitle: New\nstatus: published\n---\nText.\n"),
        },
    )
    # An editor works on another post meanwhile, which is no business of the branch.
    wasps = project.blog.ghost.find("on-wasps")
    project.blog.ghost.edit(wasps.id, lexical=wasps.own["lexical"].replace("in May", "in July"))
    before = wasps.own["lexical"]

    ran = project.run("bees", "push", "--preview", "--json", shallow=shallow)
    assert ran.code == 0, ran
    assert [(one["path"], one["done"]) for one in ran.json["previews"]] == [
        ("posts/new.md", "created"),
        ("posts/on-bees.md", "created"),
    ]
    assert [warning for warning in ran.json["warnings"] if "shallow clone" not in warning] == []
    assert [seen.method for seen in project.requests] == ["GET"] * 3 + ["POST"] * 2

    again = project.run("bees", "push", "--preview", "--json", shallow=shallow)
    assert [one["done"] for one in again.json["previews"]] == ["unchanged", "unchanged"]
    assert [seen.method for seen in project.requests] == ["GET"] * 3

    project.merge("bees")
    ran = project.sync()
    assert ran.err.count("its preview was removed") == 2
    assert project.previews() == []
    assert "in April" in project.blog.ghost.find("on-bees").own["lexical"]
    assert project.blog.ghost.find("on-wasps").own["lexical"] == before
    assert project.blog.ghost.find("new").own["status"] == "published"
    assert len(project.blog.ghost.posts) == 3


def test_a_closed_pull_request_takes_its_own_previews_away(project):
    project.propose("bees", {"blog/posts/on-bees.md": ("in May", "in April")})
    project.propose("wasps", {"blog/posts/on-wasps.md": ("in May", "in June")})
    for branch in ("bees", "wasps"):
        assert project.run(branch, "push", "--preview").code == 0
    assert sorted(project.previews()) == ["On bees", "On wasps"]
    # As `git diff --name-only` has it, seen from the top of the repository.
    ran = project.run("main", "push", "--preview", "--remove", "posts/on-bees.md")
    assert ran.code == 0, ran
    assert project.previews() == ["On wasps"]


def test_paths_may_be_those_of_the_repository(project, monkeypatch):
    project.propose("bees", {"blog/posts/new.md": ("", "---\ntitle: New\n---\n[x](gone.md)\n")})
    assert project.run("bees", "push", "--preview").code == 0
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    runner = project.clone()
    monkeypatch.chdir(runner.root)
    project.blog.root = runner.root / "blog"
    ran = project.blog("push", "--preview", "--remove", "blog/posts/new.md")  # on main there is no such file
    assert ran.code == 0, ran
    assert project.previews() == []
    runner("checkout", "-q", "--detach", "origin/bees")
    ran = project.blog("check", "blog/posts/new.md")
    assert ran.code == 1
    assert "::error file=blog/posts/new.md,line=4,title=ghostsync%3A problem::" in ran.out
