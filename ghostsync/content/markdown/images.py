"""A paragraph that is only images: Ghost's image card, or its gallery.

`![alt](src "title")`, linked or not; the caption is a line of emphasis below it; what the editor knows beyond that
follows each image as attributes. Ghost shows only gallery images of known size, so several
images are a gallery when each states width and height.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from ghostsync.content.lexical import nodes
from ghostsync.content.lexical.rich_text import html_of_nodes, nodes_of_html
from ghostsync.content.markdown.attributes import read_attributes, write_attributes
from ghostsync.content.markdown.escaping import destination, escape, link_title
from ghostsync.content.markdown.inline import read_inline
from ghostsync.content.markdown.inline_spelling import spell_inline
from ghostsync.content.markdown.parser import Event, Span
from ghostsync.content.types import Node

Events: TypeAlias = list[tuple[Event, Span]]

_IMAGE_ATTRIBUTES: Final = ("width", "height", "cardWidth")
_GALLERY_ATTRIBUTES: Final = ("width", "height", "fileName", "row")
_PER_ROW: Final = 3
_MAX_IN_GALLERY: Final = 50


def read_images(events: Events, data: bytes) -> Node | None:
    """The image or gallery card that a paragraph's events stand for; None if there is anything else in it."""
    images: list[dict[str, Any]] = []
    caption = ""
    index, last = 1, len(events) - 1
    while index < last:
        if images:
            if events[index][0] != "SoftBreak":
                return None
            index += 1
            if events[index][0] == {"Start": "Emphasis"}:
                found = _caption(events, index, last, data)
                if found is None:
                    return None
                caption = found
                break
        made = _image(events, index)
        if made is None:
            return None
        image, index = made
        images.append(image)
    if len(images) == 1:
        unknown = images[0].keys() - {"src", "alt", "title", "href", *_IMAGE_ATTRIBUTES}
        return None if unknown else nodes.image(**images[0], caption=caption)
    return _gallery(images, caption)


def _caption(events: Events, index: int, last: int, data: bytes) -> str | None:
    if events[last - 1][0] != {"End": "Emphasis"} or events[index][1] != events[last - 1][1]:
        return None
    children = read_inline(events, index + 1, last - 1, data, titles=True)
    return None if children is None else html_of_nodes(children)


def _image(events: Events, index: int) -> tuple[dict[str, Any], int] | None:
    """One image from events[index] on, as properties, and the index after it."""
    tag = _start(events[index][0])
    image: dict[str, Any] = {}
    linked = "Link" in tag
    if linked:
        link = tag["Link"]
        if link["title"] or not link["dest_url"]:
            return None
        image["href"] = link["dest_url"]
        index += 1
        tag = _start(events[index][0])
    if "Image" not in tag:
        return None
    image["src"] = tag["Image"]["dest_url"]
    image["title"] = tag["Image"]["title"]
    image["alt"], index = plain_text(events, index + 1)
    if linked:
        if events[index][0] != {"End": "Link"}:
            return None
        index += 1
    event = events[index][0]
    if event.__class__ is dict and "InlineHtml" in event:
        known = read_attributes(event["InlineHtml"])
        if known is None or known[0] or known[1].keys() & image.keys():
            return None
        image.update(known[1])
        index += 1
    return image, index


def _start(event: Any) -> dict[str, Any]:
    tag = event.get("Start") if event.__class__ is dict else None
    return tag if tag.__class__ is dict else {}


def plain_text(events: Events, index: int) -> tuple[str, int]:
    """The plain text inside the element whose first inner event is events[index]; the index after its end."""
    if "Text" in events[index][0] and "End" in events[index + 1][0]:  # as nearly always
        return events[index][0]["Text"], index + 2
    parts: list[str] = []
    depth = 1
    while depth:
        event = events[index][0]
        index += 1
        if event.__class__ is not dict:
            parts.append(" ")
        elif "Start" in event:
            depth += 1
        elif "End" in event:
            depth -= 1
        else:
            parts.extend(value for key, value in event.items() if key in ("Text", "Code"))
    return "".join(parts), index


def _gallery(images: list[dict[str, Any]], caption: str) -> Node | None:
    made: list[dict[str, Any]] = []
    for place, image in enumerate(images):
        if not (image.get("width") and image.get("height")):
            return None
        if image.keys() - {"src", "alt", "title", "href", *_GALLERY_ATTRIBUTES}:
            return None
        plain = {"row": place // _PER_ROW, "fileName": _file_name(image["src"])}
        made.append({**plain, **{key: value for key, value in image.items() if value != ""}})
    return nodes.card("gallery", images=made, caption=caption)


def _file_name(src: str) -> str:
    return src.rpartition("/")[2]


def spell_image(node: Node, level: int) -> str | None:
    """An image card as Markdown; None if it has no natural spelling."""
    image = _spelled(node, level, {"width": None, "height": None, "cardWidth": "regular"})
    return None if image is None else _with_caption(image, node.get("caption"), level)


def spell_gallery(node: Node, level: int) -> str | None:
    """A gallery card as one paragraph of images."""
    images = node.get("images")
    if not isinstance(images, list) or not 1 < len(images) <= _MAX_IN_GALLERY:
        return None
    lines: list[str] = []
    for place, image in enumerate(images):
        if not isinstance(image, dict):
            return None
        src = image.get("src")
        known = {"width": None, "height": None, "row": place // _PER_ROW}
        line = _spelled(image, level, {**known, "fileName": _file_name(src) if isinstance(src, str) else ""})
        if line is None:
            return None
        lines.append(line)
    return _with_caption("\n".join(lines), node.get("caption"), level)


def _spelled(image: dict[str, Any], level: int, defaults: dict[str, Any]) -> str | None:
    """One image: defaults are the values of attributes that need not be said."""
    src, alt, title, href = (image.get(key) or "" for key in ("src", "alt", "title", "href"))
    if not all(isinstance(value, str) for value in (src, alt, title, href)) or not src:
        return None
    place = destination(src)
    if place is None:
        return None
    text = f"![{escape(alt, level, in_link=True)}]({place}{link_title(title) if title else ''})"
    if href:
        target = destination(href)
        if target is None:
            return None
        text = f"[{text}]({target})"
    said = {key: image[key] for key, default in defaults.items() if image.get(key) not in (None, "", default)}
    attributes = write_attributes(said)
    return None if attributes is None else text + attributes


def _with_caption(image: str, caption: Any, level: int) -> str | None:
    if not caption:
        return image
    children = nodes_of_html(caption) if isinstance(caption, str) else None
    text = spell_inline(children, level) if children else None
    return None if text is None or "\n" in text else f"{image}\n*{text}*"
