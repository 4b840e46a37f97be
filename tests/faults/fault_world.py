"""A sandbox Ghost and a folder that can be set back to a moment, and the judgements all fault tests share."""

from __future__ import annotations

import asyncio
import copy
import json
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

from shared_clock import SharedClock

from ghostsync.compose import open_session
from ghostsync.config import AdminKey, HistorySection, load_config
from ghostsync.content.linking import PENDING
from ghostsync.folder.files import SWAP_PREFIX
from ghostsync.sandbox import SandboxGhost, serve_in_thread
from ghostsync.state import SqliteState
from ghostsync.sync.model import Direction
from ghostsync.sync.uncertain import PATIENCE

TABLES = ("documents", "tags", "files", "users", "tiers", "newsletters")
EMPTIED = TABLES[:3]
LONG = PATIENCE + 30
"""Seconds after which a create without an answer is tried again."""

MEMORY = Path("/dev/shm")  # noqa: S108  # a place in memory, where the machine has one; the names in it are random
PRIVATE = ".ghostsync"
WORDS = re.compile(r"\b[A-Z][a-z]+\b|\bt\d+\b")
"""What the tests write apart from each other: names of months and the like, and tokens such as t17."""
ADDRESSES = re.compile(r"/(content/(?:images|media|files)/[^\"'\\\s()<>?#]+)")
SHOWING = ("lexical", "feature_image", "og_image", "twitter_image")


@contextmanager
def quick_directory():
    """A directory that costs no disk, where the machine has such a place: thousands of fsyncs are made in it."""
    with tempfile.TemporaryDirectory(
        prefix="ghostsync-test-", dir=MEMORY if MEMORY.is_dir() else None
    ) as place:
        yield Path(place)


class World:
    """One Ghost and one folder. `save` and `restore` set both back."""

    def __init__(self, ghost, clock, url, place, *, sleep=None):
        """clock: Ghost's and ours. sleep: how ghostsync waits for a second to pass in Ghost; by default it passes at once."""
        self.ghost = ghost
        self.clock = clock
        self.url = url
        self.place = place
        self.root = place / "site"
        self._sleep = sleep or clock.sleep

    def begin(self, settings=""):
        """Nothing on either side."""
        for table in EMPTIED:
            getattr(self.ghost.store, table).clear()
        self.ghost.requests.clear()
        self.ghost.faults.clear()
        self.ghost.permalinks = "/{slug}/"
        self._empty()
        self.write("ghostsync.toml", f'[site]\nurl = "{self.url}"\n{settings}')

    def configure(self, timeout, settings=""):
        """timeout: how long ghostsync waits for an answer, in seconds."""
        settings += f"[http]\ntimeout = {timeout}\nretries = 1\n"
        self.write("ghostsync.toml", f'[site]\nurl = "{self.url}"\n{settings}')

    def _empty(self):
        """The folder itself stays: another one in its place would rightly be noticed."""
        self.root.mkdir(exist_ok=True)
        for entry in self.root.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def save(self):
        saved = self.place / "saved"
        shutil.rmtree(saved, ignore_errors=True)
        shutil.copytree(self.root, saved, symlinks=True)
        return {name: copy.deepcopy(getattr(self.ghost.store, name)) for name in TABLES}

    def restore(self, tables):
        self._empty()
        shutil.copytree(self.place / "saved", self.root, symlinks=True, dirs_exist_ok=True)
        for name, rows in tables.items():
            table = getattr(self.ghost.store, name)
            table.clear()
            table.update(copy.deepcopy(rows))
        self.ghost.requests.clear()

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def put(self, path, data):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def read(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def replace(self, path, old, new):
        text = self.read(path)
        assert old in text
        self.write(path, text.replace(old, new))

    def edit(self, slug, old, new):
        """An editor changes some words."""
        self.clock.advance(5)
        document = self.ghost.find(slug)
        assert old in document.own["lexical"]
        self.ghost.edit(document.id, lexical=document.own["lexical"].replace(old, new))

    def cycle(self, direction="sync", *, after=5, **more):
        """A cycle in this process, a while after whatever happened last."""
        self.clock.advance(after)
        return asyncio.run(self._cycle(Direction(direction), more))

    async def _cycle(self, direction, more):
        key = AdminKey.parse(self.ghost.admin_api_key, source="test")
        config = load_config(self.root, {})
        async with open_session(self.root, config, key, clock=self.clock, sleep=self._sleep) as session:
            return await session.engine.cycle(direction=direction, **more)

    def writes(self):
        return sum(self.ghost.count(method) for method in ("POST", "PUT", "DELETE"))

    # Judgements

    def files(self):
        """path -> bytes of all that a person would see or find again; the state is left out, and so is what a
        killed exchange of two files left in the trash: one copy more of a text is no loss.
        """
        return {
            str(file.relative_to(self.root)): file.read_bytes()
            for file in self.root.rglob("*")
            if file.is_file()
            and (PRIVATE not in file.parts or "trash" in file.parts)
            and not (PRIVATE in file.parts and file.name.startswith(SWAP_PREFIX))
        }

    def picture(self):
        """Both sides without what differs from run to run: ids, and the moments of writing."""
        ids = {document.id: document.own["slug"] for document in self.ghost.store.documents.values()}
        posts = sorted(
            json.dumps(
                {
                    **{k: v for k, v in document.own.items() if k not in {"updated_at", "published_at"}},
                    "kind": document.kind.value,
                    "was public": bool(document.own["published_at"]),
                    "tags": [self.ghost.store.tags[tag]["name"] for tag in document.tags],
                },
                sort_keys=True,
            )
            for document in self.ghost.store.documents.values()
        )

        def plain(data):
            text = data.decode("utf-8", "backslashreplace")
            for id, slug in ids.items():
                text = text.replace(id, f"<{slug}>")
            return re.sub(r"\b[0-9a-f]{24}\b", "<gone>", text)

        return {
            "files": {path: plain(data) for path, data in self.files().items()},
            "posts": posts,
            "uploads": dict(self.ghost.store.files),
        }

    def unserved(self):
        """Addresses in posts that serve nothing, and names of files that never got an address."""
        shown = [str(document.own.get(key)) for document in self.ghost.posts for key in SHOWING]
        found = {address for text in shown for address in ADDRESSES.findall(text)}
        return found - self.ghost.store.files.keys() | {text for text in shown if PENDING in text}

    def stats(self):
        """What a rewritten file would change."""
        return {
            str(file): (file.stat().st_mtime_ns, file.stat().st_ino)
            for file in self.root.rglob("*")
            if file.is_file() and PRIVATE not in file.parts
        }

    def texts(self):
        """Every telling word that can be found again: in the folder, in Ghost, in the trash or in history."""
        sources = [data.decode("utf-8", "replace") for data in self.files().values()]
        sources += [document.html or "" for document in self.ghost.store.documents.values()]
        path = self.root / PRIVATE / "state.db"
        if path.exists():
            with SqliteState(path, HistorySection(), lambda: 0.0) as state:
                for version in state.versions():
                    data = state.blob(version.sha).decode()
                    sources.append(json.loads(data)["lexical"] if data.startswith("{") else data)
        return set(WORDS.findall(" ".join(sources)))

    def open_intents(self):
        with SqliteState(self.root / PRIVATE / "state.db", HistorySection(), lambda: 0.0) as state:
            return list(state.open_intents())


@contextmanager
def sandbox_world():
    with quick_directory() as place:
        clock = SharedClock(place / "clock")
        ghost = SandboxGhost(clock=clock)
        with serve_in_thread(ghost) as url:
            yield World(ghost, clock, url, place)
