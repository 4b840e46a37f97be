"""People on both sides, a bad network and lost databases, at random: nothing vanishes, nothing doubles, all settles."""

import re
from dataclasses import replace

import amounts
import pytest
from hypothesis import HealthCheck, assume, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from machine_world import TOKEN, MachineWorld, Trouble

from ghostsync.sync.model import Adopt, Direction, Verb
from ghostsync.sync.uncertain import PATIENCE

TROUBLES = ["unsent", "lost", "late", "busy", "html", "truncated", "collision"]
numbers = st.integers(0, 11)


class Blog(RuleBasedStateMachine):
    """`owed`: every token somebody wrote and nobody took back. A token is taken back when a person replaces it,
    or deletes the only place it is in; what ghostsync replaces or deletes is still owed. `gone`: documents whose file was
    deleted, and whose post nobody touched since: their files stay away.
    """

    def __init__(self):
        super().__init__()
        self.world = MachineWorld()
        self.owed = set()
        self.gone = set()
        self.count = 0

    def teardown(self):
        try:
            self.quiet()
        finally:
            self.world.close()

    def _token(self):
        self.count += 1
        token = f"t{self.count}"
        self.owed.add(token)
        return token

    def _pick(self, found, number):
        assume(found)
        marks = sorted(found)
        return marks[number % len(marks)]

    @initialize()
    def begin(self):
        self._write_file("draft")
        self._write_file("published")
        self._write_post()
        self._cycle()
        self.world.clock.advance(5)

    # People

    def _write_file(self, status):
        mark = f"m{self.count}"
        tokens = [self._token() for _ in range(3)]
        text = f"---\ntitle: Title {mark}\nstatus: {status}\n---\n\n{mark}\n"
        text += "".join(f"\nSome words {token}\nand more.\n" for token in tokens)
        (self.world.root / f"posts/{mark}.md").write_text(text, encoding="utf-8")
        return mark

    def _write_post(self):
        mark = f"m{self.count}"
        paragraphs = [mark, *(f"Some words {self._token()} and more." for _ in range(3))]
        self.world.create_post(f"Title {mark}", paragraphs)

    @rule(what=st.sampled_from(["draft", "published", "post"]))
    def write(self, what):
        assume(len(self.world.files()) < 6)
        if what == "post":
            self._write_post()
        else:
            self._write_file(what)

    def _edit_file(self, mark, place):
        path = self.world.files().get(mark)
        if path is None:
            return
        text = path.read_text(encoding="utf-8")
        old = TOKEN.findall(text)
        old = old[place % len(old)]
        self.world.save_file(path, re.sub(rf"\b{old}\b", self._token(), text))
        self.owed.discard(old)

    def _edit_post(self, mark, place):
        post = self.world.posts().get(mark)
        if post is None:
            return
        self.gone.discard(mark)
        text = post.own["lexical"]
        old = TOKEN.findall(text)
        old = old[place % len(old)]
        self.world.ghost.edit(post.id, lexical=re.sub(rf"\b{old}\b", self._token(), text))
        self.owed.discard(old)

    @rule(
        number=numbers, places=st.lists(st.tuples(st.booleans(), st.integers(0, 2)), min_size=1, max_size=2)
    )
    def edit(self, number, places):
        """One paragraph, or two, on one side or on both."""
        mark = self._pick(self.world.files().keys() & self.world.posts().keys(), number)
        for here, place in places:
            (self._edit_file if here else self._edit_post)(mark, place)

    @rule(number=numbers, place=st.integers(0, 2))
    def edit_both_sides(self, number, place):
        self.edit(number, [(True, place), (False, (place + 1) % 3)])

    @rule(number=numbers, line=st.sampled_from(["featured: true", "tags: [a, b]", "custom_excerpt: Short."]))
    def edit_front_matter(self, number, line):
        path = self.world.files()[self._pick(self.world.files(), number)]
        key = line.split(":")[0]
        text = re.sub(rf"(?m)^{key}:.*\n(  - .*\n)*", "", path.read_text(encoding="utf-8"))
        self.world.save_file(path, text.replace("---\n", f"---\n{line}\n", 1))

    @rule(number=numbers)
    def publish_in_file(self, number):
        path = self.world.files()[self._pick(self.world.files(), number)]
        text = path.read_text(encoding="utf-8")
        self.world.save_file(path, text.replace("status: draft", "status: published"))

    @rule(number=numbers, featured=st.booleans())
    def edit_settings_of_post(self, number, featured):
        mark = self._pick(self.world.posts(), number)
        self.gone.discard(mark)
        self.world.edit_post(mark, featured=featured, tags=[{"name": "b"}, {"name": "c"}])

    @rule(number=numbers)
    def rename_file(self, number):
        path = self.world.files()[self._pick(self.world.files(), number)]
        self.count += 1
        place = path.parent if self.count % 2 else self.world.root / f"posts/{self.count}"
        place.mkdir(exist_ok=True)
        path.rename(place / f"renamed-{self.count}.md")

    @rule(number=numbers)
    def delete_file(self, number):
        mark = self._pick(self.world.files(), number)
        self.world.files()[mark].unlink()
        self.owed &= self.world.everything()

    @rule(number=numbers)
    def delete_the_file_of_what_is_in_step(self, number):
        self._put_in_step()
        mark = self._pick(self.world.files().keys() & self.world.posts().keys(), number)
        assume(len(self.world.files()) > 1)  # an emptied folder halts
        self.world.files()[mark].unlink()
        self.owed &= self.world.everything()
        report = self._cycle()
        if report is not None and report.halt is None:
            self.gone.add(mark)

    @rule(number=numbers)
    def delete_post(self, number):
        mark = self._pick(self.world.posts(), number)
        self.world.ghost.delete(self.world.posts()[mark].id)
        self.owed &= self.world.everything()

    # Bad days

    @rule(seconds=st.sampled_from([1, 1, 2, 60]))
    def time_passes(self, seconds):
        self.world.clock.advance(seconds)
        self.world.deliver()

    @rule(lost=st.integers(0, 3))
    def lose_state(self, lost):
        assume(
            lost == 3 and not self.world.wire.late
        )  # that a create may still arrive is known to the state alone
        self.world.lose_state()
        self.gone.clear()
        self.owed &= self.world.everything()  # history is in it

    # ghostsync

    def _cycle(self, *args):
        report = self.world.cycle(*args)
        if report is not None:
            note(f"{[(o.action.verb.value, o.action.path, str(o.error or '')) for o in report.outcomes]}")
        return report

    @rule(direction=st.sampled_from([Direction.BOTH, Direction.BOTH, Direction.PULL, Direction.PUSH]))
    def cycle(self, direction):
        self._cycle(direction)

    @rule()
    def sync(self):
        self._cycle()

    @rule(
        troubles=st.lists(
            st.builds(
                Trouble,
                st.sampled_from(TROUBLES),
                st.integers(0, 3),
                st.sampled_from(["", "GET", "PUT", "PUT", "POST", "DELETE"]),
            ),
            min_size=1,
            max_size=2,
        )
    )
    def sync_in_trouble(self, troubles):
        self.world.wire.troubles.extend(replace(trouble) for trouble in troubles)
        self._cycle()
        self.world.wire.troubles.clear()

    @rule(
        at=st.integers(0, 5),
        method=st.sampled_from(["", "PUT"]),
        number=numbers,
        place=st.integers(0, 2),
        here=st.booleans(),
    )
    def sync_while_somebody_writes(self, at, method, number, place, here):
        mark = self._pick(self.world.files() if here else self.world.posts(), number)
        edit = self._edit_file if here else self._edit_post
        self.world.wire.troubles.append(Trouble("meanwhile", at, method, lambda: edit(mark, place)))
        self._cycle()
        self.world.wire.troubles.clear()

    def _put_in_step(self):
        """A person settles whatever there is, in quiet."""
        self.world.deliver()
        for winner in (None, Adopt.LOCAL, None):
            self.world.clock.advance(PATIENCE + 5)
            report = self._cycle(Direction.BOTH, winner)
        assume(report is not None and report.in_step)
        self.world.clock.advance(5)

    @rule(
        status=st.sampled_from(["draft", "published"]),
        kind=st.sampled_from(["lost", "truncated", "late"]),
        looked_for=st.booleans(),
        then=st.sampled_from(["", "edit", "rename", "delete"]),
        soon=st.booleans(),
    )
    def create_without_an_answer(self, status, kind, looked_for, then, soon):
        """There is one post in the end, whatever becomes of the file; an edit of it alone is no conflict."""
        self._put_in_step()
        assume(len(self.world.files()) < 6)
        mark = self._write_file(status)
        self.world.wire.troubles.append(Trouble(kind, 0, "POST"))
        if not looked_for:
            self.world.wire.troubles.append(Trouble("unsent", 0, "GET", path="/slug/"))
        self._cycle()
        self.world.wire.troubles.clear()
        applied = kind != "late"
        path = self.world.files()[mark]
        assert ("ghost_id" in path.read_text(encoding="utf-8")) == (applied and looked_for)
        if then == "edit":
            self._edit_file(mark, 0)
        elif then == "rename":
            path.rename(path.with_name(f"moved-{mark}.md"))
        elif then == "delete":
            path.unlink()
            self.owed &= self.world.everything()
        self.world.clock.advance(2)
        report = self._cycle()
        assert report.halt is None
        if soon:
            self.world.deliver()
            self.world.clock.advance(2)
            report = self._cycle()
        if applied or soon:
            assert mark in self.world.posts() or then == "delete"
            assert [o.action.path for o in report.outcomes if o.action.verb is Verb.CONFLICT] == []

    @rule(number=numbers, place=st.integers(0, 2), kind=st.sampled_from(["lost", "truncated"]))
    def update_without_an_answer(self, number, place, kind):
        """What was applied counts as done, in this cycle."""
        self._put_in_step()
        self._edit_file(self._pick(self.world.files(), number), place)
        self.world.wire.troubles.append(Trouble(kind, 0, "PUT"))
        report = self._cycle()
        self.world.wire.troubles.clear()
        assert [str(outcome.error) for outcome in report.outcomes if outcome.error] == []
        writes = self.world.writes()
        self._cycle()
        assert self.world.writes() == writes

    @rule(number=numbers, place=st.integers(0, 2))
    def sync_while_an_editor_saves_twice_within_a_second(self, number, place):
        mark = self._pick(self.world.files().keys() & self.world.posts().keys(), number)
        self._edit_file(mark, place)
        self._edit_post(mark, (place + 1) % 3)
        again = Trouble("meanwhile", 0, "PUT", lambda: self._edit_post(mark, (place + 2) % 3))
        self.world.wire.troubles.append(again)
        self._cycle()
        self.world.wire.troubles.clear()

    @rule(number=numbers, place=st.integers(0, 2), winner=st.sampled_from(list(Adopt)))
    def settle_a_conflict(self, number, place, winner):
        self.edit(number, [(True, place), (False, place)])
        self._cycle()
        self._cycle(Direction.BOTH, winner)

    @rule(winner=st.sampled_from(list(Adopt)))
    def settle_all_conflicts(self, winner):
        self._cycle(Direction.BOTH, winner)

    @precondition(lambda self: self.count)
    @rule()
    def quiet(self):
        self.world.deliver()
        for _ in range(6):
            self.world.clock.advance(PATIENCE + 5)
            report = self._cycle()
            assert report is not None
            if report.in_step:
                break
        writes, stats = self.world.writes(), self.world.stats()
        self.world.clock.advance(5)
        report = self._cycle()
        assert report.halt is None
        assert self.world.writes() == writes
        assert self.world.stats() == stats
        left = {outcome.action.verb.value for outcome in report.outcomes if not outcome.action.verb.silent}
        assert left <= {"conflict", "problem"}
        self._compare(
            {outcome.action.id for outcome in report.outcomes}, {o.action.path for o in report.outcomes}
        )

    def _compare(self, open_ids, open_paths):
        files, posts = self.world.files(), self.world.posts()
        for mark, path in files.items():
            if path.relative_to(self.world.root).as_posix() in open_paths:
                continue
            assert mark in posts, f"{path} has no post"
            if posts[mark].id not in open_ids:
                held = TOKEN.findall(posts[mark].html)
                assert TOKEN.findall(path.read_text(encoding="utf-8")) == held

    # The judge

    @invariant()
    def nothing_vanished(self):
        assert self.owed - self.world.everything() == set()

    @invariant()
    def what_was_deleted_stays_away(self):
        if not self.world.wire.late:
            assert self.gone & self.world.files().keys() == set()

    @invariant()
    def nothing_doubled(self):
        if not self.world.wire.late:
            self.world.files()
            self.world.posts()


CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def play(stories, steps):
    run_state_machine_as_test(
        Blog,
        settings=settings(
            max_examples=stories,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=CHECKS,
            database=None,
        ),
    )


def test_whatever_people_and_the_network_do_nothing_vanishes_and_nothing_doubles():
    play(amounts.everyday(15, 30), 15)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_in_long_stories_nothing_vanishes_and_nothing_doubles_either(part, request):
    play(50, 40)
    amounts.note(request, long_stories=50)
