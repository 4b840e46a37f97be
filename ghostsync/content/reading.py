"""A file's bytes -> a Document, together with all that editing the file needs to know."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ghostsync.content.fields import FIELDS, Field
from ghostsync.content.front_matter.json_read import read_json
from ghostsync.content.front_matter.toml_read import read_toml
from ghostsync.content.front_matter.values import Matter
from ghostsync.content.front_matter.yaml_read import read_yaml
from ghostsync.content.slug import humanise, slug_for, stem_of
from ghostsync.content.source import Form, NotText, Source, split, without_blank_end
from ghostsync.content.stated import Stated, located, read_statement
from ghostsync.content.title import first_heading
from ghostsync.content.types import Context, Document
from ghostsync.errors import ContentError
from ghostsync.model import Kind

_MARKER = re.compile(r"^(<{7}|={7}|>{7}|\|{7})(?: .*)?$", re.MULTILINE)
_OURS = {"<<<<<<< file", "||||||| base", ">>>>>>> Ghost"}
"""As `content.markdown.merge` writes them: whatever else is left of the conflict, nobody means these lines to be read."""
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)
_BLANK_LINES = re.compile(r"(?:[ \t]*\n)*")
_READERS = {Form.YAML: read_yaml, Form.TOML: read_toml, Form.JSON: read_json}


@dataclass(frozen=True, slots=True)
class BodyParts:
    """A body with the H1 that served as title cut out: lead + before + heading + after + trail.

    lead, trail: the blank lines around it. Only before + after is the document's body.
    """

    lead: str
    before: str
    heading: str
    after: str
    trail: str
    underlined: bool = False

    @property
    def text(self) -> str:
        text = (self.before + self.after).rstrip("\n") if self.heading else self.before
        return f"{text}\n" if text else ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file, read: its document, and the parts it was read from."""

    document: Document
    source: Source
    matter: Matter
    stated: Stated
    body: BodyParts


def read_matter(source: Source) -> Matter:
    """The keys of a file's front matter; none where it has no block, or one without an end."""
    if source.form is Form.NONE or source.unclosed:
        return Matter({})
    return _READERS[source.form](source.matter)


def read(data: bytes, path: str, kind: Kind, context: Context) -> Reading:
    """Everything a file says. Never raises: what is wrong is in `document.problems`."""
    try:
        source = split(data)
    except NotText as error:
        return _unreadable(data, path, kind, context, error)
    problems: list[ContentError] = []
    if source.unclosed:
        fence = source.body.lstrip()[:3] if source.form is not Form.JSON else "}"
        problems.append(
            located(
                path,
                source.body[: len(source.body) - len(source.body.lstrip())].count("\n") + 1,
                "",
                "the front matter that begins here has no end",
                f"Close it with a line {fence}. If the text only opens with a rule, write it as ***.",
            )
        )
    matter = Matter({})
    if source.form is not Form.NONE and not source.unclosed:
        marker = _MARKER.search(source.matter)
        if marker and marker[1][0] in "<>|":
            problems.append(_conflict(path, source.first_line + source.matter.count("\n", 0, marker.start())))
        else:
            matter = read_matter(source)
    stated = read_statement(matter, path, kind, context, source.first_line)
    problems.extend(
        located(path, trouble.line + source.first_line - 1, trouble.key, trouble.what, trouble.remedy)
        for trouble in matter.troubles
    )
    problems.extend(stated.problems)
    if (at := _conflict_at(source.body)) >= 0:
        problems.append(_conflict(path, source.body_line + source.body.count("\n", 0, at)))

    fields = dict(stated.fields)
    parts, title = _take_apart(source.body, take_heading="title" not in fields)
    title_stated = True
    if "title" not in fields:
        title_stated = bool(title)
        fields["title"] = title or humanise(stem_of(path))
        limit = FIELDS["title"].limit
        if len(str(fields["title"])) > limit:
            problems.append(
                located(
                    path,
                    source.body_line if title else 0,
                    "title",
                    f"the title is {len(str(fields['title']))} characters long; Ghost takes {limit}",
                    "Add a shorter title: to the front matter.",
                )
            )
    document = Document(
        path=path,
        kind=kind,
        ghost_id=stated.ghost_id,
        fields={name: fields[name] for name in FIELDS if name in fields},
        slug=slug_for(path, fields),
        body=parts.text,
        mode=stated.mode or context.mode,
        data=data,
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
        title_stated=title_stated,
        email=stated.email,
    )
    return Reading(document, source, matter, stated, parts)


def _take_apart(body: str, *, take_heading: bool) -> tuple[BodyParts, str]:
    """The parts of a body and the title its first H1 gives ("" if it has none or is not to be looked for)."""
    lead = _BLANK_LINES.match(body)
    start = lead.end() if lead else 0
    text = without_blank_end(body[start:])
    trail = body[start + len(text) :]
    if not text:
        return BodyParts(body, "", "", "", ""), ""
    heading = first_heading(text) if take_heading else None
    if heading is None or not heading.title:
        return BodyParts(body[:start], text, "", "", trail), ""
    gap = _BLANK_LINES.match(text, heading.end)
    end = gap.end() if gap else heading.end
    parts = BodyParts(
        body[:start], text[: heading.start], text[heading.start : end], text[end:], trail, heading.underlined
    )
    return parts, heading.title


def _conflict(path: str, line: int) -> ContentError:
    return located(
        path,
        line,
        "",
        "there are git conflict markers here",
        "Settle the conflict: keep what is right and remove the lines with <<<<<<<, ======= and >>>>>>>.",
    )


def _conflict_at(body: str) -> int:
    """Where a conflict of git begins in a body, or what is left of one of ours; -1 if nowhere.

    Markers inside one fenced code block are a text about git, not a conflict: both a published example and a
    code block pulled from Ghost must stay writable.
    """
    if not any(mark in body for mark in ("<<<<<<<", "|||||||", ">>>>>>>")):
        return -1
    fence = ""
    wanted, began = "<", -1
    events = sorted([*_MARKER.finditer(body), *_FENCE.finditer(body)], key=lambda match: match.start())
    for match in events:
        mark = match[1]
        if mark[0] in "`~":
            if not fence:
                fence = mark
            elif mark.startswith(fence) and not body[match.end() :].split("\n", 1)[0].strip():
                fence = ""
        elif not fence and match[0] in _OURS:
            return match.start()
        elif mark[0] == "<" and not fence:
            wanted, began = "=", match.start()
        elif mark[0] == "=" and wanted == "=":
            wanted = ">"
        elif mark[0] == ">" and wanted == ">":
            return began
    return began if wanted == ">" else -1  # somebody has begun to settle it, from its end


def _unreadable(data: bytes, path: str, kind: Kind, context: Context, error: NotText) -> Reading:
    problem = located(
        path,
        error.line,
        "",
        f"the file is not UTF-8 text: byte 0x{error.byte:02X} at offset {error.offset}",
        "Save it as UTF-8 (for a Latin-1 file: iconv -f latin1 -t utf-8).",
    )
    title: Field = FIELDS["title"]
    document = Document(
        path=path,
        kind=kind,
        ghost_id="",
        fields={title.name: humanise(stem_of(path))},
        slug=slug_for(path, {}),
        body="",
        mode=context.mode,
        data=data,
        problems=(problem,),
        title_stated=False,
    )
    empty = Source(Form.NONE, "", "", "", "", "", bom=False, newline="\n", first_line=1)
    return Reading(document, empty, Matter({}), Stated(), BodyParts("", "", "", "", ""))
