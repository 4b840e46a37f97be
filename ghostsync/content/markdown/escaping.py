"""Spelling plain text so that no Markdown parser sees markup in it.

At level 0 only what would be read as markup is escaped, so that `snake_case`, `2 * 3` and `[sic]` stay as
people write them. The guesses are cheap and may be wrong: the writer reads everything again and asks
for level 1, which escapes whatever could ever matter.
"""

from __future__ import annotations

import re

from ghostsync.content.markdown.links import may_hold_links

_SOMETIMES = re.compile(
    r"[\x00-\x1f\x7f\\`*_\[\]<&!](?:(?<=[\x00-\x1f\x7f`])"
    r"|(?<=\\)(?=[!-/:-@\[-`{-~]|$)"
    r"|(?<=\*)(?!(?<=\s\*)\s)"
    r"|(?<=_)(?:(?<![^\W_]_)|(?![^\W_]))"
    r"|(?<=\])(?=[(\[:])|(?<=\[)(?=\^)"
    r"|(?<=<)(?=[A-Za-z/!?])"
    r"|(?<=&)(?=#?\w+;)"
    r"|(?<=!)(?=\[))"
)
"""Begins with all characters that matter, as text is searched for one of a few characters many times as quickly."""

_HINT = re.compile(r"[\\`*_\[\]<&!~^=$@\x00-\x1f\x7f]")
_ALWAYS = re.compile(r"[\x00-\x1f\x7f]|[!#$&*+.:<=>@\[\\\]^_`|~-]")
_MATH = re.compile(r"(\$\$[^$]+\$\$|\$(?![\s$])[^$]*(?<![\s\\])\$(?!\d))")
_LINKS = tuple(
    (hint, re.compile(pattern, re.IGNORECASE))
    for hint, pattern in (
        ("@", r"@(?<=[\w+-]@)(?=\w)"),
        (":", r"://(?:(?<=\bhttp://)|(?<=\bhttps://)|(?<=\bftp://))"),
        (".", r"\.(?<=\bwww\.)"),
    )
)
"""Where a bare link would be seen: a character that it has, and the mark in it before which an escape makes it text."""

_LINE_START = re.compile(
    r"(#{1,6}(?=\s|$)|>|\+(?=\s|$)|-(?=\s|$|[-\s]+$)|=(?=[=\s]*$)|:(?=\s)|\|"
    r"|\[(?=[ xX]\](?:\s|$))|\[(?=!))"
    r"|(\d{1,9})([.)])(?=\s|$)",
)


def escape(text: str, level: int, *, in_link: bool = False) -> str:
    """The text of one run, spelled for the inside of a line. Controls become entities."""
    if not (_HINT.search(text) or may_hold_links(text)):
        return _ALWAYS.sub(_escaped, text) if level else text
    if level:
        return _ALWAYS.sub(_escaped, text)
    if "$" in text and text.count("$") > 1:
        pieces = _MATH.split(text)
        if len(pieces) > 1:
            return "".join(
                piece if index % 2 else _escape(piece, in_link=in_link) for index, piece in enumerate(pieces)
            )
    return _escape(text, in_link=in_link)


def _escape(text: str, *, in_link: bool) -> str:
    result = _SOMETIMES.sub(_escaped, text)
    for mark in ("==", "~", "^"):  # they come in pairs: one alone is the character it is
        if mark in text and text.count(mark) > 1:
            result = result.replace(mark[0], "\\" + mark[0])
    if not in_link and may_hold_links(text):
        for hint, pattern in _LINKS:
            if hint in text:
                result = pattern.sub(r"\\\g<0>", result)
    return result


def _escaped(match: re.Match[str]) -> str:
    char = match[0]
    return f"&#{ord(char)};" if char < " " or char == "\x7f" else "\\" + char


def escape_line_start(line: str) -> str:
    """One line of a paragraph, so that it begins no other block; spaces at its edges as entities."""
    if line[:1] == " ":
        return "&#32;" + line[1:]
    found = _LINE_START.match(line)
    if not found:
        return line
    if found[1]:
        return "\\" + line
    return f"{found[2]}\\{line[len(found[2]) :]}"


_TICKS = re.compile(r"`+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def code_span(text: str) -> str | None:
    """A code span, or None if no code span can hold this text."""
    if not text or _CONTROLS.search(text):
        return None
    if "`" not in text:
        padded = text[0] == " " and text[-1] == " " and text.strip(" ") != ""
        return f"` {text} `" if padded else f"`{text}`"
    lengths = {len(run) for run in _TICKS.findall(text)}
    size = next(size for size in range(1, len(lengths) + 2) if size not in lengths)
    ticks = "`" * size
    return f"{ticks} {text} {ticks}"


_PLAIN_DESTINATION = re.compile(r"[^\s()<>\\&\x00-\x1f\x7f]+")
plain_destination = _PLAIN_DESTINATION.fullmatch
_ENTITY = re.compile(r"&(?=#?\w+;)")


def destination(url: str) -> str | None:
    """A link destination, or None if Markdown cannot hold this one."""
    if _PLAIN_DESTINATION.fullmatch(url):
        return url
    if _CONTROLS.search(url):
        return None
    escaped = _ENTITY.sub("&amp;", re.sub(r"[\\<>]", r"\\\g<0>", url))
    return escaped if url and _PLAIN_DESTINATION.fullmatch(url.replace("&", "")) else f"<{escaped}>"


def link_title(title: str) -> str:
    """The title of a link or image as it stands after the destination, with the space before it."""
    escaped = _ENTITY.sub("&amp;", re.sub(r"[\\\"]", r"\\\g<0>", title)).replace("\n", "&#10;")
    return f' "{escaped}"'
