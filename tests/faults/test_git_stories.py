"""Writers in a repository and an editor in Ghost, at random: fresh clones, clones that stay, and lost agreements.

The model knows who changed which paragraph since both sides last agreed. Where nobody else changed it too, it must
arrive; where both did, nothing may be overwritten until somebody decides.
"""

import asyncio
import json
import shutil
import tempfile
from pathlib import Path

import pytest
from fault_world import quick_directory
from git_helpers import git, use_settings
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from repositories import bare, clone

from ghostsync.compose import open_session
from ghostsync.config import AdminKey, load_config
from ghostsync.model import Kind
from ghostsync.sandbox import SandboxGhost, ShiftedClock, serve_in_thread

PARAGRAPHS = 5
PATH = "posts/bees.md"


class Story:
    """One remote, one site, one document; `writer` and `editor`: what each changed since both sides agreed."""

    def __init__(self, ghost, clock, url, place):
        self.ghost, self.clock, self.url, self.place = ghost, clock, url, place
        self.remote = bare(place / "remote.git")
        self.numbers = iter(range(10_000))
        self.tokens = [f"t{next(self.numbers)}" for _ in range(PARAGRAPHS)]
        self.earlier = [list(self.tokens)]
        self.writer, self.editor = {}, {}
        self.told = True  # the agreement is there, or nobody has edited anything since it was lost
        self.went_back = False  # since both sides last agreed
        self.standing = None
        author = clone(self.remote, place / "author")
        author.write("ghostsync.toml", f'[site]\nurl = "{url}"\n[git]\npush = true\n')
        author.write(PATH, self.text(self.tokens))
        author.commit("Begin")
        author("push", "-q", "origin", "main")
        self.author = author
        self.run_fresh()

    @staticmethod
    def text(tokens, head="---\ntitle: Bees\nstatus: published\n---\n"):
        return head + "\n\n".join(f"Word {token} stands here." for token in tokens) + "\n"

    @property
    def post(self):
        return self.ghost.find("bees")

    def in_ghost(self):
        children = json.loads(self.post.own["lexical"])["root"]["children"]
        return [child["children"][0]["text"].split()[1] for child in children]

    def in_repository(self):
        text = git(self.remote, "show", f"main:{PATH}")
        return [line.split()[1] for line in text.splitlines() if line.startswith("Word ")]

    def writes(self):
        return sum(self.ghost.count(method) for method in ("POST", "PUT", "DELETE"))

    # What people do

    def write(self, at):
        self.author("pull", "-q", "--rebase")
        token = f"t{next(self.numbers)}"
        old = self.in_repository()[at]
        self.author.write(PATH, self.author.read(PATH).replace(f"Word {old} ", f"Word {token} "))
        self.author.commit(f"Write {token}")
        self.author("push", "-q", "origin", "main")
        self.writer[at] = token

    def edit(self, at, token=None):
        self.clock.advance(5)
        token = token or f"t{next(self.numbers)}"
        body = self.post.own["lexical"]
        old = self.in_ghost()[at]
        self.ghost.edit(self.post.id, lexical=body.replace(f"Word {old} ", f"Word {token} "))
        if token == self.tokens[at]:
            self.editor.pop(at, None)
        else:
            self.editor[at] = token

    def go_back(self, at, steps):
        """The editor restores what this paragraph said some agreements ago. Without an agreement nobody can know that this
        is an edit (docs/git.md), so that it is not asked of anybody.
        """
        if not self.told:
            return
        self.went_back = True
        self.edit(at, self.earlier[-1 - steps % len(self.earlier)][at])

    def lose_agreement(self):
        if self.went_back:
            return
        for ref in git(self.remote, "for-each-ref", "--format=%(refname)", "refs/ghostsync").split():
            git(self.remote, "update-ref", "-d", ref)
        self.told = False

    # What ghostsync does

    def run_fresh(self):
        root = Path(tempfile.mkdtemp(dir=self.place))
        runner = clone(self.remote, root / "clone")
        self.judge(runner)
        shutil.rmtree(root)

    def run_standing(self):
        """A clone that stays, with a state of its own."""
        if self.standing is None:
            if not self.told:
                return
            self.standing = clone(self.remote, self.place / "standing")
        else:
            self.standing("pull", "-q", "--rebase")
        # Its own state may be older than what fresh clones agreed on since; then it may also ask a person.
        knew = self.told
        self.judge(self.standing, unsure=not knew)

    def judge(self, runner, *, unsure=False):
        before = self.writes()
        report = asyncio.run(self.cycle(runner.root))
        note(f"{[(o.action.verb.value, o.action.reason) for o in report.outcomes]} {report.warnings}")
        if runner("status", "--porcelain", "--", "posts"):
            runner.commit("Take over")
        runner("push", "-q", "origin", "HEAD:main")
        clash = {at for at in self.writer.keys() & self.editor.keys() if self.writer[at] != self.editor[at]}
        unknown = not self.told and bool(self.editor)
        if clash or (unknown and not unsure) or (unsure and report.exit_code == 1):
            assert report.exit_code == 1
            assert self.writes() == before
            for at, token in self.editor.items():
                assert self.in_ghost()[at] == token
            for at, token in self.writer.items():
                assert self.in_repository()[at] == token
            self.settle()
            return
        assert report.exit_code == 0, report.outcomes
        expected = [self.editor.get(at, self.writer.get(at, token)) for at, token in enumerate(self.tokens)]
        assert self.in_ghost() == expected
        assert self.in_repository() == expected
        assert len(self.ghost.store.documents) == 1
        self.tokens = expected
        self.earlier.append(expected)
        self.writer, self.editor = {}, {}
        self.told, self.went_back = True, False

    def settle(self):
        """A writer takes over what Ghost has."""
        self.author("pull", "-q", "--rebase")
        head = self.author.read(PATH).partition("\n---\n")[0] + "\n---\n"
        self.author.write(PATH, self.text(self.in_ghost(), head))
        self.author.commit("Settle")
        self.author("push", "-q", "origin", "main")
        self.writer = dict(enumerate(self.in_ghost()))
        self.editor = dict(self.writer)
        self.told = True
        self.run_fresh()

    async def cycle(self, root):
        self.clock.advance(5)
        key = AdminKey.parse(self.ghost.admin_api_key, source="test")
        async with open_session(root, load_config(root, {}), key, clock=self.clock) as session:
            return await session.engine.cycle()


at = st.integers(0, PARAGRAPHS - 1)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), at),
        st.tuples(st.just("edit"), at),
        st.tuples(st.just("go_back"), at, st.integers(0, 5)),
        st.tuples(st.just("run_fresh")),
        st.tuples(st.just("run_fresh")),
        st.tuples(st.just("run_standing")),
        st.tuples(st.just("lose_agreement")),
    ),
    min_size=4,
    max_size=14,
)


def tell(story):
    with pytest.MonkeyPatch.context() as patch:
        use_settings(patch)
        clock = ShiftedClock()
        ghost = SandboxGhost(clock=clock)
        with serve_in_thread(ghost) as url, quick_directory() as place:
            told = Story(ghost, clock, url, place)
            for name, *arguments in story:
                note(f"{name} {arguments}")
                getattr(told, name)(*arguments)
            told.run_fresh()
            assert [post.kind for post in ghost.store.documents.values()] == [Kind.POST]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_nobodys_words_are_overwritten_whoever_syncs(story):
    tell(story)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_nobodys_words_are_overwritten_in_hundreds_of_stories(story):
    tell(story)
