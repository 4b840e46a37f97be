"""authors.yaml and settings.yaml: copies of what Ghost has, which are never sent.

A copy that a person has edited is put back, and the person's text kept in history: what stands in it shall be what Ghost
has, or nobody could rely on it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass

from ghostsync.errors import FolderError, GhostsyncError, PermissionDenied, TargetChanged
from ghostsync.sync.model import ABSENT, PUT_BACK, Action, Outcome, Part, Verb
from ghostsync.sync.ports import Folder, State

LOOK_EVERY = 3600.0
"""Seconds between two looks of the daemon at what leaves no trace where it looks otherwise."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is remembered of a site file, for the next look. sha: of the file as ghostsync left it, ABSENT before that.
    refused: why Ghost did not tell. looked: local epoch seconds of the last look at Ghost.
    """

    path: str
    sha: str = ABSENT
    refused: str = ""
    remedy: str = ""
    looked: float = 0.0


def memory(name: str) -> str:
    """Under which key the state keeps it."""
    return f"site_file.{name}"


def recall(state: State, name: str, path: str) -> Seen:
    """Nothing is remembered of a file that lay elsewhere."""
    kept = json.loads(state.meta(memory(name)) or "{}")
    return Seen(**kept) if kept.get("path") == path else Seen(path)


def remember(state: State, name: str, seen: Seen) -> None:
    state.set_meta(memory(name), json.dumps(asdict(seen)))


def text_on_disk(folder: Folder, path: str) -> bytes | None:
    """None where there is no such file. Raises FolderError where it cannot be read."""
    try:
        return folder.read(path)
    except TargetChanged:
        return None


class Mirror:
    """One copy. name: of the setting in `[site_files]`."""

    def __init__(
        self, name: str, path: str, folder: Folder, state: State, clock: Callable[[], float]
    ) -> None:
        self.name = name
        self.path = path
        self._folder = folder
        self._state = state
        self._clock = clock

    def due(self) -> bool:
        """Whether there is a reason to ask Ghost: the file is another one than was left here, or it is time."""
        seen = recall(self._state, self.name, self.path)
        if not 0 <= self._clock() - seen.looked < LOOK_EVERY:
            return True
        try:
            data = text_on_disk(self._folder, self.path)
        except FolderError:
            return True
        return data is None or hashlib.sha256(data).hexdigest() != seen.sha

    def standing(self) -> Outcome | None:
        """What was found wrong at the last look, and has not changed since."""
        seen = recall(self._state, self.name, self.path)
        return (
            self._problem(PermissionDenied(seen.refused, subject=self.path, remedy=seen.remedy))
            if seen.refused
            else None
        )

    def refused(self, error: GhostsyncError, *, note: bool) -> Outcome:
        """Ghost does not tell. note: remember it."""
        if note:
            before = recall(self._state, self.name, self.path)
            seen = Seen(self.path, before.sha, error.what, error.remedy, self._clock())
            remember(self._state, self.name, seen)
        return self._problem(error)

    def plan(self, text: str) -> Outcome | None:
        """What is to be done for the file to say this; None when it does already."""
        try:
            data = text_on_disk(self._folder, self.path)
        except FolderError as error:
            return self._problem(error)
        if data is None:
            return Outcome(
                Action(Verb.CREATE_FILE, Part.FILE, path=self.path, reason=f"the {self.name} of the site")
            )
        if _same(data, text):
            return None
        seen = recall(self._state, self.name, self.path)
        reason = "changed in Ghost"
        if seen.sha == ABSENT:  # a fresh clone cannot know which side it was
            reason = "it is not what Ghost has"
        elif hashlib.sha256(data).hexdigest() != seen.sha:
            reason = "edited here: put back, your text is in history"
        return Outcome(Action(Verb.UPDATE_FILE, Part.FILE, path=self.path, reason=reason))

    def write(self, text: str, planned: Outcome | None) -> tuple[Outcome | None, str]:
        """Carry it out; returns what came of it, and what a person shall be told."""
        if planned is not None and planned.action.verb is Verb.PROBLEM:
            return planned, ""
        told = ""
        try:
            data = text_on_disk(self._folder, self.path)
            sha = ABSENT if data is None else hashlib.sha256(data).hexdigest()
            if data is None or not _same(data, text):
                if data is not None:
                    told = self._keep(data, sha)
                sha = self._folder.write_site_file(self.path, text.encode(), expected_sha=sha)
            remember(self._state, self.name, Seen(self.path, sha, looked=self._clock()))
        except FolderError as error:
            action = planned.action if planned else Action(Verb.UPDATE_FILE, Part.FILE, path=self.path)
            return Outcome(action, error), ""
        return planned, told

    def _keep(self, data: bytes, sha: str) -> str:
        """Put what is overwritten into history; returns a note where it was a person's."""
        before = recall(self._state, self.name, self.path).sha
        why = Verb.UPDATE_FILE.value if sha == before else PUT_BACK
        self._state.keep(ghost_id="", path=self.path, side="local", why=why, data=data)
        if sha == before:
            return ""
        if before == ABSENT:
            return (
                f"{self.path} is a copy of what Ghost has, but said something else, and was written anew. Whoever edited it "
                f"can do so in Ghost Admin; the text that was there is in history: ghostsync history {self.path}"
            )
        return (
            f"{self.path} is a copy of what Ghost has, and what was edited in it was put back. Change it in Ghost Admin; "
            f"your text is in history: ghostsync history {self.path}"
        )

    def _problem(self, error: GhostsyncError) -> Outcome:
        action = Action(Verb.PROBLEM, Part.FILE, path=self.path, reason=error.what, errors=(error,))
        return Outcome(action)


def _same(data: bytes, text: str) -> bool:
    """Line ends are git's business, or the editor's."""
    return data.replace(b"\r\n", b"\n") == text.encode()
