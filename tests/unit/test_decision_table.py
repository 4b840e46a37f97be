"""The decision table, row by row: what is known of one document -> the one thing to do."""

import json
from dataclasses import replace

import pytest

from ghostsync.content.body import read_stored_body
from ghostsync.content.document import read_document
from ghostsync.content.markdown import read_markdown
from ghostsync.content.post import view_post
from ghostsync.content.types import Context
from ghostsync.model import Kind, Mode, RemotePost, SiteInfo
from ghostsync.sync.merge import Base
from ghostsync.sync.model import Adopt, Direction, Verb
from ghostsync.sync.plan import Case, Policy, decide

ID = "5f3e9a1b2c4d5e6f7a8b9c01"
CONTEXT = Context(SiteInfo("Blog", "https://blog.example/", "6.65"), now=1_780_000_000, mode=Mode.LEXICAL)
TEXT = f"---\ntitle: On bees\nstatus: published\nghost_id: {ID}\n---\n\nOne.\n\nTwo.\n"
DATE = "2026-01-31T08:00:00.000Z"


def file(text=TEXT):
    return read_document(text.encode(), "posts/on-bees.md", Kind.POST, CONTEXT)


def post(body="One.\n\nTwo.\n", updated_at=DATE, **fields):
    data = {
        "id": ID,
        "title": "On bees",
        "slug": "on-bees",
        "status": "published",
        "published_at": DATE,
        "visibility": "public",
        "lexical": json.dumps(read_markdown(body)),
        **fields,
    }
    raw = RemotePost(ID, Kind.POST, updated_at, data, 1_780_000_000)
    return view_post(raw, CONTEXT, *read_stored_body(data))


def case(base=True, local=True, remote=True, **more):
    """True: as both sides agreed last; None: not there; anything else: that."""
    known = Base(file(), post()) if base is True else base
    here = file() if local is True else local
    there = post() if remote is True else remote
    return Case(Kind.POST, ID, "posts/on-bees.md", known, here, there, **more)


def verb(made, **policy):
    decision = decide(made, Policy(**policy))
    return decision.action.verb if decision else None


MINE = file(TEXT.replace("One.", "One, edited here."))
THEIRS = post("One.\n\nTwo, edited there.\n", updated_at="2026-01-31T09:00:00.000Z")
AGAINST = post("One, edited there.\n\nTwo.\n", updated_at="2026-01-31T09:00:00.000Z")
DRAFT = post(status="draft", published_at=None)
ONCE_PUBLIC = post(status="draft")

ROWS = [
    ("only in Ghost", case(None, None), Verb.CREATE_FILE),
    ("only in the folder", case(None, file(TEXT.replace(f"ghost_id: {ID}\n", "")), None), Verb.CREATE_POST),
    ("a ghost_id that Ghost does not know", case(None, True, None), Verb.PROBLEM),
    ("both there, equal, never agreed", case(None), Verb.ADOPT),
    ("both there, different, never agreed", case(None, MINE), Verb.CONFLICT),
    ("neither changed", case(), Verb.ADVANCE),
    ("only moved", case(moved=True), Verb.RELINK),
    ("changed in Ghost", case(remote=THEIRS), Verb.UPDATE_FILE),
    ("changed in the file", case(local=MINE), Verb.UPDATE_POST),
    ("changed in different places", case(local=MINE, remote=THEIRS), Verb.MERGE),
    ("changed in the same place", case(local=MINE, remote=AGAINST), Verb.CONFLICT),
    ("file deleted", case(local=None), Verb.RETIRE_POST),
    ("file deleted, post changed", case(local=None, remote=THEIRS), Verb.CREATE_FILE),
    ("post deleted", case(remote=None), Verb.TRASH_FILE),
    ("post deleted, file changed", case(local=MINE, remote=None), Verb.CONFLICT),
    ("deleted on both sides", case(local=None, remote=None), Verb.FORGET),
    ("buried and left alone", case(None, None, tombstone=DATE), None),
    ("buried and edited in Ghost", case(None, None, THEIRS, tombstone=DATE), Verb.CREATE_FILE),
    ("buried and gone", case(None, None, None, tombstone=DATE), Verb.FORGET),
    ("buried, the file is back", case(None, True, ONCE_PUBLIC, tombstone=DATE), Verb.UPDATE_POST),
]


@pytest.mark.parametrize(("made", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_each_row_of_the_table(made, expected):
    assert verb(made) is expected


@pytest.mark.parametrize("made", [row[1] for row in ROWS], ids=[row[0] for row in ROWS])
def test_pull_plans_no_write_to_ghost_and_push_none_to_files(made):
    pulled, pushed = verb(made, direction=Direction.PULL), verb(made, direction=Direction.PUSH)
    assert pulled is None or not (pulled.writes_post)
    assert pushed is None or not (pushed.writes_file)


@pytest.mark.parametrize(
    ("remote", "retire"),
    [(DRAFT, "delete"), (ONCE_PUBLIC, "leave"), (post(), "draft"), (post(status="sent"), "leave")],
    ids=["a draft never published", "a draft once public", "a published post", "an e-mail"],
)
def test_what_becomes_of_a_post_whose_file_was_deleted(remote, retire):
    made = case(Base(file(), remote), None, remote)
    decision = decide(made, Policy())
    assert decision is not None
    assert decision.action.retire == retire


@pytest.mark.parametrize(("setting", "retire"), [("draft", "leave"), ("leave", "leave")])
def test_a_setting_keeps_drafts_in_ghost(setting, retire):
    decision = decide(case(Base(file(), DRAFT), None, DRAFT), Policy(on_local_delete=setting))
    assert decision is not None
    assert decision.action.retire == retire


@pytest.mark.parametrize(
    ("winner", "expected"), [(Adopt.LOCAL, Verb.UPDATE_POST), (Adopt.REMOTE, Verb.UPDATE_FILE)]
)
def test_a_first_run_goes_by_who_wins(winner, expected):
    made = case(None, MINE)
    assert (
        verb(replace(made, spelled=replace(made.remote, body=read_markdown(MINE.body))), adopt=winner)
        is expected
    )


def test_a_broken_file_is_a_problem_whatever_else_is_known():
    broken = file(TEXT.replace("title: On bees", 'title: "On bees'))
    for remote in (True, None, THEIRS):
        assert verb(case(local=broken, remote=remote)) is Verb.PROBLEM
