"""A running Ghost: started from a template database in seconds, stopped with everything it started."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from .api import Keys, set_up, staff_access_token, token
from .cache import Cache, RealGhostError
from .install import install
from .recipes import Recipe, recipe
from .tools import environment, node, run

HOST = "127.0.0.1"
_BOOT_LIMIT = 240.0
_LAST_WILL = "process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL')).resume();\n"
"""Loaded into Ghost: when our end of its stdin closes, however we ended, it ends too."""


class RealGhost:
    """One Ghost site in a folder of its own. url: without a trailing slash. key: the Admin API key."""

    def __init__(self, cache: Cache, wanted: Recipe, home: Path, folder: Path) -> None:
        self.recipe = wanted
        self.version = wanted.version
        self.port = _free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.key = ""
        self.content_key = ""
        self._cache = cache
        self._home = home
        self._folder = folder
        self._node = node(cache, wanted.node)
        self._process: subprocess.Popen[bytes] | None = None
        # Ghost compresses by itself; a proxy in the environment has no business on loopback.
        self._client = httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    @property
    def database(self) -> Path:
        return self._folder / "content" / "data" / "ghost.db"

    @property
    def content(self) -> Path:
        """Where it keeps what was uploaded."""
        return self._folder / "content"

    @property
    def log(self) -> Path:
        return self._folder / "ghost.log"

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def prepare(self) -> None:
        """Lay out the site's folder: themes, configuration, the place for the database."""
        shutil.copytree(self._home / "content", self._folder / "content", dirs_exist_ok=True)
        self.database.parent.mkdir(parents=True, exist_ok=True)
        # Ghost finds its own files through `current`, as ghost-cli lays it out.
        (self._folder / "current").symlink_to(self._home)
        (self._folder / "last-will.js").write_text(_LAST_WILL, encoding="utf-8")
        settings = {
            "url": self.url,
            "server": {"host": HOST, "port": self.port, "shutdownTimeout": 500},
            "database": {
                "client": self.recipe.sqlite,
                "useNullAsDefault": True,
                "connection": {"filename": str(self.database)},
            },
            "mail": {"transport": "stub"},
            # Once an e-mail exists, Ghost 6 starts this job in a worker thread at a random second; on SQLite the
            # whole process has died with it.
            "emailAnalytics": {"enabled": False},
            "backgroundJobs": {"emailAnalytics": False, "clickTrackingLastSeenAtUpdater": False},
            "logging": {"transports": ["stdout"], "level": "info"},
            "security": {"staffDeviceVerification": False, "allowWebhookInternalIPs": True},
            "privacy": {"useUpdateCheck": False, "useGravatar": False, "useRpcPing": False},
            "paths": {"contentPath": str(self._folder / "content")},
            "process": "local",
        }
        (self._folder / "config.production.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")

    def migrate(self) -> None:
        """Make the database of a Ghost that does not do so by itself."""
        script = self._home / "node_modules/knex-migrator/bin/knex-migrator-init"
        run(
            [self._node / "bin/node", script, "--mgpath", self._home],
            cwd=self._folder,
            env=environment(self._cache, self._node, NODE_ENV="production"),
            doing=f"making the database of Ghost {self.version}",
        )

    def start(self) -> None:
        """Start, with the content as it was when it stopped, and wait until it answers."""
        if self.running:
            return
        self.stop()  # lets go of what is left of one that died by itself
        env = environment(self._cache, self._node, NODE_ENV="production")
        if self.recipe.major >= 5:
            # Node 22 keeps compiled code there; it saves a second of each start.
            env["NODE_COMPILE_CACHE"] = str(self._cache.path("compiled", self.version))
        command = [
            self._node / "bin/node",
            "--require",
            self._folder / "last-will.js",
            self._home / "index.js",
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                cwd=self._folder,
                env=env,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise

    def _wait(self) -> None:
        """Ready means that the API and the front page both answer: while booting they say 503."""
        end = time.monotonic() + _BOOT_LIMIT
        while time.monotonic() < end:
            if not self.running:
                break
            with contextlib.suppress(httpx.TransportError):
                setup = self._client.get(f"{self.recipe.api}authentication/setup/")
                if (
                    setup.status_code == httpx.codes.OK
                    and self._client.get("/").status_code == httpx.codes.OK
                ):
                    return
            time.sleep(0.1)
        tail = self.log.read_text(encoding="utf-8", errors="replace")[-3000:]
        raise RealGhostError(f"Ghost {self.version} did not come up:\n{tail}")

    def stop(self) -> None:
        """Stop it and wait until it is gone; `start` brings it back with the same content."""
        process, self._process = self._process, None
        if process is None:
            return
        for sign, patience in ((signal.SIGTERM, 8), (signal.SIGKILL, 8)):
            if process.poll() is not None:
                break
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
        if process.stdin is not None:
            process.stdin.close()

    def close(self) -> None:
        self.stop()
        self._client.close()

    def take_keys(self, keys: Keys) -> None:
        self.key, self.content_key = keys.admin, keys.content

    def set_up(self) -> Keys:
        """Make the owner and the integration of a fresh site; its keys are used from now on."""
        keys = set_up(self._client, self.recipe)
        self._client.cookies.clear()
        self.take_keys(keys)
        return keys

    def staff_access_token(self) -> str:
        return staff_access_token(self._client, self.recipe)

    def raw(self, method: str, path: str, json: Any = None, **more: Any) -> httpx.Response:
        """One Admin API call with the integration's key. path: after /admin/, with its query if any."""
        headers = {
            "Authorization": f"Ghost {token(self.key, self.recipe.audience)}",
            **more.pop("headers", {}),
        }
        return self._client.request(method, self.recipe.api + path, json=json, headers=headers, **more)

    def api(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        """The parsed answer of a call that must succeed; None where there is none."""
        answer = self.raw(method, path, json, **more)
        if not answer.is_success:
            raise RealGhostError(f"{method} {path}: {answer.status_code} {answer.text[:1000]}")
        return answer.json() if answer.content else None

    def add(self, kind: str, /, *, query: str = "", **fields: Any) -> dict[str, Any]:
        """Make a post (kind "posts") or page ("pages") and give it back as answered."""
        made: dict[str, Any] = self.api(
            "POST", f"{kind}/{query}", {kind: [{"title": "(Untitled)", **fields}]}
        )
        return dict(made[kind][0])

    def edit(self, kind: str, id: str, /, *, query: str = "", **fields: Any) -> dict[str, Any]:
        """Change a document as an editor who has just opened it would."""
        seen = self.api("GET", f"{kind}/{id}/")[kind][0]["updated_at"]
        body = {kind: [{"updated_at": seen, **fields}]}
        return dict(self.api("PUT", f"{kind}/{id}/{query}", body)[kind][0])

    def wipe(self) -> None:
        """Delete all posts, pages and tags of this Ghost, one by one."""
        for kind in ("posts", "pages", "tags"):
            while rows := self.api("GET", f"{kind}/?limit=100&fields=id")[kind]:
                for row in rows:
                    self.api("DELETE", f"{kind}/{row['id']}/")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def launch(version: str, folder: Path, cache: Cache | None = None) -> Iterator[RealGhost]:
    """A Ghost with an owner, one integration and no posts, in an empty `folder`, until the block ends."""
    cache = cache or Cache()
    wanted = recipe(version)
    home = install(cache, wanted)
    template = cache.once(
        cache.path("templates", version), lambda work: _make_template(cache, wanted, home, work)
    )
    ghost = RealGhost(cache, wanted, home, folder)
    try:
        ghost.prepare()
        shutil.copyfile(template / "ghost.db", ghost.database)
        _give_identity(ghost.database)
        ghost.take_keys(Keys(**json.loads((template / "keys.json").read_text(encoding="utf-8"))))
        ghost.start()
        yield ghost
    finally:
        ghost.close()


def _make_template(cache: Cache, wanted: Recipe, home: Path, work: Path) -> None:
    """The database of a site that has been set up and emptied, and its keys."""
    folder = work / "site"
    folder.mkdir()
    ghost = RealGhost(cache, wanted, home, folder)
    try:
        ghost.prepare()
        if wanted.migrate_first:
            ghost.migrate()
        ghost.start()
        keys = ghost.set_up()
        ghost.wipe()
    finally:
        ghost.close()
    shutil.copyfile(ghost.database, work / "ghost.db")
    (work / "keys.json").write_text(
        json.dumps({"admin": keys.admin, "content": keys.content}), encoding="utf-8"
    )
    shutil.rmtree(folder)


def _give_identity(database: Path) -> None:
    """Two sites from one template must not pass for the same one."""
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("update settings set value = ? where key = 'site_uuid'", [str(uuid.uuid4())])
