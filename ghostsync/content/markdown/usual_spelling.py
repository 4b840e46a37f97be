"""The inline content that most blocks consist of, spelled in one quick pass.

Text, bold, italic and code between plain text, and links with a plain text or code: what this spells is what
`inline_spelling` would, which looks at all that may meet.
"""

from __future__ import annotations

from typing import Any, Final

from ghostsync.content.lexical import nodes
from ghostsync.content.markdown.escaping import code_span, escape, plain_destination

_DELIMITERS: Final = {nodes.BOLD: "**", nodes.ITALIC: "*"}
_NOTHING: Final = (None, "")
LINK_KEYS: Final = frozenset(
    {"children", "direction", "format", "indent", "type", "version", "rel", "target", "title", "url"}
)


def spell_usual(children: list[Any]) -> str | None:
    """Inline Markdown at the first level of care; None if there is more in the children than is spelled here."""
    out: list[str] = []
    run: list[str] = []  # neighbouring texts of one format
    format = -1  # theirs, -1 where there are none
    for child in children:
        kind = child.get("type") if child.__class__ is dict else None
        if kind in nodes.TEXT_TYPES:
            text, own = child.get("text"), child.get("format")
            if text.__class__ is not str or own.__class__ is not int:
                return None
            if own != format and text:
                if not _end(run, format, out, text[0]) or (format > 0 and own):
                    return None  # two delimiters would meet
                format = own
            run.append(text)
        elif kind == "link" and _end(run, format, out, "["):
            spelled = None if out and out[-1][-1:] == "!" else _link(child)
            if spelled is None:
                return None
            format = -1
            out.append(spelled)
        else:
            return None
    return "".join(out) if _end(run, format, out, " ") else None


def _end(run: list[str], format: int, out: list[str], after: str) -> bool:
    """Spell the run of texts that ends here, before this character; False if that is not done here."""
    if not run:
        return True
    text = run[0] if len(run) == 1 else "".join(run)
    run.clear()
    if not text:
        return False
    if not format:
        out.append(escape(text, 0))
        return True
    if format == nodes.CODE:
        spelled = code_span(text)
    else:
        mark = _DELIMITERS.get(format)
        spelled = mark and _delimited(mark, text, out[-1][-1] if out else " ", after)
    if spelled is None:
        return False
    out.append(spelled)
    return True


def _delimited(mark: str, text: str, before: str, after: str) -> str | None:
    """Text between delimiters, if they open and close between these characters (CommonMark's flanking rules)."""
    first, last = text[0], text[-1]
    if not first.isalnum() and (first.isspace() or before.isalnum()):
        return None
    if not last.isalnum() and (last.isspace() or after.isalnum()):
        return None
    return f"{mark}{escape(text, 0)}{mark}"


def _link(link: dict[str, Any]) -> str | None:
    """A link that has nothing but an address and one run of plain text or of code."""
    url, children = link.get("url"), link.get("children")
    if not link.keys() <= LINK_KEYS:
        return None
    if url.__class__ is not str or children.__class__ is not list or len(children) != 1:
        return None
    child = children[0]
    if child.__class__ is not dict or child.get("type") not in nodes.TEXT_TYPES:
        return None
    if (
        link.get("title") not in _NOTHING
        or link.get("rel") not in _NOTHING
        or link.get("target") not in _NOTHING
    ):
        return None
    text = child.get("text")
    if text.__class__ is not str or not text or "[" in text or "]" in text or not plain_destination(url):
        return None
    if child.get("format") == nodes.CODE:
        spelled = code_span(text)
        return spelled and f"[{spelled}]({url})"
    if child.get("format") != 0:
        return None
    return f"<{text}>" if is_autolink(url, children) else f"[{escape(text, 0, in_link=True)}]({url})"


def is_autolink(url: str, children: list[Any]) -> bool:
    """Whether a link shows just its address, and `<address>` would read as it."""
    if len(children) != 1 or children[0].get("format") != 0:
        return False
    text = children[0].get("text")
    if not isinstance(text, str) or not text or any(char in text for char in " <>\\&\n\t"):
        return False
    if url == text:
        return text.startswith(("http://", "https://"))
    return url == "mailto:" + text and text.count("@") == 1 and text.isascii()
