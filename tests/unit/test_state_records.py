import hashlib
import json
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from ghostsync.config import HistorySection
from ghostsync.errors import StateError
from ghostsync.model import Kind, RemotePost
from ghostsync.state import SqliteState
from ghostsync.sync.model import Halt, Intent, KnownDocument, LocalFile, Mirrored, Stat


class Clock:
    def __init__(self):
        self.now = 1_769_847_300.0  # 2026-01-31 08:15:00 UTC

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def state(tmp_path, clock):
    with SqliteState(tmp_path / "state.db", HistorySection(), clock) as state:
        yield state


def document(id="1", *, path="posts/a.md", inode=7, base="", post="", tombstone=False):
    return KnownDocument(
        id=id,
        kind=Kind.PAGE,
        path=path,
        disk_sha="d" * 64,
        stat=Stat(3, 1_769_847_300_123_456_789, inode),
        disk_settled=True,
        base_sha=base,
        base_post_sha=post,
        updated_at="2026-01-31T08:15:00.000Z",
        tombstone=tombstone,
    )


def post(id="1", slug="a"):
    return RemotePost(id, Kind.POST, "2026-01-31T08:15:00.000Z", {"slug": slug}, 0)


def test_meta_is_set_replaced_and_removed(state):
    assert state.meta("cursor") is None
    state.set_meta("cursor", "1")
    state.set_meta("cursor", "2")
    assert state.meta("cursor") == "2"
    state.set_meta("cursor", None)
    assert state.meta("cursor") is None


def test_documents_come_back_as_they_were_recorded(state):
    rows = [
        document("1"),
        document("2", inode=2**64 - 1, base="b" * 64, post="p" * 64),
        document("3", path="posts/日本語 'quoted'; DROP TABLE documents.md", tombstone=True),
    ]
    for row in rows:
        state.record(row)
    assert state.documents() == rows
    assert state.count_documents() == 2
    state.record(document("1", path="posts/renamed.md"))
    assert state.documents()[0].path == "posts/renamed.md"
    state.forget("2")
    state.forget("unknown")
    assert [row.id for row in state.documents()] == ["1", "3"]


def test_rows_that_somebody_holds_are_given_out_again_until_something_is_written(state):
    state.record(document("1"))
    state.mirror_posts([(post("1"), b"{}", True)])
    rows, mirror = state.documents(), state.mirror()
    assert state.documents() is rows
    assert state.mirror() is mirror
    state.record(document("2"))
    state.mirror_posts([(post("2", slug="b"), b"{}", True)])
    assert [row.id for row in state.documents()] == ["1", "2"]
    assert sorted(state.mirror()) == ["1", "2"]
    assert [row.id for row in rows] == ["1"]
    rows, mirror = state.documents(), state.mirror()
    state.forget("1")
    state.unmirror(["1"])
    assert [row.id for row in state.documents()] == ["2"]
    assert sorted(state.mirror()) == ["2"]


def test_one_mirrored_post_is_what_it_is_among_all(state):
    state.mirror_posts([(post("1"), b"{}", True), (post("2", slug="b"), b"{}", False)])
    assert state.mirrored("2") == state.mirror()["2"]
    assert state.mirrored("3") is None


def remove_and_fail(state, seen):
    with state.batch():
        state.forget("1")
        state.unmirror(["1"])
        seen += [state.documents(), state.mirror()]
        raise StateError("the disk is full")


def test_rows_of_a_batch_that_is_undone_are_not_given_out(state):
    state.record(document("1"))
    state.mirror_posts([(post("1"), b"{}", True)])
    seen = []
    with pytest.raises(StateError):
        remove_and_fail(state, seen)
    rows, mirror = seen
    assert not rows
    assert not mirror
    assert [row.id for row in state.documents()] == ["1"]
    assert sorted(state.mirror()) == ["1"]


def test_rows_that_another_process_wrote_are_seen(state, tmp_path, clock):
    state.record(document("1"))
    rows, mirror = state.documents(), state.mirror()
    with SqliteState(tmp_path / "state.db", HistorySection(), clock) as other:
        other.record(document("2"))
        other.mirror_posts([(post("2"), b"{}", True)])
    assert [row.id for row in state.documents()] == ["1", "2"]
    assert sorted(state.mirror()) == ["2"]
    assert len(rows) == 1
    assert not mirror


def test_a_file_that_was_read_again_is_settled_unless_its_row_says_something_else_by_now(state):
    young = [replace(document(id, path=f"posts/{id}.md"), disk_settled=False) for id in "123"]
    for row in young:
        state.record(row)
    state.record(replace(young[1], disk_sha="e" * 64))
    state.record(replace(young[2], path="posts/renamed.md"))
    seen = Stat(3, 5, 2**64 - 1)
    state.settle_files((row.id, LocalFile(row.path, row.kind, seen, row.disk_sha)) for row in young)
    assert [row.disk_settled for row in state.documents()] == [True, False, False]
    assert [row.stat for row in state.documents()] == [seen, young[1].stat, young[2].stat]


def test_blobs_are_stored_once_and_proved_by_their_hash(state, tmp_path):
    sha = state.put_blob(b"text")
    assert sha == hashlib.sha256(b"text").hexdigest()
    assert state.put_blob(b"text") == sha
    assert state.blob(sha) == b"text"
    with sqlite3.connect(tmp_path / "state.db") as raw:
        assert raw.execute("SELECT count(*) FROM blobs").fetchone() == (1,)
    raw.close()


@pytest.mark.parametrize("damage", [b"not zlib", b"x\x9cK\xacL\x04\x00\x02\xc8\x01J", None])
def test_a_damaged_blob_is_an_error_and_is_healed_by_storing_it_again(state, tmp_path, damage):
    sha = state.put_blob(b"text")
    with sqlite3.connect(tmp_path / "state.db") as raw:
        if damage is None:
            raw.execute("DELETE FROM blobs")
        else:
            raw.execute("UPDATE blobs SET data = ?", (damage,))
    raw.close()
    with pytest.raises(StateError, match="missing or damaged"):
        state.blob(sha)
    assert state.put_blob(b"text") == sha
    assert state.blob(sha) == b"text"


def test_the_mirror_holds_what_ghost_was_last_seen_to_hold(state):
    data = json.dumps({"title": "A"}).encode()
    state.mirror_posts([(post("1"), data, True), (post("2", "b"), b"{}", False)])
    sha = hashlib.sha256(data).hexdigest()
    assert state.mirror()["1"] == Mirrored(
        "1", Kind.POST, "a", "2026-01-31T08:15:00.000Z", settled=True, post_sha=sha
    )
    assert not state.mirror()["2"].settled
    assert state.blob(sha) == data
    state.mirror_posts([(post("1", "renamed"), data, True)])
    assert state.mirror()["1"].slug == "renamed"
    state.unmirror(iter(["1", "unknown"]))
    assert list(state.mirror()) == ["2"]


def test_intents_stay_open_until_they_are_settled(state, clock):
    first = state.intend("create post", ghost_id="", path="posts/a.md", payload='{"slug": "a"}')
    clock.now += 1.5
    second = state.intend("update post", ghost_id="9", path="", payload="")
    assert state.open_intents() == [
        Intent(first, "create post", "", "posts/a.md", '{"slug": "a"}', "2026-01-31T08:15:00.000Z"),
        Intent(second, "update post", "9", "", "", "2026-01-31T08:15:01.500Z"),
    ]
    state.settle(first)
    state.settle(second)
    assert state.open_intents() == []
    # A number is never used again: a log line about it stays true.
    assert state.intend("x", ghost_id="", path="", payload="") > second


class Interrupted(BaseException):
    """Not even an Exception: as a cancellation or Ctrl-C is."""


@contextmanager
def failing_batch(state):
    try:
        with state.batch():
            yield
            raise Interrupted  # noqa: TRY301  # it must leave through the batch
    except Interrupted:
        return


def test_a_batch_is_kept_whole_or_not_at_all(state):
    with state.batch():
        state.set_meta("a", "1")
        state.record(document())
    with failing_batch(state):
        state.set_meta("a", "2")
        state.forget("1")
    assert state.meta("a") == "1"
    assert len(state.documents()) == 1


def test_a_batch_inside_a_batch_is_undone_alone(state):
    with state.batch():
        state.set_meta("a", "outer")
        with failing_batch(state):
            state.set_meta("a", "inner")
        with state.batch():
            state.set_meta("b", "kept")
    assert (state.meta("a"), state.meta("b")) == ("outer", "kept")
    with failing_batch(state), state.batch():
        state.set_meta("b", "lost with the outer one")
    assert state.meta("b") == "kept"


def test_posts_that_stop_coming_half_way_leave_no_half_mirror(state):
    def posts():
        yield post("1"), b"{}", True
        raise RuntimeError

    with state.batch(), pytest.raises(RuntimeError):
        state.mirror_posts(posts())
    assert state.mirror() == {}


def test_history_lists_the_newest_first_by_path_or_id(state, clock):
    def keep(id, path, side, data):
        state.keep(ghost_id=id, path=path, side=side, why="update post", data=data)
        clock.now += 60

    keep("1", "posts/a.md", "local", b"one")
    keep("1", "posts/a.md", "remote", b"two")
    keep("2", "posts/b.md", "local", b"three")
    keep("1", "posts/renamed.md", "local", b"four")

    def contents(**which):
        return [state.blob(version.sha) for version in state.versions(**which)]

    assert contents() == [b"four", b"three", b"two", b"one"]
    assert contents(path="posts/a.md") == [b"two", b"one"]
    assert contents(ghost_id="1") == [b"four", b"two", b"one"]
    assert contents(path="posts/b.md", ghost_id="1") == [b"four", b"three", b"two", b"one"]
    assert contents(path="posts/none.md") == []
    newest = state.versions(path="posts/a.md")[0]
    assert (newest.ghost_id, newest.side, newest.why, newest.at) == (
        "1",
        "remote",
        "update post",
        "2026-01-31T08:16:00.000Z",
    )


def test_a_cycle_that_fails_again_and_again_keeps_one_version(state):
    for _ in range(3):
        state.keep(ghost_id="1", path="posts/a.md", side="local", why="update file", data=b"same")
    assert len(state.versions()) == 1
    state.keep(ghost_id="1", path="posts/a.md", side="local", why="update file", data=b"other")
    state.keep(ghost_id="1", path="posts/a.md", side="local", why="update file", data=b"same")
    assert len(state.versions()) == 3


def test_a_halt_lasts_until_it_is_lifted(state, tmp_path):
    assert state.halt() is None
    first = Halt("h1", "deletions", "what", "remedy", "2026-01-31T08:15:00Z")
    state.set_halt(first)
    with SqliteState(tmp_path / "state.db", HistorySection(), lambda: 0.0) as restarted:
        assert restarted.halt() == first
    second = Halt("h2", "folder", "w", "r", "2026-01-31T08:16:00Z")
    state.set_halt(second)
    assert state.halt() == second
    state.set_halt(None)
    assert state.halt() is None


def test_pruning_drops_old_versions_and_blobs_that_nothing_names(tmp_path, clock):
    with SqliteState(tmp_path / "state.db", HistorySection(keep=3600), clock) as state:
        base, base_post, unused = (state.put_blob(data) for data in (b"base", b"post", b"unused"))
        state.record(document("1", base=base, post=base_post))
        state.mirror_posts([(post(), b"mirrored", True)])
        state.keep(ghost_id="1", path="a", side="local", why="x", data=b"old")
        clock.now += 3601
        state.keep(ghost_id="1", path="a", side="local", why="x", data=b"young")
        state.prune()
        assert [state.blob(version.sha) for version in state.versions()] == [b"young"]
        for data in (b"base", b"post", b"mirrored"):
            assert state.blob(hashlib.sha256(data).hexdigest()) == data
        for sha in (unused, hashlib.sha256(b"old").hexdigest()):
            with pytest.raises(StateError):
                state.blob(sha)


def test_pruning_keeps_the_newest_versions_within_the_bytes_allowed(tmp_path, clock):
    with SqliteState(tmp_path / "state.db", HistorySection(max_bytes=1000), clock) as state:
        datas = [hashlib.shake_256(bytes([n])).digest(400) for n in range(4)]  # incompressible
        for data in [datas[0], *datas]:
            state.keep(ghost_id="1", path="a", side="local", why="x", data=data)
            clock.now += 1
        state.prune()
        assert [state.blob(version.sha) for version in state.versions()] == [datas[3], datas[2]]


def test_pruning_spares_blobs_while_an_intent_is_open(state, clock):
    sha = state.put_blob(b"about to be sent")
    intent = state.intend("create post", ghost_id="", path="", payload=sha)
    state.prune()
    assert state.blob(sha) == b"about to be sent"
    state.settle(intent)
    clock.now += 3601
    state.prune()
    with pytest.raises(StateError):
        state.blob(sha)


def test_whoever_writes_all_the_time_prunes_once_an_hour(state, clock):
    """It looks at all of history, which after years is much, and a daemon may have a cycle each second."""
    state.prune()
    sha = state.put_blob(b"named by nothing")
    state.prune()
    assert state.blob(sha) == b"named by nothing"
    clock.now += 3601
    state.prune()
    with pytest.raises(StateError):
        state.blob(sha)


def test_a_clock_that_is_set_back_does_not_keep_it_from_pruning(state, clock):
    state.prune()
    sha = state.put_blob(b"named by nothing")
    clock.now -= 86_400
    state.prune()
    with pytest.raises(StateError):
        state.blob(sha)


def test_pruning_gives_the_room_back(tmp_path, clock):
    path = tmp_path / "state.db"
    with SqliteState(path, HistorySection(), clock) as state, state.batch():
        for number in range(300):
            state.put_blob(hashlib.shake_256(number.to_bytes(2)).digest(4000))
    full = path.stat().st_size
    with SqliteState(path, HistorySection(), clock) as state:
        state.prune()
    assert path.stat().st_size < full / 4


def test_another_thread_is_refused(state):
    caught = []

    def use():
        try:
            state.meta("a")
        except StateError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(caught) == 1


def test_closing_twice_is_no_error(state):
    state.close()
    state.close()
    with pytest.raises(StateError):
        state.meta("a")


def test_only_a_write_ahead_log_lets_transactions_not_wait_for_the_disk(tmp_path, clock):
    for mode, meanwhile in (("wal", 1), ("delete", 2)):
        with SqliteState(tmp_path / f"{mode}.db", HistorySection(), clock) as state:
            state._db.execute(f"PRAGMA journal_mode = {mode}")
            with state.relaxed():
                assert state._rows("PRAGMA synchronous") == [(meanwhile,)]
            assert state._rows("PRAGMA synchronous") == [(2,)]
