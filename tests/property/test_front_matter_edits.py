"""Editing a file changes what was asked for, reads back as asked, and leaves every other byte alone."""

import codecs
import json
import re

import pytest
import tomlkit
from hypothesis import example, given
from hypothesis import strategies as st

from ghostsync.content.document import add_ghost_id, edit_file, new_file, read_document, stated_differences
from ghostsync.content.fields import FIELDS, Shape
from ghostsync.content.types import Context, PostView
from ghostsync.content.value_reader import canonical_text
from ghostsync.model import Author, Kind, Mode, SiteInfo, Tier

CONTEXT = Context(
    SiteInfo("Site", "https://blog.example.com/", "6.65", "Europe/Berlin"),
    1_800_000_000,
    Mode.LEXICAL,
    authors=(Author("1" * 24, "jane", "Jane Doe", "jane@example.com"), Author("2" * 24, "bob", "Bob")),
    tiers=(Tier("3" * 24, "gold", "Gold"),),
)
ID = "6b0519e8a9cdde14d51226c2"
PATH = "posts/2026-01-31-a-file.md"

TRICKY = st.sampled_from(
    [
        *(
            "yes",
            "NO",
            "null",
            "~",
            "1e3",
            "0x1f",
            "12:30",
            "2026-01-31",
            "1_000",
            ".5",
            "-",
            "- a",
            "# not a comment",
        ),
        *(
            "a: b",
            "a #b",
            "a:",
            "key: 'v'",
            "it's",
            'say "so"',
            "back\\slash",
            "{a}",
            "[a, b]",
            "*star",
            "&and",
            "!tag",
        ),
        *(
            "%x",
            "@at",
            "`tick`",
            "|",
            ">",
            "? q",
            ", comma",
            "a, b",
            "tab\there",
            "two\nlines",
            "  \n indented",
            "a\n\n b",
        ),
        *(
            "trailing\n",
            "\n\nleading",
            "é 😀 日本",
            "no\u2028break",
            "\x85",
            "\ufeffbom",
            "a\n---\nb",
            "+++",
            "<<<<<<< x",
        ),
        *(
            "true",
            "=",
            "<<",
            "...",
            "\u00a0nbsp\u00a0",
            "null\x00byte",
            "\x1b[0m",
            "#tag",
            "'",
            '"',
            "''",
            '"""',
            "'''",
        ),
    ]
)
TEXT = st.one_of(TRICKY, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)).filter(
    canonical_text
)
NAME = TEXT.map(lambda text: str(canonical_text(text))).filter(lambda text: not text.startswith(","))
DATE = (
    st.datetimes()
    .map(lambda moment: f"{moment.year % 200 + 1900:04}{moment:-%m-%dT%H:%M:%SZ}")
    .filter(lambda text: "-02-29" not in text)
)
VALUES = {
    "title": TEXT.map(canonical_text).filter(bool),
    "status": st.sampled_from(["draft", "published"]),
    "published_at": DATE,
    "tags": st.lists(NAME, max_size=4, unique_by=str.lower).map(tuple),
    "authors": st.sampled_from([("jane",), ("bob", "jane")]),
    "featured": st.booleans(),
    "custom_excerpt": st.none() | TEXT.map(canonical_text),
    "meta_title": st.none() | TEXT.map(canonical_text),
    "codeinjection_head": st.none() | TEXT.map(canonical_text),
    "feature_image": st.none() | st.sampled_from(["/content/images/a.png", "https://example.org/?a=b&c#d"]),
}
FIELD_VALUES = st.fixed_dictionaries({}, optional=VALUES)

YAML_FILE = """\
# my own comment
title: "The title"  # said so
weight: 3
date: 2026-01-31 09:15:00 +0100
draft: true
tags:
  - News   # first
  # between
  - 'c++'
author: Jane Doe

# about the picture
cover:
  image: /content/images/x.png
  alt: A picture
description: >-
  folded
  text
params: {deep: [1, 2, {x: y}]}
"""
TOML_FILE = """\
# my own comment
title = "The title"  # said so
weight = 3
date = 2026-01-31T09:15:00+01:00
draft = true
tags = [
  "News",  # first
  'c++',
]
author = "Jane Doe"

# about the rest
[params]
deep = [[1], [2]]
"""
JSON_FILE = """\
{
  "title": "The title",
  "weight": 3,
  "date": "2026-01-31T09:15:00+01:00",
  "draft": true,
  "tags": [
    "News",
    "c++"
  ],
  "author": "Jane Doe",
  "params": {"deep": [1, 2, {"x": "y"}]}
}
"""
BLOCKS = {
    "yaml": f"---\n{YAML_FILE}---\n",
    "yaml-dots": f"---\n{YAML_FILE}...\n",
    "yaml-flow-lists": "---\ntags: [News, 'c++']   # two\ntitle: It's bare\nx: y\n---\n",
    "yaml-strings": "---\ntags: News, c++\nauthor: Jane Doe\npublished: false\n---\n",
    "yaml-indented": "---\n  title: a\n  tags:\n  - News\n  z: 1\n---\n",
    "yaml-braces": "---\n{title: a, tags: [News], z: 1}\n---\n",
    "yaml-empty": "---\n---\n",
    "yaml-comment-only": "---\n# nothing yet\n---\n",
    "toml": f"+++\n{TOML_FILE}+++\n",
    "toml-no-table": "+++\ntitle = 'a'\n+++\n",
    "json": JSON_FILE,
    "json-line": '{"title": "a", "tags": ["News"]}\n',
    "none": "",
}
BODY = "\nFirst paragraph,\nstill it.\n\n- a\n- b\n"
ENDS = ["\n", "\r\n", "\r"]


def as_file(block: str, body: str = BODY, *, newline: str = "\n", bom: bool = False) -> bytes:
    text = (BLOCKS[block] + body).replace("\n", newline)
    return (codecs.BOM_UTF8 if bom else b"") + text.encode()


FILES = st.builds(as_file, st.sampled_from(list(BLOCKS)), newline=st.sampled_from(ENDS), bom=st.booleans())


def read(data: bytes):
    return read_document(data, PATH, Kind.POST, CONTEXT)


@given(FILES)
def test_an_edit_of_nothing_gives_back_the_same_bytes(data):
    assert edit_file(data, PATH, Kind.POST, CONTEXT, {}, None) is data


@given(FILES)
def test_writing_back_what_was_read_gives_back_the_same_bytes(data):
    before = read(data)
    assert edit_file(data, PATH, Kind.POST, CONTEXT, {}, before.body) == data


@given(FILES, FIELD_VALUES)
def test_an_edited_file_states_what_was_asked_and_all_else_as_before(data, fields):
    before = read(data)
    after = read(edit_file(data, PATH, Kind.POST, CONTEXT, fields, None))
    assert after.problems == before.problems
    for name, spec in FIELDS.items():
        wanted = fields[name] if name in fields else before.fields.get(name, spec.default)
        assert after.fields.get(name, spec.default) == wanted, name
    assert after.body == before.body


@given(st.sampled_from(["yaml", "toml"]), FIELD_VALUES, st.sampled_from(ENDS), st.booleans())
def test_comments_and_unknown_keys_survive_every_edit(block, fields, newline, bom):
    data = as_file(block, newline=newline, bom=bom)
    after = edit_file(data, PATH, Kind.POST, CONTEXT, fields, None)
    for line in (b"# my own comment", b"weight", b"deep"):
        kept = next(part for part in re.split(rb"\r\n|\r|\n", data) if line in part)
        assert kept + newline.encode() in after


BODIES = st.text(st.sampled_from("ab #-\n`=+é{}"), max_size=60)


@given(FILES, BODIES)
def test_a_new_body_reads_back_and_leaves_the_fields_alone(data, body):
    before = read(data)
    after = read(edit_file(data, PATH, Kind.POST, CONTEXT, {}, body))
    assert after.body == read(f"---\ntitle: a\n---\n{body}".encode()).body
    assert after.fields == before.fields


@given(st.text(st.sampled_from("ab#-\n \n"), max_size=30), BODIES, TEXT, st.booleans())
def test_a_heading_that_is_the_title_stays_one_or_becomes_a_key(lead, body, title, changes_title):
    data = f"{lead}\n\n# Heading\n\nText\n".encode()
    before = read(data)
    if before.problems:
        return
    fields = {"title": canonical_text(title)} if changes_title else {}
    after = read(edit_file(data, PATH, Kind.POST, CONTEXT, fields, body))
    assert after.fields["title"] == fields.get("title", before.fields["title"])
    assert after.body == read(f"---\ntitle: a\n---\n{body}".encode()).body


CHUNKS = {
    "title": [
        "title: x",
        "title: 'x'  # c",
        "title: >\n  folded\n  x\n",
        "title:\n  below",
        "title: x\n  y  # c",
    ],
    "tags": [
        "tags: [a, b] # c",
        "tags:\n- a\n# c\n- b",
        "tags:\n    - a\n\n    - b # c",
        "tags: a, b",
        "tags:",
        "tags: [\n  a,\n  b\n]",
    ],
    "custom_excerpt": [
        "description: |\n  # no comment\n\n  x\n",
        'excerpt: "a\n  b"',
        "custom_excerpt: !!str x",
        "summary: &s x",
    ],
    "status": ["draft: yes", "status: draft", "published: off # c"],
    "x1": ["x1:\n  - {a: 1}\n  -  b", "x1: |+\n  x\n\n", "x1: [1,\n 2]", "'x1': \"é\\n\""],
    "x2": ["# comment\nx2: 1", "\n\n# two\n\nx2: {a: b}", "x2: |2\n    deep\n", "x2: >-\n  a\n  # b"],
    "x3": ["x3:\n\n  y:\n    z: 1\n  # c", "x3: ''", "x3:"],
}


@st.composite
def laid_out(draw):
    keys = draw(st.permutations(list(CHUNKS)))[: draw(st.integers(1, len(CHUNKS)))]
    return {key: draw(st.sampled_from(CHUNKS[key])) for key in keys}


# A value that keeps the blank lines behind it, in front of one that goes and left a blank line and a comment there.
@example(
    {
        "x1": "x1: |+\n  x\n\n",
        "custom_excerpt": "description: |\n  # no comment\n\n  x\n",
        "x2": "# comment\nx2: 1",
    },
    {"custom_excerpt": None},
)
@given(laid_out(), FIELD_VALUES)
def test_however_the_yaml_is_laid_out_other_keys_keep_every_line(chunks, fields):
    fields = {
        name: value for name, value in fields.items() if name in {"title", "tags", "custom_excerpt", "status"}
    }
    data = ("---\n" + "".join(f"{chunk}\n" for chunk in chunks.values()) + f"---\n{BODY}").encode()
    before = read(data)
    assert before.problems == ()
    result = edit_file(data, PATH, Kind.POST, CONTEXT, fields, None)
    after = read(result)
    for name in {*fields, *before.fields} - {"slug"}:
        default = FIELDS[name].default
        wanted = fields[name] if name in fields else before.fields[name]
        assert after.fields.get(name, default) == wanted
    rest = result.decode()
    for key, chunk in chunks.items():
        if key not in fields:
            assert f"\n{chunk.rstrip()}\n" in rest


@given(FILES)
def test_a_ghost_id_adds_one_line_and_no_more(data):
    if not BLOCKS or data.lstrip(codecs.BOM_UTF8)[:1] not in b"-+{":
        return
    result = add_ghost_id(data, ID)
    assert add_ghost_id(result, ID) == result
    assert read(result).ghost_id == ID
    old, new = data.splitlines(keepends=True), result.splitlines(keepends=True)
    if b"{title: a" in data or b'{"title"' in data:
        return  # a block on one line has no line to add
    added = [line for line in new if line not in old]
    assert len(new) == len(old) + 1
    assert len(added) == 1
    assert ID.encode() in added[0]
    assert [line for line in new if line != added[0]] == old


@given(
    FIELD_VALUES,
    st.sampled_from(list(Mode)),
    st.sampled_from(["Etc/UTC", "Europe/Berlin", "America/St_Johns"]),
)
def test_a_new_file_states_what_the_post_holds(fields, mode, timezone):
    whole = {name: spec.default for name, spec in FIELDS.items() if Kind.POST in spec.kinds}
    whole |= {"title": "A title", "slug": "a-title", **fields}
    view = PostView(ID, Kind.POST, "", whole, {})
    document = read(new_file(view, "Body\n", mode, Mode.LEXICAL, timezone))
    assert document.problems == ()
    assert stated_differences(document, view) == ()
    for name, value in whole.items():
        assert document.fields.get(name, FIELDS[name].default) == value
    assert (document.ghost_id, document.mode, document.body) == (ID, mode, "Body\n")


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_whatever_make_reading_fail(data):
    document = read(data)
    assert document.data == data
    assert document.fields["title"]


MATTER_SOUP = st.lists(
    st.sampled_from(
        [
            "title: a",
            "tags: [a",
            "tags: #x",
            "- b",
            "  - c",
            "\t x",
            "date: soon",
            "draft: 1",
            "title: b",
            "{",
            "}",
            '"',
            "a: &b c",
        ]
    ),
    max_size=6,
).map("\n".join)


@given(st.sampled_from(["---", "+++"]), MATTER_SOUP)
def test_broken_front_matter_is_a_problem_or_a_document_never_an_exception(fence, soup):
    document = read(f"{fence}\n{soup}\n{fence}\nBody\n".encode())
    for problem in document.problems:
        assert problem.subject == PATH
        assert problem.remedy
        assert problem.line >= 1


@pytest.mark.parametrize("block", ["yaml", "toml", "json"])
def test_the_samples_of_this_module_are_valid(block):
    assert read(as_file(block)).problems == ()
    assert tomlkit.parse(TOML_FILE)
    assert json.loads(JSON_FILE)
    assert FIELDS["tags"].shape is Shape.NAMES
