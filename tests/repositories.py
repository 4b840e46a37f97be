"""Git repositories for tests: made in temporary directories, with remotes that are directories, too."""

import os
import subprocess
from pathlib import Path

_ENVIRONMENT = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


class Repository:
    """A work tree, with what a person does in it."""

    def __init__(self, root: Path):
        self.root = root

    def __call__(self, *arguments, input=None):
        """`git ARGUMENTS`: its output, without the last line end."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env=os.environ | _ENVIRONMENT,
            input=input,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)

    def read(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    def commit(self, message="Write", **files):
        """Everything that is there, after writing these files (`posts_a`: posts/a.md)."""
        for name, text in files.items():
            self.write(name.replace("_", "/", 1) + ".md", text)
        self("add", "--all")
        self("commit", "--quiet", "--allow-empty", "-m", message)
        return self.head

    @property
    def head(self):
        return self("rev-parse", "HEAD")


def new_repository(root: Path, *, options=()) -> Repository:
    root.mkdir(parents=True, exist_ok=True)
    repository = Repository(root)
    repository("init", "--quiet", "--initial-branch=main", *options)
    repository("config", "user.name", "Ada")
    repository("config", "user.email", "ada@example.com")
    return repository


def bare(root: Path) -> Path:
    """A place to push to."""
    root.mkdir(parents=True)
    Repository(root)("init", "--quiet", "--bare", "--initial-branch=main")
    return root


def clone(source: Path, root: Path, *options) -> Repository:
    """A clone, by its address as from another machine, so that --depth counts."""
    root.parent.mkdir(parents=True, exist_ok=True)
    Repository(root.parent)("clone", "--quiet", *options, f"file://{source}", str(root))
    repository = Repository(root)
    repository("config", "user.name", "Ada")
    repository("config", "user.email", "ada@example.com")
    return repository
