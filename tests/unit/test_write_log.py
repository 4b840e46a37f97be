"""What was written and is not committed: noted before, kept while it is needed, and never what somebody else wrote."""

import hashlib

import pytest
from git_helpers import use_settings
from git_world import World

from ghostsync.errors import TargetChanged
from ghostsync.model import Kind
from ghostsync.sync.model import KnownDocument, Stat

ID = "6a0000000000000000000001"
TEXT = f"---\ntitle: Bees\nghost_id: {ID}\n---\nOne.\n"


@pytest.fixture
def world(tmp_path, monkeypatch):
    use_settings(monkeypatch)
    world = World(tmp_path / "work")
    yield world
    world.close()


def edits(world):
    return {each.path: each for each in world.log.edits(world.folder)}


def test_a_write_that_was_refused_leaves_no_note(world):
    world.by_hand("posts/a.md", TEXT)
    with pytest.raises(TargetChanged):
        world.folder.write("posts/a.md", b"other", expected_sha="0" * 64)
    assert world.state.written() == []


async def test_of_many_files_those_that_were_made_are_noted(world):
    world.by_hand("posts/b.md", "there already")
    made = await world.folder.write_many([("posts/a.md", b"a"), ("posts/b.md", b"b"), ("posts/c.md", b"c")])
    assert [file.path for file in made] == ["posts/a.md", "posts/c.md"]
    assert list(edits(world)) == ["posts/a.md", "posts/c.md"]


def test_a_note_knows_the_post_and_when_both_sides_had_agreed(world):
    world.by_hand("posts/moved.md", TEXT)
    sha = world.state.put_blob(TEXT.encode())
    world.state.record(
        KnownDocument(
            ID, Kind.POST, "posts/a.md", sha, Stat(1, 1, 1), True, sha, sha, "2026-01-31T08:15:00.000Z"
        )
    )
    world.by_ghostsync("posts/moved.md", TEXT.replace("One", "Two"))
    [noted] = edits(world).values()
    assert (noted.ghost_id, noted.since) == (ID, "2026-01-31T08:15:00.000Z")


def test_what_is_to_be_committed_outlives_a_clearing_up(world):
    world.by_hand("posts/a.md", TEXT)
    world.by_ghostsync("posts/a.md", TEXT.replace("One", "Two"))
    world.state.prune()
    assert edits(world)["posts/a.md"].steps == ((TEXT.encode(), TEXT.replace("One", "Two").encode()),)


def test_a_file_whose_bytes_the_state_has_lost_is_left_to_the_user(world):
    world.by_hand("posts/a.md", TEXT)
    world.git("add", ".")
    world.git("commit", "-qm", "First")
    world.by_ghostsync("posts/a.md", TEXT.replace("One", "Two"))
    world.state._db.execute("DELETE FROM blobs")
    assert "does not know how any more" in world.commit()["posts/a.md"]
    assert world.state.written() == []


def test_a_write_of_a_killed_process_that_somebody_edited_since_is_nobodys_but_theirs(world):
    world.by_hand("posts/a.md", TEXT)
    world.by_ghostsync("posts/a.md", TEXT.replace("One", "Two"))
    world.by_hand("posts/a.md", TEXT.replace("One", "Mine"))
    world.open()
    assert edits(world) == {}
    assert world.state.written() == []


def test_a_companion_file_is_no_document_and_is_not_noted(world):
    world.by_hand("posts/a.md", TEXT)
    world.folder.write_beside("posts/a.conflict.md", b"both")
    assert edits(world) == {}


def test_pictures_are_noted_by_their_hash_and_left_alone_once_they_were_replaced(world):
    with world.folder.incoming("http://ghost.invalid/content/images/hive.png") as landing:
        landing.file.write(b"picture")
        sha = hashlib.sha256(b"picture").hexdigest()
        landing.keep("media/hive.png", sha=sha)
    assert edits(world)["media/hive.png"].arrived == sha
    world.by_hand("media/hive.png", b"another one")
    assert "was changed after it came" in world.commit()["media/hive.png"]
