"""Bodies, whatever their mode and however Ghost keeps them: the one door to the rest of content mapping.

The inner form of a body in Ghost is always a Lexical root; in a file it is text with LF line ends. A mode says how
the two relate: native blocks, one Markdown card, or HTML that Python-Markdown makes of the text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ghostsync.content.html import render_html, shows_nothing
from ghostsync.content.lexical import canonical_children, children_of, empty_root, same, transplant
from ghostsync.content.lexical import root as root_of
from ghostsync.content.lexical.canonical import without_last_blank
from ghostsync.content.lexical.nodes import markdown as markdown_node
from ghostsync.content.markdown import merge_markdown, read_markdown, respell, write_markdown
from ghostsync.content.markdown_card import card_text, file_text, relative, unwrapped
from ghostsync.content.mobiledoc import lexical_to_mobiledoc, mobiledoc_to_lexical, native
from ghostsync.content.mobiledoc.write import NEWEST_MAJOR
from ghostsync.content.types import BodyPayload, MergedBody, Node, Root
from ghostsync.errors import ContentError
from ghostsync.model import Mode, Storage

_FIRST_LEXICAL_MAJOR = 5

_MAX_DEPTH = 300
"""Deeper than this no page has ever nested, and what walks JSON by recursion would come near Python's limit."""

_FEW = 2
"""Only a last blank paragraph shows nothing, so that a body of more blocks is not empty; saves looking at them."""

_CARD_KEYS = frozenset({"type", "version", "markdown"})

_BLANK: Node = {
    "children": [],
    "direction": None,
    "format": "",
    "indent": 0,
    "type": "paragraph",
    "version": 1,
}
"""The empty paragraph that an empty post of Ghost's editor consists of."""


@dataclass(frozen=True, slots=True)
class Respelled:
    """A file's body after Ghost's changed. mode differs from the old one when the old one cannot say it."""

    text: str
    mode: Mode


def read_stored_body(data: Mapping[str, Any]) -> tuple[Root, Storage]:
    """The body of a post as Ghost's JSON has it, and how Ghost keeps it.

    data: "lexical" and "mobiledoc", each JSON text, None or absent. Ghost 2 to 4 know only mobiledoc; Ghost 5 has
    one of the two. Raises ContentError.
    """
    lexical, mobiledoc = data.get("lexical"), data.get("mobiledoc")
    if lexical:
        return _read_lexical(lexical), Storage.LEXICAL
    if mobiledoc:
        if not isinstance(mobiledoc, str):
            raise _unreadable("mobiledoc", "it is not text")
        return mobiledoc_to_lexical(mobiledoc), Storage.MOBILEDOC
    return empty_root(), Storage.LEXICAL if "lexical" in data else Storage.MOBILEDOC


def default_mode(major: int) -> Mode:
    """The mode of a Ghost of this major version, where the configuration names none."""
    return Mode.LEXICAL if major >= _FIRST_LEXICAL_MAJOR else Mode.MARKDOWN


def mode_of_pulled(root: Root, default: Mode, html_extensions: Sequence[str] = ()) -> Mode:
    """The mode for the file of a post that has none yet; default: the site's.

    One Markdown card and nothing else is its text, on any site. Native blocks become `html` only where a round
    trip through HTML, with these extensions, can lose nothing of them.
    """
    card = card_of(root)
    if card is not None and card.keys() <= _CARD_KEYS:  # the text of a file has no place for more
        return Mode.MARKDOWN
    if is_empty(root):
        return default
    if default is Mode.HTML and _html_says(write_markdown(root), root, html_extensions):
        return Mode.HTML
    return Mode.LEXICAL


def is_empty(root: Root) -> bool:
    """Whether a body shows nothing: no blocks, or the one empty paragraph of a new post."""
    if len(children_of(root)) > _FEW:
        return False
    return not without_last_blank(canonical_children(root))


def card_of(root: Root) -> Node | None:
    """The Markdown card that is the whole body, or None."""
    children = children_of(root)
    if not children or children[0].get("type") != "markdown":
        return None
    if len(without_last_blank(canonical_children(root))) != 1:
        return None
    return children[0] if isinstance(children[0].get("markdown", ""), str) else None


def fresh_body(root: Root, mode: Mode) -> str:
    """The text for a new file: in `markdown` mode the card's, to the letter; else Markdown written anew."""
    if mode is Mode.MARKDOWN and (card := card_of(root)) is not None:
        return _ended(card.get("markdown", ""))
    return write_markdown(native(root))


def body_changed(base_text: str, local_text: str, mode: Mode) -> bool:
    """Whether a file's body says something else than it did.

    `lexical`: other blocks, however they are spelled. `markdown`, `html`: another text, but for newlines at its
    ends: there the text itself is what is sent.
    """
    if base_text == local_text:
        return False
    if mode is Mode.LEXICAL:
        return not same(read_markdown(base_text), read_markdown(local_text))
    return base_text.strip("\n") != local_text.strip("\n")


def body_equals(
    text: str, root: Root, mode: Mode, *, site_url: str = "", html_extensions: Sequence[str] = ()
) -> bool:
    """Whether a file says what Ghost holds, where no base tells (a first run). False when in doubt.

    html_extensions: those of the `html` mode; a text that renders to nothing equals an empty body.
    """
    if mode is Mode.MARKDOWN:
        card = card_of(root)
        if card is None:
            return is_empty(root) and not text.strip()
        held = relative(card.get("markdown", ""), site_url).strip("\n")
        mine = relative(text, site_url).strip("\n")
        return held in (mine, unwrapped(mine))
    if mode is Mode.HTML and is_empty(root):
        return shows_nothing(render_html(text, html_extensions))
    return same(read_markdown(text), native(root), site_url=site_url)


def respell_body(
    text: str, old: Root, new: Root, mode: Mode, *, site_url: str = "", html_extensions: Sequence[str] = ()
) -> Respelled:
    """The file's body after Ghost's went from old to new: what did not change keeps its spelling.

    The mode becomes `lexical` where a changed block cannot be said in the old mode.
    """
    if mode is Mode.MARKDOWN:
        after = card_of(new)
        if after is not None:
            before = card_of(old)
            if before is None:
                return Respelled(fresh_body(new, mode), mode)
            was, now = before.get("markdown", ""), after.get("markdown", "")
            return Respelled(file_text(text, was, now, site_url=site_url), mode)
        if is_empty(new):
            return Respelled("", mode)
        # Somebody turned the card into blocks: those that say what the text said keep its spelling.
        old, mode = read_markdown(text), Mode.LEXICAL
    elif mode is Mode.HTML:
        known = set(canonical_children(old, site_url=site_url))
        forms = zip(children_of(new), canonical_children(new, site_url=site_url), strict=True)
        arrived = root_of([node for node, form in forms if form not in known])
        if not _html_says(write_markdown(arrived), arrived, html_extensions):
            mode = Mode.LEXICAL
    return Respelled(respell(text, native(old), native(new), site_url=site_url), mode)


def body_payload(
    text: str,
    mode: Mode,
    storage: Storage,
    *,
    old: Root | None,
    html_extensions: Sequence[str] = (),
    site_url: str = "",
    major: int = NEWEST_MAJOR,
) -> BodyPayload:
    """What to send so that Ghost holds this text.

    storage: how Ghost keeps the post; a post kept as mobiledoc is never sent Lexical, which Ghost 5 would ignore or
    even wipe the body for. old: the body Ghost holds, from `read_stored_body`, None for a new post: its blocks that
    did not change go home exact. major: Ghost's, of use with mobiledoc alone. Raises ContentError.
    """
    if mode is Mode.HTML:
        html = render_html(text, html_extensions)
        if not shows_nothing(html):
            return BodyPayload({"html": html}, source_html=True)
        text = ""  # Ghost ignores an empty `html`; an empty document it takes
    before = card_of(old) if old is not None else None
    if not text.strip():
        new = empty_root()
    elif mode is Mode.MARKDOWN:
        sent = card_text(text, before.get("markdown", "") if before else None, site_url=site_url)
        new = root_of([{**(before or markdown_node("")), "markdown": sent}])
    else:
        new = read_markdown(text)
    if not children_of(new):
        new = root_of([_BLANK])  # Ghost refuses a document without a block
    if old is not None:
        new = transplant(new, native(old) if mode is Mode.LEXICAL else old, site_url=site_url)
    if storage is Storage.MOBILEDOC:
        return BodyPayload({"mobiledoc": lexical_to_mobiledoc(new, old=old, major=major, site_url=site_url)})
    return BodyPayload({"lexical": json.dumps({"root": new["root"]}, ensure_ascii=False)})


def merge_bodies(base: str, local: str, remote: str, mode: Mode) -> MergedBody:
    """Three texts of one body into one; block by block, with markers where both sides changed the same.

    In `markdown` mode a block that is only spelled otherwise is edited too: each line end shows on the page.
    """
    return merge_markdown(base, local, remote, to_the_letter=mode is Mode.MARKDOWN)


def _html_says(text: str, root: Root, html_extensions: Sequence[str]) -> bool:
    from ghostsync.content.html_check import html_says  # noqa: PLC0415 - few sites use the mode

    return html_says(text, root, html_extensions)


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _read_lexical(text: Any) -> Root:
    if not isinstance(text, str):
        raise _unreadable("lexical", "it is not text")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise _unreadable("lexical", "it is not JSON") from None
    root = document.get("root") if isinstance(document, dict) else None
    if not isinstance(root, dict) or not isinstance(root.get("children"), list):
        raise _unreadable("lexical", "it has no root with children")
    level: list[Any] = root["children"]
    depth = 0
    while level:
        depth += 1
        below: list[Any] = []
        for node in level:
            if node.__class__ is not dict or node.get("type").__class__ is not str:
                raise _unreadable("lexical", "one of its nodes has no type")
            children = node.get("children")
            if children:
                if children.__class__ is not list:
                    raise _unreadable("lexical", f"the children of a {node['type']} are no list")
                below += children
        level = below
    if depth > _MAX_DEPTH:
        raise _unreadable("lexical", f"its nodes nest {depth} deep")
    result: Root = document
    return result


def _unreadable(key: str, why: str) -> ContentError:
    return ContentError(
        f"Ghost holds a {key} body that cannot be read: {why}",
        key=key,
        remedy="Open the post in Ghost's editor and save it again, or restore it from a backup.",
    )
