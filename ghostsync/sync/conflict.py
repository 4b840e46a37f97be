"""NAME.conflict.md: both versions beside the file, in git's way, for a person to settle. Pure.

It has no ghost_id and says draft: true, and the folder never takes it for a document, so that it can do no
harm wherever it is copied. Once a person has edited it and no marker is left, it is the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from ghostsync.content.new_file import stated_line
from ghostsync.content.stated import located
from ghostsync.content.types import Document, FieldValue, PostView
from ghostsync.errors import ContentError
from ghostsync.sync.merge import Base, Reconciled

_TOGETHER = (("status", "published_at"), ("visibility", "tiers"))
"""Keys that a file has to state together to be understood."""


@dataclass(frozen=True, slots=True)
class Companion:
    """A NAME.conflict.md that a person has edited. current: file and post are still those it was made from."""

    document: Document
    current: bool


def companion_path(path: str) -> str:
    """posts/a.md -> posts/a.conflict.md; posts/a.markdown, which may lie beside it -> posts/a.markdown.conflict.md"""
    pure = PurePosixPath(path)
    return str(pure.with_name(f"{pure.stem if pure.suffix.lower() == '.md' else pure.name}.conflict.md"))


def conflict_note(path: str) -> str:
    """Under which name the state remembers the companion of a file: its hash, those of what it shows, and how many
    `own_dividers` it has.
    """
    return f"conflict:{path}"


def dividers(text: bytes) -> list[int]:
    """The numbers of the lines that stand between the two sides of a conflict, or under a heading."""
    return [number for number, line in enumerate(text.splitlines(), 1) if line == b"======="]


def own_dividers(text: bytes) -> int:
    """How many such lines are the text's own in a companion as it was written."""
    return len(dividers(text)) - text.splitlines().count(b"||||||| base")


def leftover(path: str, text: bytes, own: int) -> ContentError | None:
    """What is wrong with an edited companion where a line of a conflict is left that could also underline a heading."""
    found = dividers(text)
    if len(found) <= own:
        return None
    return located(
        path,
        found[0],
        "",
        "a line ======= of the conflict is still here",
        "Remove it. Should it underline a heading, write the heading as # ... instead.",
    )


def conflict_text(
    base: Base,
    local: Document,
    remote: PostView,
    content: Reconciled,
    *,
    timezone: str = "Etc/UTC",
    spell: Callable[[str], str] = str,
) -> bytes:
    """Front matter with the keys in conflict, then the body; git-style markers where the two differ.

    spell: a body as the file spells its links.
    """

    def line(name: str, value: FieldValue) -> str:
        return stated_line(name, value, timezone)

    keys = [key for key in content.conflicts if key != "body"]
    lines = ["---\n", "draft: true\n"]
    if "title" not in keys:
        lines.append(line("title", local.fields.get("title", "")))
    for key in keys:
        lines += [
            "<<<<<<< file\n",
            line(key, local.fields.get(key)),
            "||||||| base\n",
            line(key, base.view.fields.get(key)),
            "=======\n",
            line(key, remote.fields.get(key)),
            ">>>>>>> Ghost\n",
        ]
    for group in _TOGETHER:
        if set(group) & set(keys):
            lines += [line(key, remote.fields.get(key)) for key in group if key not in keys]
    lines.append("---\n\n")
    body = content.conflict_body or (local.body if content.file_body is None else content.file_body)
    return ("".join(lines) + spell(body.strip("\n")) + "\n").encode()
