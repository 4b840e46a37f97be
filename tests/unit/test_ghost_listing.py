import re

import pytest
from ghost_fakes import NOW, answer
from hypothesis import given, settings
from hypothesis import strategies as st

from ghostsync.errors import AnswerUnreadable
from ghostsync.ghost.answers import Answer, AnswerTooLarge
from ghostsync.ghost.listing import after_id, change_key, filter_date, id_key, is_id, walk


def stamp(second):
    return f"2026-05-01T00:{second // 60:02d}:{second % 60:02d}.000Z"


def id_of(number):
    return f"{number:024x}"


class Table:
    """Ghost's posts table, with the part of its filter language that a walk uses. rows: id -> updated_at or None."""

    def __init__(self, rows, between=None):
        self.rows = dict(rows)
        self.between = between or (lambda table, asked: None)
        self.asked = []

    def matches(self, where, id, date):
        day = (date or "")[:19].replace("T", " ")
        if not where:
            return True
        if match := re.fullmatch(r"updated_at:>='([^']+)'", where):
            return day >= match[1]
        if match := re.fullmatch(r"updated_at:>='([^']+)'\+\(updated_at:>'([^']+)',id:>'(\w+)'\)", where):
            return day >= match[1] and (day > match[2] or id > match[3])
        if match := re.fullmatch(r"updated_at:>'([^']+)',\(updated_at:null\+id:>'(\w+)'\)", where):
            return day > match[1] if date else id > match[2]
        match = re.fullmatch(r"id:>'(\w+)'", where)
        assert match, where
        return id > match[1]

    async def fetch(self, params):
        self.between(self, len(self.asked))
        self.asked.append(params)
        found = [
            (date or "", id) for id, date in self.rows.items() if self.matches(params.get("filter"), id, date)
        ]
        found.sort(key=(lambda row: row[1]) if params["order"] == "id asc" else None)
        page = found[: int(params["limit"])]
        rows = [{"id": id, "updated_at": date or None} for date, id in page]
        return listing(rows, len(found))


def listing(rows, total):
    body = {"posts": rows, "meta": {"pagination": {"total": total}}}
    response = answer(200, body)
    return Answer(200, response.headers, response.content, NOW, body)


async def collect(fetch, **options):
    return [rows async for rows in walk(fetch, "posts", **options)]


def seen(pages):
    """id -> updated_at as last seen; fails when one version came twice."""
    last = {}
    for page in pages:
        for row in page.rows:
            assert last.get(row["id"], "never") != row["updated_at"]
            last[row["id"]] = row["updated_at"]
    return last


@pytest.mark.parametrize(
    ("count", "requests"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (250, 3)]
)
async def test_a_walk_takes_one_request_per_hundred(count, requests):
    table = Table({id_of(n): stamp(n) for n in range(count)})
    pages = await collect(table.fetch)
    assert len(table.asked) == requests
    assert seen(pages) == table.rows
    assert all(page.total == count for page in pages)


@pytest.mark.parametrize("date", [stamp(7), None])
async def test_an_import_that_gave_everything_one_second_or_no_date_is_walked_whole(date):
    table = Table({id_of(n): date for n in range(350)})
    assert seen(await collect(table.fetch)) == table.rows
    assert len(table.asked) == 4


async def test_the_oldest_come_first_and_only_from_the_start_on():
    table = Table({id_of(n): stamp(300 - n) for n in range(300)})
    pages = await collect(table.fetch, start=f"updated_at:>='{filter_date(stamp(100))}'")
    dates = [row["updated_at"] for page in pages for row in page.rows]
    assert dates == sorted(dates)
    assert dates[0] == stamp(100)


edits = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from(["edit", "delete", "add"]), st.integers(0, 400))
)


@settings(max_examples=60)
@given(count=st.integers(0, 450), spread=st.integers(1, 450), edits=edits)
async def test_nothing_is_missed_however_people_edit_and_delete_meanwhile(count, spread, edits):
    clock = iter(range(1000, 3000))

    def between(table, asked):
        for when, what, number in edits:
            if when != asked:
                continue
            if what == "add":
                table.rows[id_of(10_000 + number)] = stamp(next(clock))
            elif id_of(number) in table.rows:
                if what == "delete":
                    del table.rows[id_of(number)]
                else:
                    table.rows[id_of(number)] = stamp(next(clock))

    table = Table({id_of(n): stamp(n % spread) for n in range(count)}, between)
    last = seen(await collect(table.fetch))
    assert {id: last.get(id) for id in table.rows} == table.rows


async def test_ids_are_walked_in_their_own_order():
    table = Table({id_of(n): stamp(400 - n) for n in range(250)})
    pages = await collect(table.fetch, order="id asc", key_of=id_key, after=after_id)
    assert [len(page.rows) for page in pages] == [100, 100, 50]
    assert seen(pages) == table.rows


async def test_a_filter_that_is_ignored_ends_the_walk_with_an_error():
    rows = [{"id": id_of(n), "updated_at": stamp(n)} for n in range(100)]

    async def fetch(params):
        return listing(rows, 250)

    with pytest.raises(AnswerUnreadable, match="does not go forward"):
        await collect(fetch)


async def test_an_order_that_is_ignored_ends_the_walk_with_an_error():
    async def fetch(params):
        return listing([{"id": id_of(n), "updated_at": stamp(9 - n)} for n in range(3)], 3)

    with pytest.raises(AnswerUnreadable, match="does not go forward"):
        await collect(fetch)


async def test_a_total_that_is_never_reached_is_an_error_and_not_an_end():
    async def fetch(params):
        return listing([], 5)

    with pytest.raises(AnswerUnreadable, match="ends after 0 of 5"):
        await collect(fetch)


async def test_a_row_deleted_between_count_and_select_is_no_error():
    answers = [listing([{"id": id_of(1), "updated_at": stamp(1)}], 2), listing([], 1), listing([], 0)]

    async def fetch(params):
        return answers.pop(0)

    assert len(seen(await collect(fetch))) == 1
    assert answers == []


async def test_a_page_that_is_too_large_is_asked_for_in_smaller_ones():
    table = Table({id_of(n): stamp(n) for n in range(25)})

    async def fetch(params):
        if int(params["limit"]) > 10:
            raise AnswerTooLarge("too large", subject="posts", remedy="smaller")
        return await table.fetch(params)

    assert seen(await collect(fetch)) == table.rows


async def test_one_document_that_is_too_large_by_itself_is_told():
    async def fetch(params):
        raise AnswerTooLarge("too large", subject="posts", remedy="smaller")

    with pytest.raises(AnswerTooLarge):
        await collect(fetch)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"posts": []},
        {"posts": [], "meta": {"pagination": {}}},
        {"posts": {}, "meta": {"pagination": {"total": 0}}},
        {"posts": ["x"], "meta": {"pagination": {"total": 1}}},
        {"posts": [{"id": "../x"}], "meta": {"pagination": {"total": 1}}},
        {"posts": [{"title": "no id"}], "meta": {"pagination": {"total": 1}}},
    ],
)
async def test_a_listing_of_another_shape_is_refused(body):
    async def fetch(params):
        return Answer(200, answer(200).headers, b"", NOW, body)

    with pytest.raises(AnswerUnreadable):
        await collect(fetch)


def test_a_date_goes_into_a_filter_in_the_form_sqlite_compares():
    assert filter_date("2026-01-31T08:15:00.000Z") == "2026-01-31 08:15:00"
    assert filter_date("2026-01-31T08:15:00.000+00:00") == "2026-01-31 08:15:00"


@pytest.mark.parametrize("text", ["", "yesterday", "2026-01-31", "2026-01-31T08:15:00.000Z'+status:draft"])
def test_what_is_no_date_never_gets_into_a_filter(text):
    with pytest.raises(AnswerUnreadable):
        filter_date(text)


def test_only_24_hex_digits_are_an_id():
    assert is_id("5f3e9a1b2c4d5e6f7a8b9c0d")
    assert not any(map(is_id, ["", "1", "5f3e9a1b2c4d5e6f7a8b9c0d\n", "../../x", None, 5, "g" * 24]))


def test_rows_without_a_date_sort_before_all_others():
    assert change_key({"id": "b", "updated_at": None}) < change_key({"id": "a", "updated_at": stamp(0)})
