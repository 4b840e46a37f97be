"""Git repositories for tests: made in temporary directories, with remotes that are directories, too."""

from pathlib import Path

from git_helpers import git


class Repository:
    """A work tree, with what a person does in it."""

    def __init__(self, root: Path):
        self.root = root

    def __call__(self, *arguments, input=None):
        """`git ARGUMENTS`: its output, without the last line end."""
        return git(self.root, *arguments, input=input)

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
    return Repository(root)
