"""What Ghost assumes where a node says nothing: names that mean the same, and defaults by type.

Source: `exportJSON` of fresh nodes of the package @tryghost/kg-default-nodes in Ghost 6.65.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SAME_TYPE: Mapping[str, str] = {
    "extended-text": "text",
    "extended-heading": "heading",
    "extended-quote": "quote",
    "tk": "text",  # the editor makes these from the letters TK by itself, each time a post is opened
}

EVERYONE: Mapping[str, Any] = {
    "web": {"nonMember": True, "memberSegment": "status:free,status:-free"},
    "email": {"memberSegment": "status:free,status:-free"},
}

_TEXT: Mapping[str, Any] = {"detail": 0, "format": 0, "mode": "normal", "style": "", "version": 1}
_ELEMENT: Mapping[str, Any] = {"format": "", "indent": 0, "version": 1}

ELEMENT_DEFAULTS = _ELEMENT
CARD_DEFAULTS: Mapping[str, Any] = {"version": 1}


def _card(*empty: str, **defaults: Any) -> Mapping[str, Any]:
    return {"version": 1, **dict.fromkeys(empty, ""), **defaults}


DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "text": _TEXT,
    "zwnj": {**_TEXT, "text": ""},
    "tab": {**_TEXT, "detail": 2, "mode": "normal", "text": "\t"},
    "linebreak": CARD_DEFAULTS,
    "link": {**_ELEMENT, "rel": "", "target": "", "title": ""},
    "list": {**_ELEMENT, "start": 1},
    "listitem": {**_ELEMENT, "checked": False},
    "codeblock": _card("code", "language", "caption"),
    "image": _card("src", "title", "alt", "caption", "href", width=None, height=None, cardWidth="regular"),
    "markdown": _card("markdown"),
    "video": _card(
        "src",
        "caption",
        "fileName",
        "mimeType",
        "thumbnailSrc",
        "customThumbnailSrc",
        width=None,
        height=None,
        duration=0,
        thumbnailWidth=None,
        thumbnailHeight=None,
        cardWidth="regular",
        loop=False,
    ),
    "audio": _card("mimeType", "src", "title", "thumbnailSrc", duration=0),
    "callout": _card("calloutText", backgroundColor="blue", calloutEmoji="💡"),
    "call-to-action": _card(
        "textValue",
        "buttonUrl",
        "imageUrl",
        layout="minimal",
        alignment="left",
        showButton=True,
        showDividers=True,
        buttonText="Learn more",
        buttonColor="#000000",
        buttonTextColor="#ffffff",
        hasSponsorLabel=True,
        sponsorLabel='<p><span style="white-space: pre-wrap;">SPONSORED</span></p>',
        backgroundColor="grey",
        linkColor="text",
        imageWidth=None,
        imageHeight=None,
        visibility=EVERYONE,
    ),
    "html": _card("html", visibility=EVERYONE),
    "file": _card("src", "fileTitle", "fileCaption", "fileName", fileSize=0),
    "toggle": _card("heading", "content"),
    "button": _card("buttonText", "buttonUrl", alignment="center"),
    "header": _card(
        "buttonUrl",
        "buttonText",
        "header",
        "subheader",
        "backgroundImageSrc",
        size="small",
        style="dark",
        buttonEnabled=False,
        accentColor="#FF1A75",
        alignment="center",
        backgroundColor="#000000",
        backgroundImageWidth=None,
        backgroundImageHeight=None,
        backgroundSize="cover",
        textColor="#FFFFFF",
        buttonColor="#ffffff",
        buttonTextColor="#000000",
        layout="full",
        swapped=False,
    ),
    "bookmark": _card("url", "caption"),
    "embed": _card("url", "embedType", "html", "caption", metadata={}),
    "product": _card(
        "productImageSrc",
        "productTitle",
        "productDescription",
        "productButton",
        "productUrl",
        productImageWidth=None,
        productImageHeight=None,
        productRatingEnabled=False,
        productStarRating=5,
        productButtonEnabled=False,
    ),
    "email": _card("html"),
    "email-cta": _card(
        "buttonText",
        "buttonUrl",
        "html",
        alignment="left",
        segment="status:free",
        showButton=False,
        showDividers=True,
    ),
    "gallery": _card("caption"),
    "signup": _card(
        "backgroundImageSrc",
        "disclaimer",
        "header",
        "subheader",
        alignment="left",
        backgroundColor="#F0F0F0",
        backgroundSize="cover",
        textColor="#000000",
        buttonColor="accent",
        buttonTextColor="#FFFFFF",
        buttonText="Subscribe",
        layout="wide",
        successMessage="Email sent! Check your inbox to complete your signup.",
        swapped=False,
    ),
    "transistor": _card(
        "accentColor",
        "backgroundColor",
        visibility={
            "web": {"nonMember": False, "memberSegment": "status:free,status:-free"},
            "email": {"memberSegment": "status:free,status:-free"},
        },
    ),
}


EMPTY_IS_A_VALUE = frozenset({"calloutEmoji"})
"""Text properties that Ghost reads with `??`: an empty one is not the default (a callout without emoji)."""


def is_default(defaults: Mapping[str, Any], key: str, value: Any) -> bool:
    """Whether Ghost would hold the same if the property were absent.

    Ghost reads a text property with `value || default` and any other with `value ?? default`.
    """
    if key not in defaults:
        return False
    default = defaults[key]
    if isinstance(default, str):
        return value is None or value == default or (value == "" and key not in EMPTY_IS_A_VALUE)
    if value is None:
        return True
    return type(value) is type(default) and bool(value == default)
