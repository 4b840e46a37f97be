"""The first file of a pulled post, as a person would write it."""

from __future__ import annotations

from ghostsync.content.dates import written_date
from ghostsync.content.fields import FIELDS, Shape
from ghostsync.content.front_matter.values import DateText, New
from ghostsync.content.front_matter.yaml_write import entry, one_line
from ghostsync.content.types import FieldValue, PostView
from ghostsync.model import Mode


def written(name: str, value: FieldValue, site_timezone: str) -> New | None:
    """A canonical value as it is written under Ghost's own name; None for what a file does not state."""
    if value is None or value in ((), ""):
        return None
    if FIELDS[name].shape is Shape.DATE:
        return DateText(written_date(str(value), site_timezone))
    return value if isinstance(value, bool | tuple) else str(value)


def stated_line(name: str, value: FieldValue, site_timezone: str) -> str:
    """`name: value` as a new file states it, every line ended; "" for a value that no file states."""
    new = written(name, value, site_timezone)
    return "" if new is None else entry(name, new)


def new_file(view: PostView, body: str, mode: Mode, default_mode: Mode, site_timezone: str) -> bytes:
    """A post's file: YAML front matter with all that differs from Ghost's defaults, and the body.

    body: Markdown, LF line ends. Ends with one newline, whatever body ends with.
    """
    lines = ["---\n"]
    for name, spec in FIELDS.items():
        value = view.fields.get(name, spec.default)
        if value == spec.default and name != "status":
            continue
        new = written(name, value, site_timezone)
        if new is not None:
            lines.append(entry(name, new))
    if mode is not default_mode:
        lines.append(f"format: {mode.value}\n")
    lines.append(f"ghost_id: {one_line(view.id)}\n---\n")
    text = body.strip("\n")
    if text:
        lines.append(f"\n{text}\n")
    return "".join(lines).encode("utf-8", "replace")
