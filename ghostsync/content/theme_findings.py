"""What Ghost's check of a theme found (gscan's results) -> errors with file and line. Pure.

Ghost names the file, and the line only where Handlebars could not read it. Elsewhere it names what it dislikes (`{{author.name}}`,
an unknown helper, a property of package.json), and the line is where that stands in the file.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ghostsync.errors import ContentError

PACKAGE = "package.json"
Read = Callable[[str], str | None]
"""A file of the theme by its path; None where there is none that is text."""

_POSITION = re.compile(r" - (\d+):\d+$|\bParse error on line (\d+)\b|\bline (\d+)\b")
_MUSTACHE = re.compile(r"\{\{\{?[#^/&]?\s*([@\w.\[\]#-]+)")
_PARTIAL = re.compile(r"\bpartial ['\"]?([\w./-]+)['\"]? could not be found")
_HELPER = re.compile(r"Missing helper: ['\"]([\w.-]+)['\"]")
_PROPERTY = re.compile(r'"([\w.-]+)"')
_PATH = re.compile(r"\bconfig(?:\.\w+)+")
_CLASS = re.compile(r"<code>(\.[\w-]+)</code>")
_LINK = re.compile(r"""href=["']?(https://[^"'\s>]+)""")
_BREAK = re.compile(r"<br\s*/?>|\n")
_TAG = re.compile(r"<[^>]+>")
_ONE_CAUSE = ("GS010-PJ-REQ", "GS010-PJ-PARSE")
"""Where package.json is missing or no JSON, all its other rules fail as well, and say nothing."""


@dataclass(frozen=True, slots=True)
class ThemeFindings:
    """fatal: why Ghost does not take the theme. errors: it works in spite of them. warnings: told by a Ghost that is not in
    production.
    """

    fatal: tuple[ContentError, ...] = ()
    errors: tuple[ContentError, ...] = ()
    warnings: tuple[ContentError, ...] = ()


def findings(errors: object, warnings: object, read: Read) -> ThemeFindings:
    """errors, warnings: as Ghost answers them, in `details` of a refusal or with the theme that it took."""
    rows = [row for row in errors if isinstance(row, dict)] if isinstance(errors, list) else []
    codes = {str(row.get("code")) for row in rows}
    for cause in _ONE_CAUSE:
        if cause in codes:
            rows = [row for row in rows if row.get("code") == cause or not _of_package(row)]
            break
    mild = [row for row in warnings if isinstance(row, dict)] if isinstance(warnings, list) else []
    return ThemeFindings(
        _told((row for row in rows if row.get("fatal")), read),
        _told((row for row in rows if not row.get("fatal")), read),
        _told(mild, read),
    )


def _of_package(row: Mapping[str, Any]) -> bool:
    return str(row.get("code") or "").startswith("GS010")


def _told(rows: Iterable[Mapping[str, Any]], read: Read) -> tuple[ContentError, ...]:
    found: dict[tuple[str, int, str], ContentError] = {}
    for row in rows:
        failures = row.get("failures")
        listed = [one for one in failures if isinstance(one, dict)] if isinstance(failures, list) else []
        for failure in listed or [{"ref": PACKAGE if _of_package(row) else ""}]:
            error = _error(row, failure, read)
            found.setdefault((error.subject, error.line, error.what), error)
    return tuple(sorted(found.values(), key=lambda error: (error.subject, error.line)))


def _error(row: Mapping[str, Any], failure: Mapping[str, Any], read: Read) -> ContentError:
    rule, said = plain(row.get("rule")), plain(failure.get("message"))
    path = str(failure.get("ref") or "").replace("\\", "/").removeprefix("./")
    text = read(path)
    code = str(row.get("code") or "")
    details = str(row.get("details") or "")
    link = _LINK.search(details)
    advice = plain(_BREAK.split(details, maxsplit=1)[0]) if details else ""
    return ContentError(
        f"{rule}: {said}" if said else rule or "Ghost's check failed",
        line=_line(row, said, path, text) if text is not None else 0,
        subject=path,
        remedy="\n".join(filter(None, [advice, f"{code}: {link[1]}" if link else code])),
    )


def _line(row: Mapping[str, Any], said: str, path: str, text: str) -> int:
    """1-based, 0 where it cannot be told."""
    if position := _POSITION.search(said):
        return next(int(number) for number in position.groups() if number)
    if path == PACKAGE:
        return _line_in_package(row, said, text)
    for snippet in _snippets(row, said):
        if match := re.search(snippet, text):
            return text.count("\n", 0, match.start()) + 1
    return 0


def _snippets(row: Mapping[str, Any], said: str) -> Iterable[str]:
    """Regular expressions for what the check dislikes, the surest first."""
    if partial := _PARTIAL.search(said):
        yield rf"\{{\{{[#~]?\s*>\s*['\"]?{re.escape(partial[1])}\b"
    if helper := _HELPER.search(said):
        yield rf"\{{\{{\{{?[#~^/]?\s*{re.escape(helper[1])}\b"
    for told in (said, str(row.get("helper") or ""), plain(row.get("rule"))):
        for name in _MUSTACHE.findall(told):
            yield rf"\{{\{{\{{?[^}}]*{re.escape(name)}"
            yield re.escape(name)
    for name in _CLASS.findall(str(row.get("rule") or "")):
        yield re.escape(name)


def _line_in_package(row: Mapping[str, Any], said: str, text: str) -> int:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.lineno
    for name in (*_PATH.findall(said), *_PROPERTY.findall(html.unescape(str(row.get("rule") or "")))):
        match = re.search(rf'"{re.escape(name.rpartition(".")[2])}"\s*:', text)
        if match is not None:
            return text.count("\n", 0, match.start()) + 1
    return 1


def plain(value: object) -> str:
    """Ghost's HTML as a line for a terminal."""
    text = html.unescape(_TAG.sub("", _BREAK.sub(" ", str(value or ""))))
    return " ".join(text.split())
