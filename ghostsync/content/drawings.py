"""Whether two SVGs are the same drawing. Ghost writes one anew when it takes it, so that its bytes say nothing."""

from __future__ import annotations

import io

LARGEST = 5_000_000
"""Bytes of a drawing that is compared; larger ones are compared by their bytes alone."""


def same_drawing(one: bytes, other: bytes) -> bool:
    """Equal but for what draws nothing: the XML declaration, comments, quotes, the order of attributes, `<a/>` for `<a></a>`
    (Canonical XML 2.0). False for what is no XML.
    """
    # Loaded here: few runs meet an SVG whose answer was lost.
    from xml.etree.ElementTree import canonicalize  # noqa: PLC0415

    try:
        return bool(canonicalize(from_file=io.BytesIO(one)) == canonicalize(from_file=io.BytesIO(other)))
    except (SyntaxError, ValueError, LookupError):  # no XML, a prefix that stands for nothing, an encoding
        return False
