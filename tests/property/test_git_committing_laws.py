"""Whatever a person staged, did not stage, and whatever Ghost changed: nothing of one ends up with the other."""

import tempfile
from pathlib import Path

import pytest
from git_helpers import use_settings
from git_world import World
from hypothesis import given, settings
from hypothesis import strategies as st

COUNT = 24
KINDS = ("change", "drop", "insert")
edits = st.lists(
    st.tuples(st.integers(0, COUNT - 1), st.sampled_from(KINDS)), max_size=3, unique_by=lambda e: e[0]
)


def applied(lines, chosen, word):
    """The lines with some of them changed, dropped, or followed by another one. Lines know their number by their end."""
    result = []
    wanted = dict(chosen)
    for line in lines:
        number = int(line.rsplit(" ", 1)[1])
        kind = wanted.get(number)
        if kind == "drop":
            continue
        result.append(f"{word} {line}" if kind == "change" else line)
        if kind == "insert":
            result.append(f"{word}, new after {number + COUNT}")
    return result


def text(lines):
    return "".join(f"{line}\n" for line in lines)


@pytest.fixture(scope="module", autouse=True)
def _settings():
    with pytest.MonkeyPatch.context() as patch:
        use_settings(patch)
        yield


@settings(max_examples=40)
@given(staged=edits, unstaged=edits, ghost=edits, again=edits)
def test_the_users_changes_stay_the_users_and_ghosts_are_ghosts(staged, unstaged, ghost, again):
    with tempfile.TemporaryDirectory() as place:
        world = World(Path(place))
        base = [f"line {n}" for n in range(COUNT)]
        world.by_hand("posts/a.md", text(base))
        world.by_hand("posts/b.md", text(base))
        world.git("add", "posts")
        world.git("commit", "-qm", "First")
        in_index = applied(base, staged, "staged")
        on_disk = applied(in_index, unstaged, "mine")
        world.by_hand("posts/a.md", text(in_index))
        world.git("add", "posts/a.md")
        world.by_hand("posts/a.md", text(on_disk))
        before, index = world.users(), world.git("ls-files", "-s")
        once = applied(on_disk, ghost, "Ghost")
        world.by_ghostsync("posts/a.md", text(once))
        world.by_ghostsync("posts/b.md", text(applied(base, again, "Ghost")))
        left = world.commit()
        assert world.path("posts/a.md").read_text() == text(once)
        after = world.users()
        told = "diff --git a/posts/a.md b/posts/a.md"
        if left:
            assert list(left) == ["posts/a.md"]
            kept = [line for line in index.splitlines() if line.endswith("posts/a.md")]
            assert [
                line for line in world.git("ls-files", "-s").splitlines() if line.endswith("a.md")
            ] == kept
            assert after["staged"].get(told) == before["staged"].get(told)
        else:
            assert sorted(after["staged"].get(told, ())) == sorted(before["staged"].get(told, ()))
            assert sorted(after["unstaged"].get(told, ())) == sorted(before["unstaged"].get(told, ()))
            assert "staged" not in world.git("cat-file", "-p", "HEAD:posts/a.md")
            assert "mine" not in world.git("cat-file", "-p", "HEAD:posts/a.md")
        assert world.git("cat-file", "-p", "HEAD:posts/b.md") + "\n" == text(applied(base, again, "Ghost"))
        world.close()
