import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from ghostsync.config import Config, HistorySection, SiteSection
from ghostsync.errors import StateError
from ghostsync.state import SqliteState, open_state
from ghostsync.state.database import file_system
from ghostsync.state.private import private_directory
from ghostsync.state.schema import MIGRATIONS, migrate, version

NOW = 1_769_847_300.0  # 2026-01-31 08:15:00 UTC


def open_at(path, **options):
    return SqliteState(path, HistorySection(), lambda: NOW, **options)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_first_opening_makes_a_private_directory_that_git_ignores(tmp_path):
    old = os.umask(0o022)
    try:
        with open_state(tmp_path, Config(site=SiteSection(url="http://x"))) as state:
            state.set_meta("a", "b")
            private = tmp_path / ".ghostsync"
            assert (private / ".gitignore").read_text() == "*\n"
            assert mode(private) == 0o700
            assert {mode(file) for file in private.glob("state.db*")} == {0o600}
            assert state.warnings == ()
    finally:
        os.umask(old)


def test_loose_modes_are_tightened(tmp_path):
    with open_at(private_directory(tmp_path) / "state.db"):
        pass
    (tmp_path / ".ghostsync").chmod(0o755)
    (tmp_path / ".ghostsync/state.db").chmod(0o644)
    with open_at(private_directory(tmp_path) / "state.db"):
        assert mode(tmp_path / ".ghostsync") == 0o700
        assert mode(tmp_path / ".ghostsync/state.db") == 0o600


@pytest.mark.parametrize("kind", ["link", "file"])
def test_a_private_directory_that_is_none_is_refused(tmp_path, kind):
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "elsewhere").mkdir()
    if kind == "link":
        (root / ".ghostsync").symlink_to(tmp_path / "elsewhere")
    else:
        (root / ".ghostsync").write_text("x")
    with pytest.raises(StateError, match="is a symbolic link" if kind == "link" else "is not a directory"):
        private_directory(root)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StateError, match="cannot be made"):
        private_directory(tmp_path / "gone")


def test_a_linked_database_is_refused(tmp_path):
    (tmp_path / "state.db").symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(StateError):
        open_at(tmp_path / "state.db")
    assert not (tmp_path / "elsewhere.db").exists()


@pytest.mark.parametrize("garbage", [b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_corrupt_database_is_moved_aside_and_a_fresh_one_made(tmp_path, garbage):
    path = tmp_path / "state.db"
    path.write_bytes(garbage)
    with open_at(path) as state:
        assert state.documents() == []
        assert len(state.warnings) == 1
        assert "state.db.corrupt-20260131-081500" in state.warnings[0]
        state.set_meta("works", "yes")
    assert (tmp_path / "state.db.corrupt-20260131-081500").read_bytes() == garbage
    with open_at(path) as state:
        assert state.warnings == ()
        assert state.meta("works") == "yes"


def test_two_corrupt_databases_in_one_second_are_both_kept(tmp_path):
    path = tmp_path / "state.db"
    for garbage in (b"one" * 500, b"two" * 500):
        path.write_bytes(garbage)
        open_at(path).close()
    assert (tmp_path / "state.db.corrupt-20260131-081500").read_bytes() == b"one" * 500
    assert (tmp_path / "state.db.corrupt-20260131-081500-2").read_bytes() == b"two" * 500


def test_without_leave_to_repair_a_corrupt_database_is_an_error_and_stays(tmp_path):
    path = tmp_path / "state.db"
    path.write_bytes(b"garbage" * 1000)
    with pytest.raises(StateError, match="damaged"):
        open_at(path, repair=False)
    assert path.read_bytes() == b"garbage" * 1000


def filled(path, count=400):
    with open_at(path) as state, state.batch():
        for number in range(count):
            state.set_meta(f"key-{number}", "value" * 50)
            state.put_blob(os.urandom(2000))


def test_a_truncated_database_is_never_half_trusted(tmp_path):
    path = tmp_path / "state.db"
    filled(path)
    size = path.stat().st_size
    for part in (size // 2, 5000, 512, 1):
        with path.open("r+b") as handle:
            handle.truncate(part)
        try:
            with open_at(path) as state:
                survived = state.meta("key-3")
                # The small tables lie first: what is left of them is whole, or all is new.
                assert survived in (None, "value" * 50)
        except StateError:
            pytest.fail("a damaged database must not stop the next run")


def root_page(path, table):
    with closing(sqlite3.connect(path)) as raw:
        return raw.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]


def test_damage_met_in_use_is_repaired_by_the_next_opening(tmp_path):
    path = tmp_path / "state.db"
    with open_at(path) as state:
        state.set_meta("a", "b")
        sha = state.put_blob(b"x")
        root = root_page(path, "blobs")
    with path.open("r+b") as handle:
        handle.seek((root - 1) * 4096)
        handle.write(b"\xff" * 4096)
    with open_at(path) as state:
        # Blobs are not checked at the opening: they may be a gigabyte.
        assert not state.warnings
        with pytest.raises(StateError, match="damaged"):
            state.blob(sha)
    with pytest.raises(StateError):
        open_at(path, repair=False)
    with open_at(path) as state:
        assert state.warnings
        assert state.blob(state.put_blob(b"works")) == b"works"
    with open_at(path) as state:
        assert not state.warnings


def test_an_empty_file_is_an_empty_database(tmp_path):
    (tmp_path / "state.db").touch()
    with open_at(tmp_path / "state.db") as state:
        assert not state.warnings


def test_a_lost_database_does_not_come_back_from_its_log(tmp_path):
    path = tmp_path / "state.db"
    with open_at(path) as state:
        state.set_meta("a", "b")
        log = (tmp_path / "state.db-wal").read_bytes()
    path.unlink()
    (tmp_path / "state.db-wal").write_bytes(log)
    with open_at(path) as state:
        assert state.meta("a") is None


def test_a_database_of_a_newer_version_is_refused_and_untouched(tmp_path):
    path = tmp_path / "state.db"
    with open_at(path) as state:
        state.set_meta("a", "b")
    with sqlite3.connect(path) as raw:
        raw.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(StateError, match="newer ghostsync") as caught:
        open_at(path)
    assert "Upgrade" in caught.value.remedy
    assert path.read_bytes() == before


def test_a_database_of_another_program_is_refused(tmp_path):
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE photos (id)")
    raw.close()
    with pytest.raises(StateError, match="another program"):
        open_at(path)


def test_older_databases_are_brought_forward_and_keep_their_rows():
    db = sqlite3.connect(":memory:", isolation_level=None)
    migrate(db, (("CREATE TABLE a (x)",),))
    db.execute("INSERT INTO a VALUES (1)")
    migrate(db, (("CREATE TABLE a (x)",), ("ALTER TABLE a ADD COLUMN y DEFAULT 2",)))
    assert db.execute("SELECT x, y FROM a").fetchall() == [(1, 2)]
    assert version(db) == 2
    db.close()


def test_a_migration_that_fails_changes_nothing():
    db = sqlite3.connect(":memory:", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        migrate(db, (("CREATE TABLE a (x)",), ("CREATE TABLE b (x)", "nonsense")))
    assert version(db) == 0
    assert db.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    db.close()


def test_on_a_network_file_system_there_is_no_shared_memory(tmp_path, monkeypatch):
    from ghostsync.state import database

    path = tmp_path / "state.db"
    with open_at(path) as state:
        state.set_meta("a", "b")
        assert (tmp_path / "state.db-shm").exists()
    monkeypatch.setattr(database, "file_system", lambda _: "nfs4")
    with open_at(path) as state:
        assert state.meta("a") == "b"
        state.set_meta("a", "c")
        assert not (tmp_path / "state.db-shm").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mountinfo is Linux's")
def test_the_file_system_is_known_by_name():
    assert file_system(Path("/proc/self/status")) == "proc"
    assert file_system(Path("/nowhere")) == ""


def test_two_processes_read_and_write_side_by_side(tmp_path):
    path = tmp_path / "state.db"
    with open_at(path) as daemon, open_at(path, repair=False) as status:
        daemon.set_meta("a", "1")
        with daemon.batch():
            daemon.set_meta("a", "2")
            assert status.meta("a") == "1"
        assert status.meta("a") == "2"
        status.set_meta("a", "3")
        assert daemon.meta("a") == "3"


OPEN_AND_COUNT = """
import sys
from contextlib import closing
from pathlib import Path
from ghostsync.config import HistorySection
from ghostsync.state import SqliteState
with SqliteState(Path(sys.argv[1]), HistorySection(), lambda: 0.0) as state:
    assert not state.warnings
    for _ in range(20):
        with state.batch():
            state.set_meta("count", str(int(state.meta("count") or 0) + 1))
"""


def test_processes_that_start_together_share_one_fresh_database(tmp_path):
    path = tmp_path / "state.db"
    command = [sys.executable, "-c", OPEN_AND_COUNT, str(path)]
    children = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    errors = [child.communicate()[1].decode() for child in children]
    assert [child.returncode for child in children] == [0] * 3, errors
    with open_at(path) as state:
        assert state.meta("count") == "60"
