"""The agreement with Ghost as it travels with a repository: from one state into another, joined, and never half."""

import hashlib
import json
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghostsync.config import HistorySection
from ghostsync.content.post import post_json
from ghostsync.errors import AgreementUnreadable
from ghostsync.model import Kind, MediaKind
from ghostsync.state import SqliteState
from ghostsync.sync.mailing import mark_key
from ghostsync.sync.model import KnownDocument, MediaFacts, MediaRow, Stat
from ghostsync.sync.versioning.agreement import Recorder, join, plant, share
from ghostsync.sync.versioning.agreement import agreed as read_agreed
from ghostsync.sync.versioning.earlier import AGREED_AT


class Pages:
    """A ledger in memory; commits are numbers. `remote`: another one, or None."""

    numbers = count(1)

    def __init__(self, remote=None):
        self.commits = {"": {}}
        self.head = ""
        self.line = [""]
        self.remote = remote
        self.deaf = 0

    def listing(self):
        return {name: self.fingerprint(data) for name, data in self.commits[self.head].items()}

    def fingerprint(self, data):
        return data.hex()

    def read(self, names, *, at=""):
        texts = self.commits[at or self.head]
        return iter([(name, texts[name]) for name in names if name in texts])

    def write(self, texts, message, *, on=None):
        parent = self.head if on is None else on
        merged = {**self.commits[parent], **texts}
        self.head = f"{next(self.numbers)}"
        self.commits[self.head] = {name: data for name, data in merged.items() if data is not None}
        self.line = [*(self.line if on is None else self.remote.line), self.head]

    def fetch(self):
        if self.remote is None or not self.remote.head:
            return False
        self.commits |= self.remote.commits
        self.head, self.line = self.remote.head, list(self.remote.line)
        return True

    def theirs(self):
        self.commits |= self.remote.commits
        return self.remote.head

    def push(self):
        if self.deaf:
            self.deaf -= 1
            return False
        if self.remote.head not in self.line:
            return False
        self.remote.commits |= self.commits
        self.remote.head, self.remote.line = self.head, list(self.line)
        return True


@pytest.fixture
def states(tmp_path):
    opened = []

    def new():
        state = SqliteState(
            tmp_path / f"{len(opened)}" / "state.db", HistorySection(), lambda: 1000.0, repair=True
        )
        opened.append(state)
        return state

    (tmp_path / "0").mkdir()
    for number in range(1, 5):
        (tmp_path / f"{number}").mkdir()
    yield new
    for state in opened:
        state.close()


def agreed(state, id, *, path="posts/a.md", text="Text.\n", updated_at="2026-01-01T00:00:00.000Z", **more):
    post = post_json({"id": id, "title": "A", "slug": "a", "url": "https://example.com/a/", "lexical": text})
    row = KnownDocument(
        id=id,
        kind=Kind.POST,
        path=path,
        disk_sha="0" * 64,
        stat=Stat(1, 2, 3),
        disk_settled=True,
        base_sha=state.put_blob(text.encode()),
        base_post_sha=state.put_blob(post),
        updated_at=updated_at,
        **more,
    )
    state.record(row)
    return row


ID, OTHER = "5" * 24, "6" * 24


def documents(names):
    return sum(name.endswith(".file") for name in names)


def told(state):
    """What must be the same in both states."""
    rows = [
        (r.id, r.kind, r.path, r.base_sha, r.base_post_sha, r.updated_at, r.tombstone, r.links)
        for r in state.documents()
    ]
    return rows, dict(state.media()), [(i.step, i.path, i.payload) for i in state.open_intents()]


def test_a_fresh_state_knows_what_the_other_one_agreed_on(states):
    first, second, ledger = states(), states(), Pages()
    first.set_meta("site_uuid", "u")
    first.set_meta("site_url", "https://example.com/")
    agreed(first, ID, links='{"b.md":["x","/b/"]}')
    agreed(first, OTHER, path="posts/b.md", tombstone=True)
    first.set_meta(mark_key(ID), "sent")
    first.record_media(
        MediaRow(
            "ab" * 32, "https://x/y.png", MediaKind.IMAGES, "y.png", 7, MediaFacts("image/png", 3, 4, None)
        )
    )
    note = json.dumps({"file": first.put_blob(b"sent"), "body": first.put_blob(b"body"), "kind": "post"})
    first.intend("create post", ghost_id="", path="posts/c.md", payload=note)
    assert Recorder(first, ledger).record("c1")
    assert documents(plant(second, ledger)) == 2
    assert told(second) == told(first)
    assert second.meta("site_uuid") == "u"
    assert second.meta(mark_key(ID)) == "sent"
    assert second.meta(AGREED_AT) == "c1"
    assert second.blob(json.loads(note)["file"]) == b"sent"
    assert second.mirror()[ID].settled is False


def test_what_was_not_changed_is_not_written_again(states):
    state, ledger = states(), Pages()
    agreed(state, ID)
    recorder = Recorder(state, ledger)
    assert recorder.record("c1")
    head = ledger.head
    assert not recorder.record("c2")
    assert not Recorder(state, ledger).record("c3")
    assert ledger.head == head


def test_what_is_forgotten_leaves_the_ledger_with_all_its_contents(states):
    state, ledger = states(), Pages()
    agreed(state, ID)
    agreed(state, OTHER, path="posts/b.md")
    recorder = Recorder(state, ledger)
    recorder.record("c1")
    state.forget(OTHER)
    recorder.record("c2")
    assert [name for name in ledger.listing() if OTHER in name] == []
    assert [name for name in ledger.listing() if ID in name] != []


def test_what_others_agreed_on_is_neither_taken_away_nor_made_older(states):
    first, second, ledger = states(), states(), Pages()
    agreed(first, ID, text="newer", updated_at="2026-01-01T00:00:09.000Z")
    agreed(first, OTHER, path="posts/b.md")
    Recorder(first, ledger).record("c1")
    agreed(second, ID, text="older", updated_at="2026-01-01T00:00:01.000Z")
    Recorder(second, ledger).record("c2")
    third = states()
    assert documents(plant(third, ledger)) == 2
    assert {third.blob(row.base_sha) for row in third.documents()} == {b"newer", b"Text.\n"}


def test_what_was_taken_from_it_and_forgotten_since_goes(states):
    first, second, ledger = states(), states(), Pages()
    agreed(first, ID)
    agreed(first, OTHER, path="posts/b.md")
    Recorder(first, ledger).record("c1")
    recorder = Recorder(second, ledger)
    recorder.answer_for(plant(second, ledger))
    second.forget(OTHER)
    recorder.record("c2")
    assert [name for name in ledger.listing() if OTHER in name] == []


def test_a_ledger_of_a_newer_form_is_not_written_to(states):
    state, ledger = states(), Pages()
    agreed(state, ID)
    ledger.write({"site.json": b'{"form":2,"commit":"c"}'}, "")
    with pytest.raises(AgreementUnreadable, match="newer ghostsync"):
        Recorder(state, ledger).record("c1")
    assert list(ledger.listing()) == ["site.json"]


def test_settled_intents_leave_it_too(states):
    state, ledger = states(), Pages()
    number = state.intend(
        "create post", ghost_id="", path="a", payload=json.dumps({"file": state.put_blob(b"x")})
    )
    recorder = Recorder(state, ledger)
    recorder.record("c1")
    assert any(name.startswith("journal/") for name in ledger.listing())
    state.settle(number)
    recorder.record("c2")
    assert list(ledger.listing()) == ["site.json"]


def test_a_ledger_of_a_newer_form_is_left_alone(states):
    state, ledger = states(), Pages()
    ledger.write({"site.json": b'{"form":2,"commit":"c"}'}, "")
    with pytest.raises(AgreementUnreadable, match="newer ghostsync"):
        plant(state, ledger)
    assert state.meta(AGREED_AT) is None


@pytest.mark.parametrize(
    ("key", "value"), [("id", "../../users/1"), ("id", 7), ("path", None), ("post", "[]"), ("post", "3")]
)
def test_a_row_that_no_ghostsync_wrote_plants_nothing_and_is_written_anew(states, key, value):
    first, second, ledger = states(), states(), Pages()
    agreed(first, ID)
    Recorder(first, ledger).record("c1")
    stem = f"documents/{ID[-2:]}/{ID}"
    told = dict(ledger.read([f"{stem}.json"]))[f"{stem}.json"]
    sha = hashlib.sha256(str(value).encode()).hexdigest()
    row = json.dumps({**json.loads(told), key: sha if key == "post" else value}).encode()
    changed = {f"{stem}.json": row} | ({f"{stem}.post": value.encode()} if key == "post" else {})
    ledger.write(changed, "By hand")
    with pytest.raises(AgreementUnreadable, match="cannot be understood"):
        plant(second, ledger)
    assert second.documents() == []
    assert read_agreed(ledger, ID) is None
    Recorder(first, ledger).record("c2")
    assert documents(plant(second, ledger)) == 1


@pytest.mark.parametrize("damage", [b"no JSON", b"[]"])
def test_what_is_damaged_at_the_remote_gives_way_to_what_is_here(states, damage):
    first, second, remote = states(), states(), Pages()
    agreed(first, ID)
    ours = Pages(remote)
    Recorder(first, ours).record("c1")
    ours.push()
    agreed(first, OTHER)
    Recorder(first, ours).record("c2")
    remote.write({"site.json": damage, f"documents/{ID[-2:]}/{ID}.json": damage}, "Damage")
    assert share(ours)
    assert documents(plant(second, ours)) == 2


def test_a_damaged_ledger_plants_nothing_at_all(states):
    first, second, ledger = states(), states(), Pages()
    agreed(first, ID)
    agreed(first, OTHER, path="posts/b.md")
    Recorder(first, ledger).record("c1")
    ledger.write({f"documents/{OTHER[-2:]}/{OTHER}.post": b"{}"}, "Damage")
    with pytest.raises(AgreementUnreadable, match="cannot be understood"):
        plant(second, ledger)
    assert second.documents() == []
    assert second.meta(AGREED_AT) is None


def test_two_who_agreed_on_different_documents_share_both(states):
    shared = Pages()
    first, second = states(), states()
    ours, theirs = Pages(shared), Pages(shared)
    agreed(first, ID)
    agreed(second, OTHER, path="posts/b.md")
    Recorder(first, ours).record("c1")
    Recorder(second, theirs).record("c2")
    assert share(ours)
    assert share(theirs)
    third = states()
    plant(third, shared)
    assert {row.id for row in third.documents()} == {ID, OTHER}


@pytest.mark.parametrize(("age", "wins"), [(1, b"theirs"), (3, b"ours")])
def test_of_one_document_the_agreement_with_the_newer_post_counts(states, age, wins):
    shared = Pages()
    first, second = states(), states()
    ours, theirs = Pages(shared), Pages(shared)
    agreed(first, ID, text="theirs", updated_at="2026-01-01T00:00:02.000Z")
    agreed(second, ID, text="ours", updated_at=f"2026-01-01T00:00:0{age}.000Z")
    Recorder(first, ours).record("c1")
    Recorder(second, theirs).record("c2")
    assert share(ours)
    assert share(theirs)
    third = states()
    plant(third, shared)
    assert third.blob(third.documents()[0].base_sha) == wins


def test_who_is_always_slower_is_told_so(states):
    shared = Pages()
    state, ledger = states(), Pages(shared)
    agreed(state, ID)
    Recorder(state, ledger).record("c1")
    shared.write({"site.json": b"{}"}, "")
    ledger.deaf = 9
    assert share(ledger) is False


rows = st.dictionaries(
    st.sampled_from([f"{n:024x}" for n in range(6)]),
    st.tuples(st.integers(0, 9), st.text(max_size=5)),
    max_size=6,
)


@settings(max_examples=60)
@given(rows, rows)
def test_joining_loses_no_document_and_keeps_each_whole(ours, theirs):
    def pages(documents, remote=None):
        ledger = Pages(remote)
        texts = {"site.json": b"{}\n"}
        for id, (age, text) in documents.items():
            stem = f"documents/{id[-2:]}/{id}"
            row = {"updated_at": f"{age}", "file": text, "post": text}
            texts |= {
                f"{stem}.json": json.dumps(row).encode(),
                f"{stem}.file": text.encode(),
                f"{stem}.post": text.encode(),
            }
        ledger.write(texts, "")
        return ledger

    shared = pages(theirs)
    mine = pages(ours, shared)
    join(mine, mine.theirs())
    texts = dict(mine.read(mine.listing()))
    assert {name[13:37] for name in texts if name.endswith(".file")} == set(ours) | set(theirs)
    for id in set(ours) | set(theirs):
        stem = f"documents/{id[-2:]}/{id}"
        row = json.loads(texts[f"{stem}.json"])
        candidates = [side[id] for side in (ours, theirs) if id in side]
        assert int(row["updated_at"]) == max(age for age, _ in candidates)
        assert texts[f"{stem}.file"].decode() == texts[f"{stem}.post"].decode() == row["file"]
