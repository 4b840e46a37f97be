"""Which part of the folder holds documents: `[folder] posts`, `pages` and `ignore`, understood once.

A document is a .md or .markdown file below the fixed first directories of a pattern. Where one pattern lies
inside the other (content/ and content/pages/) the longer one decides the kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ghostsync.config import FolderSection
from ghostsync.errors import ConfigError
from ghostsync.folder.names import fold
from ghostsync.model import Kind

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

COMPANION_SUFFIX = ".conflict.md"
_SUFFIXES = (".md", ".markdown")
_SKIPPED_DIRECTORIES = frozenset({"node_modules"})


class Layout:
    """Raises ConfigError when the two patterns cannot be told apart or hide their own files."""

    def __init__(self, section: FolderSection) -> None:
        self.patterns = {Kind.POST: section.posts, Kind.PAGE: section.pages}
        prefixes = {kind: _fixed(pattern, kind) for kind, pattern in self.patterns.items()}
        if fold(prefixes[Kind.POST]) == fold(prefixes[Kind.PAGE]):
            raise ConfigError(
                f"posts and pages would share the directory {prefixes[Kind.POST]}, and a file there could be either",
                subject="[folder] posts, pages",
                remedy="Give each a directory of its own, such as posts/{slug}.md and pages/{slug}.md.",
            )
        # The longest first, so that the first match decides.
        self._prefixes = sorted(((p, k) for k, p in prefixes.items()), key=lambda pair: -len(pair[0]))
        try:
            self._ignore = _ignore(section.ignore) if section.ignore else None
        except ValueError as error:
            raise ConfigError(
                f"not a gitignore pattern: {error}", subject="[folder] ignore", remedy="Correct that pattern."
            ) from None

    @property
    def roots(self) -> tuple[str, ...]:
        """The directories to walk ("posts/", ...), none inside another."""
        names = sorted(prefix for prefix, _ in self._prefixes)
        return tuple(
            name for name in names if not any(name != other and name.startswith(other) for other in names)
        )

    def kind_of(self, path: str) -> Kind | None:
        """The kind that the directory gives a file at birth; None outside of all patterns."""
        return next((kind for prefix, kind in self._prefixes if path.startswith(prefix)), None)

    def ignored(self, path: str, *, directory: bool = False) -> bool:
        """Whether `[folder] ignore` names this path."""
        return self._ignore is not None and self._ignore.match_file(f"{path}/" if directory else path)

    def is_document(self, path: str) -> bool:
        """Whether a scan looks at this path: the whole rule in one place, for events and for new names."""
        *parents, name = path.split("/")
        return (
            self.kind_of(path) is not None
            and is_document_name(name)
            and not any(is_skipped_directory(parent) for parent in parents)
            and not self.ignored(path)
        )


def _ignore(patterns: Sequence[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most folders ignore nothing

    return GitIgnoreSpec.from_lines(patterns)


def is_document_name(name: str) -> bool:
    """By its name alone. Dot files, companions, and what editors leave (x.md~, #x.md#, .x.md.swp, 4913) are none."""
    lower = name.lower()
    return lower.endswith(_SUFFIXES) and not name.startswith(".") and not lower.endswith(COMPANION_SUFFIX)


def is_skipped_directory(name: str) -> bool:
    """Directories that never hold documents: hidden ones (.git, .ghostsync, .obsidian) and node_modules."""
    return name.startswith(".") or name in _SKIPPED_DIRECTORIES


def _fixed(pattern: str, kind: Kind) -> str:
    """The directories before the first placeholder, with "/" at the end. {kind} is no unknown here."""
    parts = [part for part in pattern.replace("{kind}", kind.value).split("/") if part not in {"", "."}]
    fixed: list[str] = []
    for part in parts[:-1]:
        if "{" in part:
            break
        fixed.append(part)
    if not fixed:
        what = "the pattern does not begin with a directory"
    elif any(is_skipped_directory(part) for part in fixed):
        what = "a scan never looks into hidden directories or node_modules"
    else:
        return "/".join(fixed) + "/"
    raise ConfigError(
        what,
        subject=f"[folder] {kind.plural} = {pattern!r}",
        remedy=f"Use a pattern like {kind.plural}/{{slug}}.md.",
    )
