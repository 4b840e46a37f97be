"""The sample blog: what the demo shows must itself be in order."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from ghostsync.content.body import body_payload
from ghostsync.content.document import read_document
from ghostsync.content.fields import FIELDS
from ghostsync.content.types import Context
from ghostsync.model import Kind, Mode, SiteInfo, Storage

SITE = Path(__file__).parents[2] / "sample_site"
FILES = sorted(SITE.rglob("*.md"))
CONTEXT = Context(
    site=SiteInfo("Sample", "https://blog.example/", "6.65", "Europe/Berlin"),
    now=1_780_000_000,
    mode=Mode.LEXICAL,
    uploads=True,
)


def read(path):
    kind = Kind.PAGE if path.relative_to(SITE).parts[0] == "pages" else Kind.POST
    return read_document(path.read_bytes(), path.relative_to(SITE).as_posix(), kind, CONTEXT)


def bodies():
    return "\n".join(read(path).body for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_document_has_a_problem(path):
    document = read(path)
    assert document.problems == ()
    assert body_payload(document.body, document.mode, Storage.LEXICAL, old=None).payload["lexical"]


def test_there_is_enough_of_everything():
    documents = [read(path) for path in FILES]
    assert len(documents) >= 8
    assert {document.kind for document in documents} == {Kind.POST, Kind.PAGE}
    assert {document.fields["status"] for document in documents} == {"draft", "scheduled", "published"}
    assert {document.fields.get("visibility", "public") for document in documents} >= {
        "public",
        "members",
        "tiers",
    }
    assert len({document.slug for document in documents}) == len(documents)


def test_every_field_an_author_may_set_is_shown():
    shown = {name for path in FILES for name in read(path).fields}
    assert shown == set(FIELDS)


@pytest.mark.parametrize(
    "sign",
    [
        "```ghost ",
        "\n| ",
        "[^1]",
        "- [ ] ",
        "\n> ",
        "~~",
        "<!--members-only-->",
        "<details>",
        "\n![",
        "\n1. ",
        "<!--audio-->",
        "<!--video ",
        "<!--file-->",
        "![[",
        "<img ",
        "productImageSrc",
        "<!--cardWidth=wide-->",
        "\n[![",
    ],
)
def test_the_bodies_show_what_can_be_written(sign):
    assert sign in bodies()


def test_nobody_gets_mail_from_a_demo():
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    assert not any(word in text for word in ("newsletter:", "email_segment", "email_only"))


def test_every_file_of_the_sample_is_shown():
    text = unquote("".join(path.read_text(encoding="utf-8") for path in FILES))
    unshown = [path.name for path in (SITE / "media").rglob("*.*") if path.name not in text]
    assert unshown == []


def test_the_sample_is_whole_without_a_network():
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    assert not re.search(r"!\[[^\]]*\]\(https?:|(?:_image|cover): *[\"']?https?:", text)
