"""Bytes in and out of the repository, as git itself would take them: through the filters that a path has."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ghostsync.errors import GitError
from ghostsync.git.command import Git
from ghostsync.git.objects import Objects

_FILTERS = ("filter", "ident", "working-tree-encoding")
_READ_ONLY = {"GIT_OPTIONAL_LOCKS": "0"}
_CONFLICT_LIMIT = 127
"""`git merge-file` ends with the number of conflicts, at most this; more is an error."""


def store(git: Git, contents: Sequence[tuple[str, bytes]]) -> list[str]:
    """The ids of the objects that git makes of these contents at these paths (from the top), in order. A few processes
    for all but those that a filter may change; these take one each.
    """
    filtered = _filtered(git, {name for name, _ in contents})
    # Line ends are the one thing that git changes without a filter, and only where there is a carriage return.
    plain = [
        number for number, (name, data) in enumerate(contents) if name not in filtered and b"\r" not in data
    ]
    ids = dict(zip(plain, _store_plain(git, [contents[number][1] for number in plain]), strict=True))
    for number, (name, data) in enumerate(contents):
        if number not in ids:
            told = git.run(
                "-c", "core.safecrlf=false", "hash-object", "-w", f"--path={name}", "--stdin", input=data
            )
            ids[number] = told.decode().strip()
    return [ids[number] for number in range(len(contents))]


def store_file(git: Git, name: str) -> str:
    """The id of the object that git makes of the file that lies there, whatever its size."""
    return git.run("-c", "core.safecrlf=false", "hash-object", "-w", "--", name).decode().strip()


def _filtered(git: Git, names: Iterable[str]) -> set[str]:
    told = git.run("check-attr", "-z", "--stdin", *_FILTERS, input=lines(names), environment=_READ_ONLY)
    words = os.fsdecode(told).split("\0")
    return {
        name
        for name, value in zip(words[0::3], words[2::3], strict=False)
        if value not in {"unspecified", "unset"}
    }


def _store_plain(git: Git, contents: Sequence[bytes]) -> list[str]:
    if not contents:
        return []
    with tempfile.TemporaryDirectory(prefix="ghostsync-") as place:
        for number, data in enumerate(contents):
            (Path(place) / str(number)).write_bytes(data)
        paths = "".join(f"{place}/{number}\n" for number in range(len(contents)))
        told = git.run("hash-object", "-w", "--no-filters", "--stdin-paths", input=paths.encode())
    return told.decode().split()


def load(git: Git, ids: Iterable[str]) -> Mapping[str, bytes]:
    """The bytes of objects. One process. Raises GitError where one is missing."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    found: dict[str, bytes] = {}
    with Objects(git) as objects:
        for id in wanted:
            data = objects.read(id)
            if data is None:
                raise GitError(
                    f"git lacks the object {id}",
                    subject=str(git.directory),
                    remedy="Run git fsck; a partial clone fetches what it lacks: git fetch --refetch.",
                )
            found[id] = data
    return found


def three_way(git: Git, ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
    """What base became in theirs, done to ours; None where the two overlap."""
    with tempfile.TemporaryDirectory(prefix="ghostsync-") as place:
        paths = [Path(place) / name for name in ("ours", "base", "theirs")]
        for path, data in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(data)
        try:
            code, merged = git.ask(
                "merge-file", "-q", "-p", *map(str, paths), also=range(1, _CONFLICT_LIMIT + 1)
            )
        except GitError:
            return None  # not text, or beyond all counting
    return merged if code == 0 else None


def lines(names: Iterable[str]) -> bytes:
    """Paths for a command that reads them with -z."""
    return b"".join(os.fsencode(name) + b"\0" for name in names)
