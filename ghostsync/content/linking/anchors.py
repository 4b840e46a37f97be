"""The ids that Ghost gives to headings, so that `[[other#A heading]]` finds its heading on the page."""

from __future__ import annotations

import re
from urllib.parse import quote

_SYMBOLS = re.compile(r"""[\]\[!"#$%&'()*+,./:;<=>?@\\^_{|}~]""")
_DASHES = re.compile(r"^-|-{2,}|-$")
_FIRST_WITH_LETTERS = 4


def heading_id(text: str, major: int = 6, *, in_card: bool = False) -> str:
    """What Ghost's slugify of headings (kg-utils) makes of a heading's text.

    Up to Ghost 3 only ASCII letters, digits and _ count. in_card: the heading is in a Markdown card.
    """
    if major < _FIRST_WITH_LETTERS:
        if in_card:
            return re.sub(r"[^\w]", "", text, flags=re.ASCII).lower()
        slug = re.sub(r"[^\w]", "-", re.sub(r'[<>&"?]', "", text).strip(), flags=re.ASCII)
        return re.sub("-{2,}", "-", slug).lower()
    slug = re.sub(r"\s+", "-", _SYMBOLS.sub("", text.strip().lower()))
    return quote(_DASHES.sub("", slug), safe="-_.!~*'()")
