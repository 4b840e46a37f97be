"""Inodes are unsigned 64-bit numbers (network file systems use all bits); SQLite's are signed."""

from __future__ import annotations


def signed(number: int) -> int:
    return number - (1 << 64) if number >= 1 << 63 else number


def unsigned(number: int) -> int:
    return number & ((1 << 64) - 1)
