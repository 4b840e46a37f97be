"""A server's repository, a real Ghost, and people and jobs that come and go."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
from git_helpers import SETTINGS
from realghost.api import OWNER
from repositories import bare, clone

CLEARED = ("CI", "GITHUB_", "GITLAB_", "GHOST", "GIT_")


def tools_in(root):
    """A directory for PATH: the command under test, installers that have nothing to do, and a `gh` that writes down its calls."""
    place = root / "tools"
    place.mkdir()
    (place / "ghostsync").symlink_to(Path(sys.executable).parent / "ghostsync")
    for name in ("pip", "pipx"):
        script(place / name, "exit 0")
    script(
        place / "gh",
        f'echo "$@" >> {root}/gh.txt\n[ "$2" != view ] || [ ! -e {root}/open ] || echo OPEN',
    )
    return place


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


class Place:
    """A server's repository, a Ghost, and what runs there."""

    def __init__(self, ghost, tools, root):
        self.ghost = ghost
        self.root = root
        self.remote = bare(root / "blog.git")
        self.runs = 0
        kept = {name: value for name, value in os.environ.items() if not name.startswith(CLEARED)}
        self.environment = kept | SETTINGS | {"PATH": f"{tools}:{os.environ['PATH']}"}
        self.writer = clone(self.remote, root / "writer")
        self.writer.write("ghostsync.toml", f'[site]\nurl = "{ghost.url}"\n[git]\nbranch = "main"\n')

    def ci(self, command, *options, **environment):
        """A shell command in a fresh clone of the branch, as a CI job."""
        runner = self.checkout("main", *options)
        environment = {"CI": "true", "GHOST_ADMIN_API_KEY": self.ghost.key} | environment
        return self.shell(command, runner.root, **environment)

    def push(self, branch="main", **files):
        self.writer.commit("Write", **files)
        self.writer("push", "-q", "origin", f"HEAD:{branch}")

    def shell(self, command, cwd, **environment):
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", command],
            cwd=cwd,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def checkout(self, ref, *options):
        self.runs += 1
        runner = clone(self.remote, self.root / f"run-{self.runs}", *options)
        runner("checkout", "-q", ref)
        return runner

    def post(self, slug="bees"):
        posts = self.ghost.api("GET", f"posts/?filter=slug:{slug}&formats=lexical")["posts"]
        return posts[0] if posts else None

    def edit(self, old, new):
        post = self.post()
        assert old in post["lexical"]
        self.ghost.edit("posts", post["id"], lexical=post["lexical"].replace(old, new))


class Editor:
    """A person at Ghost's editor, with an account of their own."""

    def __init__(self, ghost):
        self._ghost = ghost
        self._client = httpx.Client(
            base_url=f"{ghost.url.rstrip('/')}/ghost/api/admin/",
            headers={"Origin": ghost.url.rstrip("/")},
            timeout=60,
        )
        said = {"username": OWNER["email"], "password": OWNER["password"]}
        self._call("POST", "session/", said)

    def _call(self, method, path, body=None):
        answer = self._client.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json() if "json" in answer.headers.get("content-type", "") else None

    def _post(self, slug):
        return self._call("GET", f"posts/?filter=slug:{slug}&formats=lexical")["posts"][0]

    def change(self, slug, old, new):
        post = self._post(slug)
        assert old in post["lexical"]
        body = {"lexical": post["lexical"].replace(old, new), "updated_at": post["updated_at"]}
        self._call("PUT", f"posts/{post['id']}/", {"posts": [body]})

    def delete(self, slug):
        self._call("DELETE", f"posts/{self._post(slug)['id']}/")

    def close(self):
        self._client.close()
