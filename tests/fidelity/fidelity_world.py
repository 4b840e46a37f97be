"""A real Ghost of its own, a folder beside it, and the command as a user runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from realghost import Cache, RealGhost, recipe
from realghost.tools import node, unpack

VERSION = "6.65.0"
IN_FLIGHT = 4

_T = TypeVar("_T")
_HERE = Path(__file__).parent
_GHOST_ID = re.compile(r"^ghost_id: .*\n", re.MULTILINE)


class Folder:
    """A configured folder of one Ghost."""

    def __init__(self, ghost: RealGhost, root: Path) -> None:
        self.root = root
        self._environment = {**os.environ, "GHOST_ADMIN_API_KEY": ghost.key, "NO_COLOR": "1"}
        (root / "posts").mkdir(parents=True)
        # The examples show pictures that nobody has.
        text = f'[site]\nurl = "{ghost.url}"\n[media]\nupload = false\n'
        (root / "ghostsync.toml").write_text(text, encoding="utf-8")

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`ghostsync ARGUMENTS` in the folder."""
        return subprocess.run(
            [sys.executable, "-m", "ghostsync", "-C", str(self.root), *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def post(self, slug: str) -> Path:
        return self.root / "posts" / f"{slug}.md"

    def write(self, slug: str, body: str) -> None:
        """A new post whose body is exactly this."""
        self.post(slug).write_text(f"---\ntitle: {slug}\n---\n{body}", encoding="utf-8", newline="")

    def files(self) -> dict[str, bytes]:
        """Slug -> contents."""
        return {path.stem: path.read_bytes() for path in sorted((self.root / "posts").glob("*.md"))}


def without_ghost_id(source: str) -> str:
    return _GHOST_ID.sub("", source, count=1)


def posts_of(ghost: RealGhost) -> dict[str, dict[str, Any]]:
    """Slug -> post with id, updated_at, lexical (parsed) and html."""
    found: dict[str, dict[str, Any]] = {}
    page = 1
    while True:
        answer = ghost.api(
            "GET", f"posts/?limit=100&page={page}&formats=lexical,html&fields=id,slug,updated_at,lexical,html"
        )
        for post in answer["posts"]:
            post["lexical"] = json.loads(post["lexical"]) if post.get("lexical") else None
            found[post["slug"]] = post
        if page >= answer["meta"]["pagination"]["pages"]:
            return found
        page += 1


def together(work: Callable[[_T], Any], entries: Iterable[_T]) -> list[Any]:
    """Do something to each entry, some at a time, which is how Ghost is quickest."""
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        return list(pool.map(work, entries))


def add_posts(ghost: RealGhost, documents: Mapping[str, Any]) -> None:
    """Slug -> Lexical document: each as a new post."""
    together(
        lambda pair: ghost.add("posts", slug=pair[0], title=pair[0], lexical=json.dumps(pair[1])),
        documents.items(),
    )


def put_lexical(ghost: RealGhost, post: Mapping[str, Any], lexical: str) -> None:
    """Save a post as the editor does that has read it."""
    body = {"posts": [{"updated_at": post["updated_at"], "lexical": lexical}]}
    ghost.api("PUT", f"posts/{post['id']}/?fields=id", body)


def editor_saves(documents: list[str], cache: Cache | None = None) -> list[str]:
    """Lexical texts as the editor of the installed Ghost writes them after it has opened them."""
    made: list[str] = json.loads(_editor("resave", json.dumps(documents), cache))
    return made


def editor_nodes() -> dict[str, dict[str, Any]]:
    """Each node type that the installed Ghost registers, with the defaults of its properties."""
    known: dict[str, dict[str, Any]] = json.loads(_editor("nodes", "", None))
    return known


def browser_trees(pages: list[str]) -> list[Any]:
    """The element tree that a browser builds of each page's HTML; see `fidelity_html`."""
    made: list[Any] = json.loads(_editor("dom", json.dumps(pages), None))
    return made


def _editor(task: str, given: str, cache: Cache | None) -> str:
    cache = cache or Cache()
    command = [str(node(cache, recipe(VERSION).node) / "bin/node"), str(_HERE / "editor.js")]
    done = subprocess.run(
        [*command, str(cache.path("ghosts", VERSION)), task],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr[-3000:]
    return done.stdout


def commonmark_spec(cache: Cache | None = None) -> list[tuple[int, str, str, str]]:
    """(number, section, Markdown, HTML) of each example of CommonMark 0.31.2, from the npm package of that name."""
    cache = cache or Cache()
    home = cache.once(
        cache.path("tools", "commonmark-spec-0.31.2"),
        lambda work: unpack(cache, "commonmark-spec@0.31.2", work),
    )
    text = (home / "spec.txt").read_text(encoding="utf-8").partition("<!-- END TESTS -->")[0]
    section, found = "", []
    for example, markdown, html, heading in _EXAMPLE.findall(text):
        if example:
            found.append((len(found) + 1, section, markdown.replace("→", "\t"), html.replace("→", "\t")))
        else:
            section = heading
    return found


_EXAMPLE = re.compile(
    r"^(`{32} example)\n(.*?)^\.\n(.*?)^`{32}$|^#{1,6} +([^\n]*)$", re.MULTILINE | re.DOTALL
)
