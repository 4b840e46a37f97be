import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostsync.config import HistorySection
from ghostsync.errors import StateError
from ghostsync.model import MediaKind
from ghostsync.state import SqliteState
from ghostsync.state.database import open_database
from ghostsync.state.schema import APPLICATION_ID, MIGRATIONS, migrate, version
from ghostsync.sync.model import MediaFacts, MediaFile, MediaRow, Stat

SHA, OTHER = "a" * 64, "b" * 64
URL = "https://x.example/content/images/2026/01/p.png"
FACTS = MediaFacts("image/png", 40, 30)


def opened(path):
    return SqliteState(path, HistorySection(), lambda: 1_769_847_300.0)


@pytest.fixture
def state(tmp_path):
    with opened(tmp_path / "state.db") as state:
        yield state


def row(url=URL, sha=SHA, facts=FACTS, **more):
    return MediaRow(sha, url, more.get("kind", MediaKind.IMAGES), "p.png", 123, facts)


def file(path="media/p.png", sha=SHA, inode=7, settled=True, facts=FACTS):
    return MediaFile(path, Stat(5_000_000_000, 1_769_847_300_123_456_789, inode), sha, facts, settled)


def test_an_upload_is_found_by_its_content_and_by_its_address(state):
    assert state.media() == {}
    assert state.media_at(URL) is None
    state.record_media(row())
    assert state.media() == {SHA: row()}
    assert state.media_at(URL) == row()


def test_of_two_addresses_of_one_content_the_first_stays_in_use_and_both_are_known(state):
    second = URL.replace("p.png", "p-1.png")
    state.record_media(row())
    state.record_media(row(second))
    assert state.media() == {SHA: row()}
    assert state.media_at(second) == row(second)
    state.record_media(row())  # seen again: its place stays
    assert state.media()[SHA].url == URL


def test_an_address_whose_content_is_another_now_has_that_one_alone(state):
    state.record_media(row())
    state.record_media(row(sha=OTHER, facts=MediaFacts("image/png")))
    assert state.media() == {OTHER: row(sha=OTHER, facts=MediaFacts("image/png"))}


@given(
    mime=st.text(max_size=20),
    width=st.none() | st.integers(1, 100_000),
    height=st.none() | st.integers(1, 100_000),
    duration=st.none() | st.floats(0, 1e6),
)
def test_facts_come_back_as_they_were(mime, width, height, duration):
    facts = MediaFacts(mime, width, height, duration)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    from ghostsync.state import media

    media.record(connection, row(facts=facts))
    assert media.at(connection, URL).facts == facts
    connection.close()


def test_facts_that_a_newer_version_noted_are_passed_over(state, tmp_path):
    state.record_media(row())
    with closing(sqlite3.connect(tmp_path / "state.db", isolation_level=None)) as raw:
        raw.execute("UPDATE media SET facts = ?", ('{"width": 9, "codec": "new"}',))
    assert state.media_at(URL).facts == MediaFacts(width=9)


def test_local_files_are_remembered_with_their_stat(state, tmp_path):
    one, two = (
        file(),
        file("media/é.mp4", OTHER, inode=2**64 - 1, settled=False, facts=MediaFacts(duration=1.5)),
    )
    state.note_media_files([one, two])
    assert state.media_files() == {one.path: one, two.path: two}
    state.note_media_files([file(sha=OTHER)])
    state.forget_media_files([two.path, "media/unknown.png"])
    assert state.media_files() == {one.path: file(sha=OTHER)}
    with opened(tmp_path / "state.db") as again:
        assert again.media_files() == {one.path: file(sha=OTHER)}


def test_rows_of_a_batch_that_fails_are_not_kept(state):
    def fail():
        with state.batch():
            state.record_media(row())
            state.note_media_files([file()])
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert state.media() == {}
    assert state.media_files() == {}


def test_a_database_from_before_media_is_brought_forward_and_loses_nothing(tmp_path):
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        migrate(old, MIGRATIONS[:2])
        assert version(old) == 2
        old.execute("INSERT INTO meta VALUES ('cursor', '2026')")
        old.execute(
            "INSERT INTO documents VALUES ('1','post','posts/a.md','d',3,4,5,1,'b','c','2026-01-31T08:15:00.000Z',0,'{}')"
        )
        old.execute(
            "INSERT INTO mirror VALUES ('1','post','a','2026-01-31T08:15:00.000Z',1,'c','https://x/a/')"
        )
        old.execute(
            "INSERT INTO journal (step, ghost_id, path, payload, at) VALUES ('create post','','p','{}','t')"
        )
    with opened(path) as state:
        assert state.warnings == ()
        assert state.meta("cursor") == "2026"
        (document,) = state.documents()
        assert (document.path, document.links) == ("posts/a.md", "{}")
        assert state.addresses() == {"1": "https://x/a/"}
        assert [intent.step for intent in state.open_intents()] == ["create post"]
        assert state.media() == {}
        state.record_media(row())
    with closing(sqlite3.connect(path)) as raw:
        assert version(raw) == len(MIGRATIONS)
        assert raw.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_damage_in_the_media_table_is_met_at_the_opening(tmp_path):
    path = tmp_path / "state.db"
    with opened(path) as state:
        state.record_media(row())
    with closing(sqlite3.connect(path)) as raw:
        page = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'media'").fetchone()[0]
        size = raw.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as data:
        data.seek((page - 1) * size)
        data.write(b"\xff" * size)
    with pytest.raises(StateError, match="damaged"):
        open_database(path, clock=lambda: 0.0, repair=False)
