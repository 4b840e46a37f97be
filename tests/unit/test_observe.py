"""Observing Ghost: an unchanged site costs one request a kind, and nothing that changed stays unseen."""

from collections.abc import AsyncIterator, Mapping
from contextlib import contextmanager

import pytest

from ghostsync.model import Kind, RemotePost
from ghostsync.sync.model import Mirrored, Page, Probe
from ghostsync.sync.observe import is_settled, observe, remember, seconds_of

START = seconds_of("2026-01-31T08:00:00.000Z")


def stamp(seconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(START + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class FakeSite:
    """A site as the port describes it: posts by id with the second they were written in, and a clock."""

    def __init__(self):
        self.posts: dict[str, tuple[Kind, int, dict]] = {}
        self.now = 0
        self.asked: list[str] = []

    def put(self, id, second, kind=Kind.POST, **data):
        self.posts[id] = (kind, second, {"slug": id, **data})

    def _post(self, id):
        kind, second, data = self.posts[id]
        return RemotePost(id, kind, stamp(second), {**data, "id": id}, START + self.now)

    def _all(self, kind):
        return sorted(
            (id for id, post in self.posts.items() if post[0] is kind), key=lambda i: self.posts[i][1]
        )

    async def probe(self, kind):
        self.asked.append(f"probe {kind}")
        ids = self._all(kind)
        newest = stamp(self.posts[ids[-1]][1]) if ids else ""
        return Probe(newest, len(ids), START + self.now)

    async def changed(self, kind, since) -> AsyncIterator[Page]:
        self.asked.append(f"changed {kind}")
        ids = [id for id in self._all(kind) if since is None or stamp(self.posts[id][1]) >= since]
        yield Page(tuple(self._post(id) for id in ids), START + self.now, len(ids))

    async def ids(self, kind) -> AsyncIterator[Mapping[str, str]]:
        self.asked.append(f"ids {kind}")
        yield {id: stamp(self.posts[id][1]) for id in self._all(kind)}

    async def get(self, kind, id):
        self.asked.append(f"get {id}")
        return self._post(id) if id in self.posts and self.posts[id][0] is kind else None


class FakeState:
    """Only the mirror, and the last versions of what is gone."""

    def __init__(self):
        self.rows: dict[str, Mirrored] = {}
        self.kept: list[str] = []
        self.notes: dict[str, str] = {}

    def documents(self):
        return []

    def meta(self, key):
        return self.notes.get(key)

    def set_meta(self, key, value):
        self.notes[key] = value

    def blob(self, sha):
        return sha.encode()

    def keep(self, *, ghost_id, path, side, why, data):
        self.kept.append(f"{ghost_id}, {side}, {why}: {data.decode()}")

    def mirror(self):
        return dict(self.rows)

    def mirror_posts(self, posts):
        posts = list(posts)
        for post, data, settled in posts:
            self.rows[post.id] = Mirrored(
                post.id, post.kind, post.slug, post.updated_at, settled, str(hash(data))
            )
        return [str(hash(data)) for _, data, _ in posts]

    def unmirror(self, ids):
        for id in ids:
            self.rows.pop(id, None)

    @contextmanager
    def batch(self):
        yield


@pytest.fixture
def site():
    site = FakeSite()
    site.put("a", 0)
    site.put("b", 1)
    site.put("p", 1, Kind.PAGE)
    site.now = 10
    return site


@pytest.fixture
async def state(site):
    state = FakeState()
    await observe(site, state, full=False)
    site.asked.clear()
    return state


async def test_a_first_look_reads_everything(site):
    state = FakeState()
    seen = await observe(site, state, full=False)
    assert set(state.rows) == {"a", "b", "p"}
    assert seen.server_time == START + 10


async def test_an_unchanged_site_costs_one_request_a_kind(site, state):
    await observe(site, state, full=False)
    assert sorted(site.asked) == ["probe page", "probe post"]


async def test_an_edit_is_fetched_and_nothing_else(site, state):
    site.put("a", 12, title="new")
    site.now = 20
    await observe(site, state, full=False)
    assert state.rows["a"].updated_at == stamp(12)
    assert "ids post" not in site.asked
    assert "changed page" not in site.asked


async def test_a_write_of_our_own_hides_no_edit_that_somebody_made_before_it(site, state):
    site.put("a", 12, title="by an editor, after the last look")
    site.put("b", 20, title="by ourselves")
    site.now = 30
    remember(state, (await site.get(Kind.POST, "b"),))
    await observe(site, state, full=False)
    assert state.rows["a"].updated_at == stamp(12)
    site.asked.clear()
    await observe(site, state, full=False)
    assert sorted(site.asked) == ["probe page", "probe post"]


async def test_a_version_read_in_its_own_second_is_read_again(site, state):
    site.put("a", 20)
    site.now = 20
    await observe(site, state, full=False)
    assert not state.rows["a"].settled
    site.put("a", 20, title="a second write in the same second")
    site.now = 30
    before = state.rows["a"].post_sha
    await observe(site, state, full=False)
    assert state.rows["a"].post_sha != before
    assert state.rows["a"].settled


async def test_a_deletion_is_found_by_the_total_and_confirmed_by_id(site, state):
    del site.posts["a"]
    seen = await observe(site, state, full=False)
    assert seen.gone == {"a"}
    assert "a" not in state.rows
    assert "get a" in site.asked


async def test_a_document_missing_from_a_listing_but_there_by_id_is_not_gone(site, state):
    async def listing_without_a(kind):
        yield {"b": stamp(1)} if kind is Kind.POST else {"p": stamp(1)}

    site.ids = listing_without_a
    site.put("c", 0)  # makes the total wrong, so that the ids are swept
    seen = await observe(site, state, full=False)
    assert seen.gone == set()
    assert "a" in state.rows


async def test_a_post_made_with_an_old_date_is_found_by_the_total(site, state):
    site.put("old", -500)
    await observe(site, state, full=False)
    assert "old" in state.rows


async def test_a_deletion_and_a_creation_at_once_are_both_seen(site, state):
    del site.posts["a"]
    site.put("c", 12)
    site.now = 20
    seen = await observe(site, state, full=False)
    assert seen.gone == {"a"}
    assert set(state.rows) == {"b", "c", "p"}


async def test_a_restored_backup_is_noticed_by_dates_that_went_back(site, state):
    site.put("b", -100, title="from the backup")
    site.put("a", -101)
    seen = await observe(site, state, full=False)
    assert sorted(seen.went_back) == ["a", "b"]


async def test_a_full_look_sees_what_changed_without_a_new_date(site, state):
    site.put("a", 0, tags=[{"name": "renamed"}])
    before = state.rows["a"].post_sha
    await observe(site, state, full=True)
    assert state.rows["a"].post_sha != before


async def test_a_failing_listing_raises_and_deletes_nothing(site, state):
    async def broken(_kind):
        yield {}
        raise ConnectionError

    del site.posts["a"]
    site.ids = broken
    with pytest.raises(ConnectionError):
        await observe(site, state, full=False)
    assert "a" in state.rows


async def test_each_page_is_handed_on_as_it_arrives(site):
    pages = []

    async def keep(posts):
        pages.append({post.id for post, _ in posts})

    await observe(site, FakeState(), full=False, on_page=keep)
    assert {frozenset(page) for page in pages} == {frozenset({"a", "b"}), frozenset({"p"})}


@pytest.mark.parametrize(("after", "settled"), [(0, False), (1, False), (2, True)])
def test_a_version_is_settled_two_seconds_after_it_was_written(after, settled):
    assert is_settled(stamp(0), START + after) is settled


async def test_a_post_that_was_set_back_shows_though_a_write_of_our_own_is_newer(site, state):
    """Its date is neither the newest, nor new enough to be fetched."""
    site.now = 100
    remember(state, [RemotePost("b", Kind.POST, stamp(60), {"id": "b", "slug": "b"}, START + 70)])
    site.put("b", 60)
    await observe(site, state, full=False)
    remember(state, [RemotePost("a", Kind.POST, stamp(80), {"id": "a", "slug": "a"}, START + 90)])
    site.put("a", 80)
    site.put("b", 1, title="As it was")
    seen = await observe(site, state, full=False)
    assert seen.went_back == ["b"]
