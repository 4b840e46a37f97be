"""Root-relative addresses come back absolute from Ghost, in fields and inside a Lexical body."""

from __future__ import annotations

import re
from typing import Any

_ATTRIBUTE = re.compile(r"""((?:href|src|srcset|poster)=["'])/(?!/)""")
_MARKDOWN = re.compile(r"(\]\()/(?!/)")
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_ADDRESSES = (
    "url", "src", "href", "buttonUrl", "productUrl", "thumbnailSrc", "productImageSrc", "imageUrl",
    "thumbnail", "icon", "backgroundImageSrc", "customThumbnailSrc",
)  # fmt: skip
_HTML = ("html", "heading", "content", "caption", "fileCaption", "productDescription")


def absolute(address: Any, site: str) -> Any:
    """`/about/` on `http://site/` -> `http://site/about/`; everything else as it is."""
    if isinstance(address, str) and address.startswith("/") and not address.startswith("//"):
        return site + address[1:]
    return address


def absolute_html(html: str, site: str) -> str:
    """The addresses in attributes of some HTML made absolute."""
    return _ATTRIBUTE.sub(rf"\g<1>{site}", html)


def absolute_body(node: dict[str, Any], site: str) -> None:
    """Make the addresses of a Lexical node and all below it absolute, in place."""
    for key in _ADDRESSES:
        if key in node:
            node[key] = absolute(node[key], site)
    for key in _HTML:
        if isinstance(node.get(key), str):
            node[key] = absolute_html(node[key], site)
    if isinstance(node.get("markdown"), str):
        pieces = _CODE.split(node["markdown"])
        pieces[::2] = [_MARKDOWN.sub(rf"\g<1>{site}", piece) for piece in pieces[::2]]
        node["markdown"] = "".join(pieces)
    for inner in (node.get("metadata"), *(node.get("images") or ()), *(node.get("children") or ())):
        if isinstance(inner, dict):
            absolute_body(inner, site)
