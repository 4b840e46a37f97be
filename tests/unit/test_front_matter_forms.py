"""The shapes a file may have: fences, formats, line ends, and what is wrong with broken ones."""

from __future__ import annotations

import codecs

import frontmatter
import pytest
from front_matter_samples import ID, read, yaml

from ghostsync.content.source import Form, split


@pytest.mark.parametrize(
    "data",
    [
        b"---\ntitle: A title\ntags: [a, b]\nghost_id: 6b0519e8a9cdde14d51226c2\n---\n\nBody\n",
        b"---\ntitle: A title\ntags: [a, b]\nghost_id: 6b0519e8a9cdde14d51226c2\n...\n\nBody\n",
        b"+++\ntitle = 'A title'\ntags = ['a', 'b']\nghost_id = '6b0519e8a9cdde14d51226c2'\n+++\n\nBody\n",
        b'{\n"title": "A title", "tags": ["a", "b"],\n"ghost_id": "6b0519e8a9cdde14d51226c2"}\n\nBody\n',
        b'{"title": "A title", "tags": ["a", "b"], "ghost_id": "6b0519e8a9cdde14d51226c2"}\nBody\n',
    ],
)
@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("bom", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize("lead", [b"", b"\n\n"])
def test_all_formats_read_alike_with_every_line_end(data, newline, bom, lead):
    document = read(bom + lead + data.replace(b"\n", newline))
    assert document.problems == ()
    assert document.fields == {"title": "A title", "tags": ("a", "b")}
    assert (document.ghost_id, document.body) == (ID, "Body\n")


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("Just text.\n", "Just text.\n"),
        ("", ""),
        ("\ufeff", ""),
        ("{{< figure >}}\n\nText", "{{< figure >}}\n\nText\n"),
        ("{% include x %}\n", "{% include x %}\n"),
        ("----\n\nfour dashes are a rule\n", "----\n\nfour dashes are a rule\n"),
        ("***\n\nText\n\n---\n\nMore\n", "***\n\nText\n\n---\n\nMore\n"),
    ],
)
def test_a_file_without_front_matter_is_all_body(text, body):
    document = read(text.encode())
    assert document.problems == ()
    assert document.body == body
    assert not document.title_stated


def test_a_body_may_open_with_a_rule():
    assert read(yaml("title: a", body="---\n\nText\n")).body == "---\n\nText\n"


def test_a_key_called_content_is_the_authors_own():
    document = read(yaml("title: a", "content: not the body"))
    assert document.problems == ()
    assert document.body == "Body\n"


def test_an_empty_front_matter_is_none_at_all():
    document = read(b"---\n---\nBody")
    assert document.problems == ()
    assert document.body == "Body\n"


def test_blank_lines_around_the_body_are_not_part_of_it():
    assert read(yaml("title: a", body="\n \n    code\n\nText  \n\n\n")).body == "    code\n\nText\n"


@pytest.mark.parametrize(
    ("data", "line", "what"),
    [
        (b"---\ntitle: a\n\nText\n", 1, "has no end"),
        (b"\n\n+++\ntitle = 1\n", 3, "has no end"),
        (b'{\n"title": "a"\n\nText\n', 1, "has no end"),
        (b"---\ntitle: a\ntitle: b\n---\n", 3, "twice"),
        (b"+++\ntitle = 'a'\ntitle = 'b'\n+++\n", 3, "twice"),
        (b'{\n"title": "a",\n"title": "b"\n}\n', 3, "twice"),
        (b"---\nalt:\n  a: 1\n  a: 2\n---\n", 4, "twice"),
        (b"---\ntitle: a\n\ttags: b\n---\n", 3, "tab"),
        (b"---\ntitle: a: b\n---\n", 2, "colon"),
        (b"---\ntitle: *a\n---\n", 2, "not valid YAML"),
        (b"---\ntitle: \x01\n---\n", 2, "U+0001"),
        (b"---\n- a\n- b\n---\n", 2, "not a list of `key: value` lines"),
        (b"---\nA paragraph between rules.\n---\n", 2, "not a list of `key: value` lines"),
        (b"+++\ntitle = a\n+++\n", 2, "not valid TOML"),
        (b'{\n"title": "a",\n}\nText\n', 3, "not valid JSON"),
        (b"---\ntitle: caf\xe9\n---\n", 2, "0xE9 at offset 14"),
        (b"\xef\xbb\xbf---\r\ntitle: a\r\n---\r\n\xff\n", 4, "0xFF at offset 23"),
        (b"---\nx: " + b"[" * 100_000 + b"\n---\n", 2, "nested far too deeply"),
    ],
)
def test_broken_files_are_problems_that_name_the_line(data, line, what):
    (problem,) = read(data).problems
    assert what in problem.what
    assert problem.line == line
    assert problem.subject == "posts/a-file.md"
    assert problem.remedy


CONFLICT = "<<<<<<< HEAD\nmine\n=======\ntheirs\n>>>>>>> branch\n"


def test_conflict_markers_in_the_body_are_a_problem():
    (problem,) = read(yaml("title: a", body=f"Text\n\n{CONFLICT}")).problems
    assert "conflict markers" in problem.what
    assert problem.line == 7


def test_a_conflict_whose_end_was_taken_away_already_is_seen():
    (problem,) = read(yaml("title: a", body="<<<<<<< HEAD\nmine\n=======\ntheirs\n")).problems
    assert "conflict markers" in problem.what


def test_conflict_markers_in_the_front_matter_are_one_problem():
    (problem,) = read(yaml("title: a", *CONFLICT.splitlines())).problems
    assert "conflict markers" in problem.what
    assert problem.line == 3


def test_conflict_markers_with_the_base_between_them_are_seen():
    text = "<<<<<<< a\nx\n||||||| base\ny\n=======\nz\n>>>>>>> b\n"
    assert read(yaml("title: a", body=text)).problems


OURS = "<<<<<<< file\nmine\n||||||| base\nbefore\n=======\ntheirs\n>>>>>>> Ghost\n"


@pytest.mark.parametrize("line", ["<<<<<<< file", "||||||| base", ">>>>>>> Ghost"])
def test_a_line_that_is_left_of_a_conflict_of_our_own_is_a_problem_and_named(line):
    others = [other for other in OURS.splitlines() if other[0] not in "<|=>"]
    (problem,) = read(yaml("title: a", body="\n".join([*others, line, ""]))).problems
    assert "conflict markers" in problem.what
    assert problem.line == 8
    assert read(yaml("title: a", body=f"```\n{line}\n```\n")).problems == ()


@pytest.mark.parametrize("line", ["<<<<<<< file", "||||||| base", ">>>>>>> Ghost"])
def test_a_line_that_is_left_of_a_conflict_in_the_front_matter_is_one_problem(line):
    (problem,) = read(yaml("title: a", line)).problems
    assert "conflict markers" in problem.what


@pytest.mark.parametrize(
    "text",
    [
        f"```text\n{CONFLICT}```\n",
        f"~~~~\n```\n{CONFLICT}~~~~\n",
        "A heading\n=======\n\n>>>>>>> seven quotes\n",
        "    <<<<<<< indented\n    =======\n    >>>>>>> code\n",
    ],
)
def test_a_text_about_conflict_markers_is_no_conflict(text):
    assert read(yaml("title: a", body=text)).problems == ()


def test_a_conflict_around_a_code_block_is_seen():
    text = "<<<<<<< a\n```\nx\n```\n=======\n```\ny\n```\n>>>>>>> b\n"
    assert read(yaml("title: a", body=text)).problems


@pytest.mark.parametrize(
    "data", [yaml("a: 1", body="b\n---\nc"), b"no matter", b'{"a": 1}\n\nb', b"+++\n+++"]
)
def test_the_parts_of_a_file_make_the_file_again(data):
    assert split(data).join() == data


def test_a_file_with_both_line_ends_keeps_each_where_it_was():
    data = b"---\r\na: 1\nb: 2\r\n---\n\r\none\ntwo\r\nthree"
    source = split(data)
    assert source.join() == data
    assert (
        source.join(body="\none\nnew\ntwo\nthree")
        == b"---\r\na: 1\nb: 2\r\n---\n\r\none\nnew\r\ntwo\r\nthree"
    )


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: a\ntags: [x, y]\n---\n\nBody\n\n- item\n",
        "---\nx: 1\n---\n",
        "Body only\n",
        "---\na: é\n---\nü",
    ],
)
def test_python_frontmatter_agrees_on_ordinary_files(text):
    source = split(text.encode())
    metadata, content = frontmatter.parse(text)
    assert (source.form is Form.NONE) == (metadata == {})
    assert source.body.strip() == content
