"""A glance at the folder: cheap, and different whenever a scan would have something to read."""

import os

import pytest

from ghostsync.config import FolderSection
from ghostsync.folder.glance import glance
from ghostsync.folder.layout import Layout

PLACES = Layout(FolderSection())


@pytest.fixture
def folder(tmp_path):
    for path in ("posts/a.md", "posts/2026/b.md", "pages/about.md"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("Hello.\n")
    return tmp_path


def edit(root):
    (root / "posts/2026/b.md").write_text("Longer than before.\n")


def touch(root):
    os.utime(root / "pages/about.md", (1, 1))


def replace(root):
    """Same size, same time, another inode."""
    file, draft = root / "posts/a.md", root / "posts/.draft"
    seen = file.stat()
    draft.write_text("Jello.\n")
    os.utime(draft, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    draft.replace(file)


def add(root):
    (root / "posts/new").mkdir()
    (root / "posts/new/c.md").write_text("")


def remove(root):
    (root / "posts/a.md").unlink()


def rename(root):
    (root / "posts/a.md").rename(root / "posts/z.md")


def swap(root):
    (root / "posts/a.md").rename(root / "posts/t")
    (root / "posts/2026/b.md").rename(root / "posts/a.md")
    (root / "posts/t").rename(root / "posts/2026/b.md")


def take_away(root):
    root.rename(root.with_name("elsewhere"))


@pytest.mark.parametrize("change", [edit, touch, replace, add, remove, rename, swap, take_away])
def test_whatever_moves_shows(folder, change):
    before = glance(folder, PLACES)
    change(folder)
    assert glance(folder, PLACES) != before


@pytest.mark.parametrize(
    "path", ["notes/x.md", "posts/photo.jpg", "posts/.obsidian/x.md", "posts/a.md~", ".ghostsync/x.md"]
)
def test_what_is_no_document_does_not_show(folder, path):
    before = glance(folder, PLACES)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text("x")
    assert glance(folder, PLACES) == before


def test_a_folder_at_rest_looks_the_same(folder):
    assert glance(folder, PLACES) == glance(folder, PLACES)
