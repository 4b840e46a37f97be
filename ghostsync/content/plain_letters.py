"""Letters of every script in plain ASCII, as Ghost itself spells them in addresses."""

from __future__ import annotations


def in_plain_letters(text: str) -> str:
    """`Übersicht` -> `Ubersicht`, `日本` -> `Ri Ben `. The table (5 MB) is loaded for the first text that needs it."""
    if text.isascii():
        return text
    from text_unidecode import unidecode  # type: ignore[import-untyped]  # noqa: PLC0415 - it ships no types

    plain: str = unidecode(text)
    return plain
