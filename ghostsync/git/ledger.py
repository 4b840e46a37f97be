"""A small store of named texts under one ref of the repository, apart from all branches: `refs/ghostsync/<site>`.

It goes where the repository goes: it is fetched and pushed like a branch, and no work tree ever sees it. Each change is
one commit on top of the one before, so that a push never has to be forced.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ghostsync.errors import GitError
from ghostsync.git.command import QUICK, Git
from ghostsync.git.objects import Objects, blob_id

NETWORK = 60.0
"""Seconds for a fetch or a push of the ref."""

_WHO = "ghostsync <ghostsync@localhost>"
_ABSENT = "couldn't find remote ref"
_REJECTED = ("[rejected]", "[remote rejected]", "non-fast-forward", "fetch first", "stale info")
_NAME = re.compile(r"[A-Za-z0-9_./-]+")
"""Of a text. Others have no place there, and could say something else to `git fast-import`, which reads names by the line."""


def ref_for(site: str) -> str:
    """The ref for a site's address: `https://example.com/blog/` is `refs/ghostsync/example.com-blog`."""
    name = re.sub(r"^[a-z]+://", "", site.lower())
    name = re.sub(r"\.{2,}", ".", re.sub(r"[^a-z0-9.]+", "-", name)).strip("-.")
    return f"refs/ghostsync/{name.removesuffix('.lock') or 'site'}"


class RefLedger:
    """The texts under one ref. remote: where it is fetched from and pushed to, "" for nowhere."""

    def __init__(self, git: Git, ref: str, remote: str = "") -> None:
        self._git = git
        self._ref = ref
        self._remote = remote

    @property
    def head(self) -> str:
        """The commit with the newest texts, "" where there is none yet."""
        return self._git.commit(self._ref)

    def listing(self) -> Mapping[str, str]:
        """Each text's name and its hash, as git has it."""
        return self._listing(self._ref) if self.head else {}

    def _listing(self, commit: str) -> dict[str, str]:
        listed = self._git.run("ls-tree", "--full-tree", "-r", "-z", commit).decode("utf-8", "replace")
        entries = (entry.partition("\t") for entry in listed.split("\0") if entry)
        return {name: head.split(" ")[2] for head, _, name in entries if _NAME.fullmatch(name)}

    def fingerprint(self, data: bytes) -> str:
        """The hash of a text, as git would have it."""
        return blob_id(self._git, data)

    def read(self, names: Iterable[str], *, at: str = "") -> Iterator[tuple[str, bytes]]:
        """The texts of these names; one that is missing is left out."""
        commit = at or self.head
        if not commit:
            return
        with Objects(self._git) as objects:
            for name in names:
                data = objects.read(f"{commit}:{name}")
                if data is not None:
                    yield name, data

    def write(self, texts: Mapping[str, bytes | None], message: str, *, on: str | None = None) -> None:
        """Put these texts (None: take it away) on top of what is there. on: the commit that they are put onto, where it
        is not the newest one. Raises GitError where somebody else was faster.
        """
        parent = self.head if on is None else on
        said = message.encode()
        parts = [
            b"feature done\n",
            f"commit {self._ref}\ncommitter {_WHO} now\ndata {len(said)}\n".encode(),
            said,
            b"\n",
        ]
        if parent:
            parts.append(f"from {parent}\n".encode())
        for name, data in sorted(texts.items()):
            if data is None:
                parts.append(f"D {name}\n".encode())
            else:
                parts += [f"M 100644 inline {name}\ndata {len(data)}\n".encode(), data, b"\n"]
        parts.append(b"done\n")
        forced = () if on is None else ("--force",)
        self._git.run("fast-import", "--quiet", "--date-format=now", *forced, input=b"".join(parts))

    def fetch(self) -> bool:
        """Bring the remote's texts, if they are newer than those here. Returns whether the remote has any. Raises
        GitError where it cannot be asked.
        """
        if not self._remote:
            return False
        depth = ("--depth=1",) if self._is_shallow() else ()
        try:
            self._network("fetch", *depth, self._remote, f"{self._ref}:{self._ref}")
        except GitError as error:
            if _ABSENT in error.said:
                return False
            if not any(word in error.said for word in _REJECTED):
                raise
        return True

    def theirs(self) -> str:
        """The commit that the remote has, brought here beside ours; "" where it has none. Raises GitError."""
        depth = ("--depth=1",) if self._is_shallow() else ()
        beside = f"{self._ref}.theirs"
        try:
            self._network("fetch", *depth, self._remote, f"+{self._ref}:{beside}")
        except GitError as error:
            if _ABSENT in error.said:
                return ""
            raise
        found = self._git.run("rev-parse", "--verify", f"{beside}^{{commit}}").decode().strip()
        self._git.run("update-ref", "-d", beside)
        return found

    def push(self) -> bool:
        """Send ours. Returns False where the remote has texts that ours do not build on. Raises GitError."""
        if not self._remote or not self.head:
            return True
        try:
            self._network("push", "--no-verify", self._remote, f"{self._ref}:{self._ref}")
        except GitError as error:
            if any(word in error.said for word in _REJECTED):
                return False
            raise
        return True

    def _network(self, verb: str, *arguments: str) -> None:
        # Not --quiet: a fetch would then fail without a word.
        options = ("--no-tags", "--no-write-fetch-head", "--no-recurse-submodules") if verb == "fetch" else ()
        self._git.run(verb, *options, *arguments, timeout=NETWORK)

    def _is_shallow(self) -> bool:
        return self._git.run("rev-parse", "--is-shallow-repository", timeout=QUICK).strip() == b"true"
