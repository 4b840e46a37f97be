"""What the front matter tests share: a site with two authors and a tier, and short ways to read and edit."""

from __future__ import annotations

from dataclasses import replace

from ghostsync.content.document import edit_file, read_document
from ghostsync.content.types import Context
from ghostsync.model import Author, Kind, Mode, SiteInfo, Tier

ID = "6b0519e8a9cdde14d51226c2"
NOW = 1_800_000_000  # 2027-01-15T08:00:00Z
CONTEXT = Context(
    SiteInfo("Site", "https://blog.example.com/", "6.65", "Europe/Berlin"),
    NOW,
    Mode.LEXICAL,
    authors=(
        Author("1" * 24, "jane", "Jane Doe", "jane@example.com"),
        Author("2" * 24, "bob", "Bob"),
        Author("3" * 24, "bob-2", "Bob"),
    ),
    tiers=(Tier("4" * 24, "gold", "Gold"),),
)


def on_ghost(version, **changes):
    return replace(CONTEXT, site=replace(CONTEXT.site, version=version), **changes)


def yaml(*lines, body="Body\n"):
    return ("---\n" + "".join(f"{line}\n" for line in lines) + f"---\n\n{body}").encode()


def read(data, path="posts/a-file.md", kind=Kind.POST, context=CONTEXT):
    return read_document(data, path, kind, context)


def fields(*lines, **how):
    document = read(yaml(*lines), **how)
    assert document.problems == ()
    return {
        name: value for name, value in document.fields.items() if name != "title" or document.title_stated
    }


def problem(*lines, **how):
    (only,) = read(yaml(*lines), **how).problems
    return only


def edit(data, body=None, context=CONTEXT, path="posts/a-file.md", **wanted):
    return edit_file(data, path, Kind.POST, context, wanted, body)
