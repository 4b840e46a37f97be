"""A fresh clone knows what both sides agreed on: from the ref that travels with the repository, or from its commits."""

import shutil

import pytest
from cli_runner import sandbox_blog
from git_helpers import git, use_settings
from repositories import Repository, bare, clone

BEES = """---
title: On bees
status: published
---

The first swarm came in May.

The second one came in June.
"""


class Team:
    """A remote, and clones of it that come and go; each run happens in a fresh one, without any state, as in CI."""

    def __init__(self, blog, place):
        self.blog = blog
        self.place = place
        self.remote = bare(place / "remote.git")
        self.runs = 0
        self.options = ()
        self.configure("push = true\n")

    def configure(self, settings):
        author = clone(self.remote, self.place / "setting-up")
        author.write("ghostsync.toml", f'[site]\nurl = "{self.blog.url}"\n[git]\nbranch = "main"\n{settings}')
        author.commit("Set up")
        author("push", "-q", "origin", "main")
        shutil.rmtree(author.root)

    def write(self, path="posts/on-bees.md", text=None, edit=None):
        """A writer commits a file, or some words of it, and pushes."""
        author = clone(self.remote, self.place / "author")
        if text is None:
            text = author.read(path)
        for old, new in (edit or {}).items():
            assert old in text
            text = text.replace(old, new)
        author.write(path, text)
        author.commit("Write")
        author("push", "-q", "origin", "main")
        shutil.rmtree(author.root)

    def remove(self, path):
        author = clone(self.remote, self.place / "author")
        author("rm", "-q", path)
        author.commit("Remove")
        author("push", "-q", "origin", "main")
        shutil.rmtree(author.root)

    def ci(self, *arguments):
        """ghostsync in a fresh clone; what it changed in files is committed and pushed, as a workflow would."""
        self.runs += 1
        runner = clone(self.remote, self.place / f"run-{self.runs}", *self.options)
        self.blog.root = runner.root
        before = len(self.blog.ghost.requests)
        ran = self.blog(*(arguments or ("sync",)))
        self.requests = self.blog.ghost.requests[before:]
        if runner("status", "--porcelain", "--", "posts", "pages"):
            runner.commit("Take over")
            runner("push", "-q", "origin", "HEAD:main")
        self.runner = runner
        return ran

    def forget_agreement(self):
        for ref in self.refs():
            clone(self.remote, self.place / "forget")("push", "-q", "origin", f":{ref}")
            shutil.rmtree(self.place / "forget")

    def agreement(self):
        return git(self.remote, "for-each-ref", "--format=%(objectname)", "refs/ghostsync")

    def refs(self):
        return git(self.remote, "for-each-ref", "--format=%(refname)", "refs/ghostsync").split()

    def in_ghost(self, old, new, slug="on-bees"):
        self.blog.clock.advance(5)
        post = self.blog.ghost.find(slug)
        assert old in post.own["lexical"]
        self.blog.ghost.edit(post.id, lexical=post.own["lexical"].replace(old, new))

    def body(self, slug="on-bees"):
        return self.blog.ghost.find(slug).own["lexical"]


@pytest.fixture
def team(tmp_path, monkeypatch, capsys):
    """A published post that both sides agree on."""
    use_settings(monkeypatch)
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        team = Team(blog, tmp_path / "team")
        team.write(text=BEES)
        ran = team.ci()
        assert ran.code == 0, ran
        assert team.refs() != []
        yield team


@pytest.fixture(params=["agreement", "commits"])
def both(team, request):
    """The same, with the agreement of the last sync, and with nothing but the commits."""
    if request.param == "commits":
        team.forget_agreement()
        team.configure("push = false\n")
    return team


def test_a_second_run_in_a_fresh_clone_writes_nothing_and_asks_three_times(team):
    head = team.runner("rev-parse", "origin/main")
    ran = team.ci()
    assert ran.code == 0
    assert [request.method for request in team.requests] == ["GET"] * 3
    assert team.runner("rev-parse", "origin/main") == head


def test_a_writers_edit_is_sent_without_a_question(both):
    both.write(edit={"in May": "in April"})
    both.write(edit={"in April": "in March"})
    ran = both.ci()
    assert ran.code == 0, ran
    assert "in March" in both.body()
    assert [request.method for request in both.requests if request.method != "GET"] == ["PUT"]


def test_edits_of_writer_and_editor_in_different_paragraphs_merge(team):
    team.write(edit={"in May": "in April"})
    team.in_ghost("in June", "in July")
    ran = team.ci()
    assert ran.code == 0, ran
    assert "April" in team.body()
    assert "July" in team.body()
    assert "in July" in team.runner("show", "origin/main:posts/on-bees.md")


def test_edits_of_the_same_words_are_a_conflict_that_touches_neither(both):
    both.write(edit={"in May": "in April"})
    both.in_ghost("in May", "in August")
    ran = both.ci()
    assert ran.code == 1
    assert "August" in both.body()
    assert "in April" in both.runner("show", "origin/main:posts/on-bees.md")
    assert not [request for request in both.requests if request.method != "GET"]


def test_an_editor_who_goes_back_to_an_older_text_has_made_an_edit(team):
    team.write(edit={"in May": "in April"})
    assert team.ci().code == 0
    team.in_ghost("in April", "in May")
    team.write(edit={"in June": "in July"})
    ran = team.ci()
    assert ran.code == 0, ran
    assert "in May" in team.body()
    assert "in July" in team.body()
    assert "in May" in team.runner("show", "origin/main:posts/on-bees.md")


def test_a_removed_file_takes_its_post_down_where_the_agreement_tells(team):
    team.remove("posts/on-bees.md")
    ran = team.ci()
    assert ran.code == 0, ran
    assert team.blog.ghost.find("on-bees").own["status"] == "draft"
    assert team.ci().code == 0
    assert not (team.runner.root / "posts/on-bees.md").exists()


def test_without_an_agreement_nothing_is_taken_down(team):
    team.forget_agreement()
    team.remove("posts/on-bees.md")
    team.ci()
    assert team.blog.ghost.find("on-bees").own["status"] == "published"


def test_another_sites_agreement_halts(team):
    team.blog.ghost.site_uuid = "another"
    ran = team.ci()
    assert ran.code == 5


def test_a_shallow_clone_needs_only_the_agreement(team):
    team.options = ("--depth=1",)
    team.write(edit={"in May": "in April"})
    ran = team.ci()
    assert ran.code == 0, ran
    assert "April" in team.body()


@pytest.fixture(params=[["--depth=1"], []], ids=["shallow", "whole"])
def rerun(team, request, monkeypatch):
    """A job that is run again, on the commit that was the newest one when the test began."""
    older = team.runner("rev-parse", "origin/main")
    git(team.remote, "config", "uploadpack.allowAnySHA1InWant", "true")

    def run():
        again = Repository(team.place / "again")
        git(team.place, "init", "-q", "again")
        again("remote", "add", "origin", f"file://{team.remote}")
        again("fetch", "-q", *request.param, "origin", f"+{older}:refs/remotes/origin/main")
        again("checkout", "-q", "--detach", older)
        monkeypatch.setenv("CI", "true")
        monkeypatch.setenv("GITHUB_REF", "refs/heads/main")
        team.blog.root = again.root
        return team.blog("sync")

    return run


def test_a_job_that_is_run_again_on_an_older_commit_takes_no_edit_back(team, rerun):
    team.in_ghost("in May", "in April")
    assert team.ci().code == 0
    ran = rerun()
    assert ran.code == 1
    assert "nothing says which is right" in ran.out
    assert "main has newer commits" in ran.err
    assert "April" in team.body()


def test_a_job_that_is_run_again_on_an_older_commit_publishes_nothing_that_was_taken_down(team, rerun):
    team.remove("posts/on-bees.md")
    assert team.ci().code == 0
    ran = rerun()
    assert ran.code == 1
    assert "nothing says which is right" in ran.out
    assert team.blog.ghost.find("on-bees").own["status"] == "draft"


def test_a_file_that_is_brought_back_is_published_again(team):
    text = (team.runner.root / "posts/on-bees.md").read_text()
    team.remove("posts/on-bees.md")
    assert team.ci().code == 0
    team.write(text=text)
    assert team.ci().code == 0
    assert team.blog.ghost.find("on-bees").own["status"] == "published"


def test_a_shallow_clone_with_an_agreement_takes_an_editors_edit_over_without_a_warning(team):
    team.options = ("--depth=1",)
    team.in_ghost("in June", "in July")
    ran = team.ci()
    assert ran.code == 0, ran
    assert "July" in team.runner.read("posts/on-bees.md")
    assert "shallow" not in ran.err


def test_a_shallow_clone_without_an_agreement_says_what_it_lacks(team):
    team.forget_agreement()
    team.options = ("--depth=1",)
    team.write(edit={"in May": "in April"})
    ran = team.ci()
    assert ran.code == 1
    assert "shallow clone" in ran.err
    assert "fetch-depth: 0" in ran.err
    assert "May" in team.body()


def test_a_clone_with_a_state_of_its_own_learns_what_others_sent(team):
    """Clone A agreed on version 1. CI sends version 2. A gets versions 2 and 3 through the repository."""
    kept = team.place / "kept"
    shutil.move(team.runner.root, kept)
    team.write(edit={"in May": "in April"})
    assert team.ci().code == 0
    team.write(edit={"in April": "in March"})
    Repository(kept)("pull", "-q", "--rebase")
    team.blog.root = kept
    ran = team.blog("sync")
    assert ran.code == 0, ran
    assert "March" in team.body()


def test_a_remote_that_is_away_is_told_and_the_sync_goes_on(team):
    team.write(edit={"in May": "in April"})
    runner = clone(team.remote, team.place / "alone")
    runner("remote", "set-url", "origin", str(team.place / "nowhere.git"))
    team.blog.root = runner.root
    ran = team.blog("sync")
    assert ran.code == 0, ran
    assert "could not be fetched" in ran.err
    assert "April" in team.body()


def test_an_agreement_that_is_ahead_of_the_branch_takes_nothing_down(team):
    """The branch lost the commit with the file (it was reset, or its push was refused); the agreement knows the file."""
    author = clone(team.remote, team.place / "author")
    first = author("rev-list", "--max-parents=0", "HEAD")
    author("reset", "-q", "--hard", first)
    author("push", "-q", "--force", "origin", "main")
    ran = team.ci()
    assert ran.code == 0, ran
    assert team.blog.ghost.find("on-bees").own["status"] == "published"
    assert (team.runner.root / "posts/on-bees.md").exists()


def test_an_agreement_never_gets_ahead_of_a_branch_that_takes_no_push(team):
    hook = team.remote / "hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ntest "$1" != refs/heads/main\n')
    hook.chmod(0o755)
    before = team.agreement()
    team.in_ghost("in June", "in July")
    runner = clone(team.remote, team.place / "refused")
    team.blog.root = runner.root
    ran = team.blog("sync")
    assert "in July" in runner.read("posts/on-bees.md")
    assert "cannot be used now" in ran.err or "takes no push" in ran.err, ran
    assert team.agreement() == before
    hook.unlink()
    assert team.ci().code == 0
    assert "in July" in team.body()


def test_what_others_agreed_on_settles_what_a_clone_of_its_own_would_call_a_conflict(team):
    """CI sent version 2, an editor changed it since, and a writer changed another paragraph on top of version 2."""
    kept = team.place / "kept"
    shutil.move(team.runner.root, kept)
    team.write(edit={"in May": "in April"})
    assert team.ci().code == 0
    team.in_ghost("in April", "on the first of April")
    team.write(edit={"in June": "in July"})
    Repository(kept)("pull", "-q", "--rebase")
    team.blog.root = kept
    ran = team.blog("sync")
    assert ran.code == 0, ran
    assert "on the first of April" in team.body()
    assert "in July" in team.body()
    assert "on the first of April" in Repository(kept).read("posts/on-bees.md")


EXCERPT = {"title: On bees\n": "title: On bees\ncustom_excerpt: The writer's\n"}


def excerpt_by_an_editor(team):
    team.blog.clock.advance(5)
    team.blog.ghost.edit(team.blog.ghost.find("on-bees").id, custom_excerpt="The editor's")


def assert_excerpts_conflict(team, ran):
    assert ran.code == 1, ran
    assert "edited here and in Ghost, differently: custom_excerpt" in ran.out
    assert team.blog.ghost.find("on-bees").own["custom_excerpt"] == "The editor's"


def test_a_key_that_an_editor_and_a_writer_wrote_first_is_a_conflict(both):
    excerpt_by_an_editor(both)
    both.write(edit=EXCERPT)
    assert_excerpts_conflict(both, both.ci())


def test_a_key_that_only_the_writer_wrote_is_sent(both):
    both.write(edit=EXCERPT)
    assert both.ci().code == 0
    assert both.blog.ghost.find("on-bees").own["custom_excerpt"] == "The writer's"


def test_a_key_that_an_editor_and_a_writer_wrote_first_is_a_conflict_beside_what_others_sent(team):
    kept = team.place / "kept"
    shutil.move(team.runner.root, kept)
    team.write(edit={"in May": "in April"})
    assert team.ci().code == 0
    excerpt_by_an_editor(team)
    team.write(edit=EXCERPT)
    Repository(kept)("pull", "-q", "--rebase")
    team.blog.root = kept
    assert_excerpts_conflict(team, team.blog("sync"))
