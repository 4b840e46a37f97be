"""What people do on both sides while the network spoils every fourth answer, by a seed, and what must come of it.

Every third story has pictures: files that are added, changed and shown by posts here, and pictures that are shown in Ghost;
in some of these stories they come down. Judged by what each post shows in the end.
"""

from __future__ import annotations

import asyncio
import functools
import json
import random
import re
import ssl
import time
from contextlib import contextmanager
from unittest import mock

import httpx
import jwt
import stamina
from fault_proxy import Plan, proxied
from fault_world import ADDRESSES, LONG, World, quick_directory
from pictures import png
from shared_clock import SharedClock

from ghostsync.content.linking import PENDING
from ghostsync.errors import GhostsyncError
from ghostsync.ghost import transport
from ghostsync.model import Kind
from ghostsync.sandbox import SandboxGhost, ShiftedClock, serve_in_thread

TOKEN = re.compile(r"\bt\d+\b")
MARK = re.compile(r"\bm\d+\b")
SHOWN = re.compile(r"!\[\]\(([^)]*)\)")
ROUNDS = 3
QUIET = 30.0
"""Seconds of `[http] timeout` while nothing is spoiled: a slow machine is no fault."""


class SandboxSide:
    """An editor in Ghost, on the sandbox. Posts are told as (id, body as Lexical text)."""

    timeout = 0.1

    def __init__(self, ghost, clock, url):
        self._ghost = ghost
        self._clock = clock
        self._url = url

    def clear(self):
        """Nothing is there."""

    def upload(self, name, data):
        """An editor's picture; returns its address."""
        path = f"content/images/2026/01/{name}"
        self._ghost.store.files[path] = data
        return f"{self._url}/{path}"

    def serves(self, path):
        """The bytes of a picture as it was sent."""
        files = self._ghost.store.files
        stem, dot, suffix = path.rpartition(".")
        return files.get(f"{stem}_o{dot}{suffix}", files.get(path))

    def stored(self, mark):
        """How many pictures there are with this mark."""
        return sum(mark in data for path, data in self._ghost.store.files.items() if "_o." not in path)

    def posts(self):
        return [(post.id, post.own["lexical"]) for post in self._ghost.posts]

    def create(self, title, html):
        self._ghost.create(Kind.POST, title=title, html=html, source_html=True)

    def edit(self, id, lexical):
        self._ghost.edit(id, lexical=lexical)

    def delete(self, id):
        self._ghost.delete(id)

    def wait(self, seconds):
        self._clock.advance(seconds)


class RealSide:
    """An editor in a real Ghost, who is never disturbed by the network."""

    timeout = 0.3

    def __init__(self, real):
        self._real = real
        self._http = httpx.Client(base_url=f"{real.url}/ghost/api/admin/", trust_env=False, timeout=60)

    def _call(self, method, path, **more):
        id, secret = self._real.key.split(":")
        now = int(time.time())
        claims = {"iat": now, "exp": now + 240, "aud": "/admin/"}
        token = jwt.encode(claims, bytes.fromhex(secret), algorithm="HS256", headers={"kid": id})
        answer = self._http.request(method, path, headers={"Authorization": f"Ghost {token}"}, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else {}

    def _rows(self):
        return self._call("GET", "posts/", params={"limit": "100", "formats": "lexical"})["posts"]

    def posts(self):
        return [(row["id"], row["lexical"]) for row in self._rows()]

    def create(self, title, html):
        item = {"title": title, "html": html}
        self._call("POST", "posts/", params={"source": "html"}, json={"posts": [item]})

    def edit(self, id, lexical):
        seen = self._call("GET", f"posts/{id}/")["posts"][0]
        item = {"lexical": lexical, "updated_at": seen["updated_at"]}
        self._call("PUT", f"posts/{id}/", json={"posts": [item]})

    def delete(self, id):
        self._call("DELETE", f"posts/{id}/")

    def upload(self, name, data):
        files = {"file": (name, data, "image/png")}
        return self._call("POST", "images/upload/", files=files)["images"][0]["url"]

    def serves(self, path):
        stem, dot, suffix = path.rpartition(".")
        for address in (f"{self._real.url}/{stem}_o{dot}{suffix}", f"{self._real.url}/{path}"):
            answer = self._http.get(address)
            if answer.status_code == httpx.codes.OK:
                return answer.content
        return None

    def stored(self, mark):
        """Ghost lists no files."""
        return 1

    def wait(self, seconds):
        """Ghost's clock is the machine's, but the proxy says that it is a little later: see `real_stage`."""

    def clear(self):
        """Ghost deletes in bulk where a filter says what."""
        self._call("DELETE", "posts/", params={"filter": "status:[draft,published,scheduled,sent]"})

    def close(self):
        self._http.close()


class Story:
    """What both authors do, by a seed, and what they are owed."""

    def __init__(self, world, side, proxy, seed):
        self.world = world
        self.side = side
        self.proxy = proxy
        self.seed = seed
        self.random = random.Random(f"story {seed}")  # repeatable on purpose
        self.owed = set()
        self.spoiled = []
        self.drawn = []
        self.count = 0

    @property
    def pictures(self):
        return self.seed % 3 == 0

    @property
    def downloads(self):
        return self.seed % 6 == 0

    def settings(self):
        return '[media]\npull = "download"\n' if self.downloads else ""

    def _picture(self):
        """Bytes that nothing else has; the number tells which."""
        self.count += 1
        self.drawn.append(f"picture {self.seed}.{self.count};")
        return png(4, 3, self.drawn[-1])

    def draw(self):
        """A file's picture changes, or a file gets its first."""
        mark, path = self.random.choice(sorted(self.files().items()))
        picture = f"media/s{self.seed}-{mark}.png"
        self.world.put(picture, self._picture())
        text = self.world.read(path)
        if picture not in text:
            self.world.write(path, f"{text}\n![](/{picture})\n")

    def hang_up(self):
        """An editor makes a post with a picture."""
        mark = f"m{self.count}"
        address = self.side.upload(f"s{self.seed}-{mark}-ghost.png", self._picture())
        self.side.create(
            f"Title s{self.seed} {mark}",
            f'<p>{mark}</p><p>Some words {self.token()} and more.</p><img src="{address}">',
        )

    def token(self):
        self.count += 1
        self.owed.add(f"t{self.count}")
        return f"t{self.count}"

    def write_file(self):
        mark = f"m{self.count}"
        status = self.random.choice(["draft", "published"])
        body = "".join(f"\nSome words {self.token()}\nand more.\n" for _ in range(3))
        text = f"---\ntitle: Title {mark}\nstatus: {status}\n---\n\n{mark}\n{body}"
        self.world.write(f"posts/s{self.seed}-{mark}.md", text)

    def write_post(self):
        mark = f"m{self.count}"
        body = "".join(f"<p>Some words {self.token()} and more.</p>" for _ in range(3))
        self.side.create(f"Title s{self.seed} {mark}", f"<p>{mark}</p>{body}")

    def _swap(self, text):
        old = self.random.choice(TOKEN.findall(text))
        self.owed.discard(old)
        return re.sub(rf"\b{old}\b", self.token(), text)

    def edit_file(self):
        path = self.random.choice(sorted(self.files().values()))
        self.world.write(path, self._swap(self.world.read(path)))

    def edit_post(self):
        posts = sorted(self.posts().values())
        if posts:
            id, text = self.random.choice(posts)
            self.side.edit(id, self._swap(text))

    def rename_file(self):
        path = self.random.choice(sorted(self.files().values()))
        self.count += 1
        (self.world.root / path).rename(self.world.root / f"posts/s{self.seed}-renamed-{self.count}.md")

    def delete_one(self):
        files = sorted(self.files().values())
        if self.random.random() < 0.5 and len(files) > 2:
            (self.world.root / self.random.choice(files)).unlink()
        elif posts := sorted(self.posts().values()):
            self.side.delete(self.random.choice(posts)[0])
        self.owed &= self.kept()

    def files(self):
        found = {}
        for path, data in self.world.files().items():
            if path.endswith(".md") and path.startswith("posts/") and ".conflict." not in path:
                mark = MARK.search(data.decode())[0]
                assert mark not in found, f"two files: {path}, {found[mark]}"
                found[mark] = path
        return found

    def posts(self):
        found = {}
        for id, text in self.side.posts():
            mark = MARK.search(text)[0]
            assert mark not in found, f"two posts for {mark}"
            found[mark] = (id, text)
        return found

    def kept(self):
        texts = [text for _, text in self.side.posts()]
        return {w for w in self.world.texts() | set(TOKEN.findall(" ".join(texts))) if TOKEN.fullmatch(w)}

    def cycle(self, *, after=5):
        self.side.wait(after)
        try:
            return self.world.cycle(after=after)
        except GhostsyncError:
            return None

    def tell(self):
        """The whole schedule; raises AssertionError."""
        for make in (self.write_file, self.write_file, self.write_file, self.write_post):
            make()
        if self.pictures:
            self.draw()
            self.hang_up()
        deeds = [self.edit_file, self.edit_post, self.edit_file, self.edit_post, self.rename_file]
        if self.pictures:
            deeds += [self.draw, self.draw, self.hang_up]
        for number in range(ROUNDS):
            self.proxy.plan = Plan(f"{self.seed}/{number}", rate=0.25)
            self.world.configure(self.side.timeout, self.settings())
            self.cycle()
            self.spoiled += self.proxy.plan.spoiled
            self.proxy.plan.rate = 0.0
            if number < ROUNDS - 1:
                for deed in self.random.sample(deeds, 2):
                    deed()
                if self.random.random() < 0.3:
                    self.delete_one()
            self.check_posts()
        self.proxy.quiet()
        self.world.configure(QUIET, self.settings())
        self.end()

    def end(self):
        for _ in range(6):
            report = self.cycle(after=LONG)
            assert report is not None
            if report.in_step:
                break
        assert self.owed - self.kept() == set()
        posts, files = self.posts(), self.files()
        writes, stats = [text for _, text in self.side.posts()], self.world.stats()
        report = self.cycle()
        assert self.world.stats() == stats
        assert [text for _, text in self.side.posts()] == writes
        assert report.halt is None
        left = [outcome.action for outcome in report.outcomes if not outcome.action.verb.silent]
        assert {action.verb.value for action in left} <= {"conflict", "problem"}
        unsettled = {action.path for action in left}
        for mark, path in files.items():
            if path not in unsettled:
                assert TOKEN.findall(self.world.read(path)) == TOKEN.findall(_text(posts[mark][1]))
        if self.pictures:
            self.check_pictures(posts, files, unsettled)

    def check_posts(self):
        """At no time does a post show what is not there."""
        for _, text in self.side.posts():
            assert PENDING not in text
            for address in ADDRESSES.findall(text):
                assert self.side.serves(address) is not None, address

    def check_pictures(self, posts, files, unsettled):
        """In the end each post shows what its file shows, to the byte, and nothing went up twice. What arrives after its
        sender gave up waiting may be there twice, and is shown by nobody.
        """
        self.check_posts()
        late = sum(": late" in line and "/upload/" in line for line in self.spoiled)
        doubled = sum(max(0, self.side.stored(mark.encode()) - 1) for mark in self.drawn)
        assert doubled <= late, f"{doubled} pictures twice"
        for mark, path in files.items():
            if path in unsettled:
                continue
            here = [
                (self.world.root / (local[1:] if local.startswith("/") else f"posts/{local}")).read_bytes()
                if "://" not in local
                else self.side.serves(ADDRESSES.findall(local)[0])
                for local in SHOWN.findall(self.world.read(path))
            ]
            there = [self.side.serves(address) for address in ADDRESSES.findall(posts[mark][1])]
            assert here == there, path


def _text(lexical):
    """All text nodes of a Lexical document, in order."""

    def walk(node):
        if "text" in node:
            yield node["text"]
        for child in node.get("children", []):
            yield from walk(child)

    return " ".join(walk(json.loads(lexical)["root"]))


def play(world, side, proxy, seed):
    """One schedule from nothing; returns how many answers were spoiled. Raises AssertionError."""
    world.begin()
    side.clear()
    story = Story(world, side, proxy, seed)
    try:
        story.tell()
    except AssertionError as error:
        error.add_note(f"seed {seed}; spoiled: {story.spoiled}")
        raise
    return len(story.spoiled)


@contextmanager
def quickly():
    """No pause before a second try, no patience with a Ghost that looks at a picture, and the certificates of this machine
    are read once, not for every cycle.
    """
    stamina.set_testing(True, attempts=2, cap=True)
    try:
        with (
            mock.patch.object(ssl, "create_default_context", functools.cache(ssl.create_default_context)),
            mock.patch.object(transport, "_COPYING", 0.0),
        ):
            yield
    finally:
        stamina.set_testing(False)


@contextmanager
def sandbox_stage():
    """What `play` needs, on the sandbox."""
    with quickly(), quick_directory() as place:
        clock = SharedClock(place / "clock")
        ghost = SandboxGhost(clock=clock)
        with serve_in_thread(ghost) as url, proxied(url) as proxy:
            yield World(ghost, clock, proxy.url, place), SandboxSide(ghost, clock, proxy.url), proxy


@contextmanager
def real_stage(real):
    """On a real Ghost. ghostsync waits until a version is two seconds old, since another write within its second would
    pass Ghost's lock. Nobody writes during a cycle here, so the proxy makes these seconds pass at once.
    """
    key = SandboxGhost()
    key.key_id, secret = real.key.split(":")
    key.secret = bytes.fromhex(secret)
    side = RealSide(real)
    with quickly(), quick_directory() as place, proxied(real.url) as proxy:
        proxy.ahead = 5
        try:
            yield World(key, ShiftedClock(), proxy.url, place, sleep=asyncio.sleep), side, proxy
        finally:
            side.close()
