import asyncio
import os
import stat
import time
from hashlib import sha256

import pytest

from ghostsync.config import FolderSection
from ghostsync.errors import FolderError, TargetChanged, UnsafePath
from ghostsync.folder.local import LocalFolder
from ghostsync.model import Kind
from ghostsync.sync.model import ABSENT


def sha(data):
    return sha256(data).hexdigest()


@pytest.fixture
def root(tmp_path):
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def folder(root):
    return LocalFolder(root, FolderSection(), clock=lambda: 1_769_847_300.0)


def exchange_works(root):
    from ghostsync.folder.durable import exchange

    for name in ("one", "other"):
        (root / name).touch()
    directory = os.open(root, os.O_RDONLY)
    try:
        return exchange(directory, "one", "other")
    finally:
        os.close(directory)
        for name in ("one", "other"):
            (root / name).unlink()


def everything(root):
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_symlink() or not p.is_dir())


def test_a_new_file_is_written_with_its_directories(folder, root):
    written = folder.write("posts/2024/a.md", b"text", expected_sha=ABSENT)
    assert (root / "posts/2024/a.md").read_bytes() == b"text"
    assert everything(root) == ["posts/2024/a.md"]
    assert (written.path, written.kind, written.sha) == ("posts/2024/a.md", Kind.POST, sha(b"text"))
    result = (root / "posts/2024/a.md").stat()
    assert (written.stat.size, written.stat.mtime_ns, written.stat.inode) == (
        4,
        result.st_mtime_ns,
        result.st_ino,
    )
    assert not written.settled


def test_a_new_file_gets_the_mode_that_the_umask_gives(folder, root):
    old = os.umask(0o027)
    try:
        folder.write("posts/a.md", b"", expected_sha=ABSENT)
    finally:
        os.umask(old)
    assert stat.S_IMODE((root / "posts/a.md").stat().st_mode) == 0o640


def test_creating_never_overwrites(folder, root):
    folder.write("posts/a.md", b"mine", expected_sha=ABSENT)
    with pytest.raises(TargetChanged):
        folder.write("posts/a.md", b"other", expected_sha=ABSENT)
    assert (root / "posts/a.md").read_bytes() == b"mine"
    assert everything(root) == ["posts/a.md"]


def test_replacing_keeps_mode_owner_and_attributes(folder, root):
    folder.write("posts/a.md", b"old", expected_sha=ABSENT)
    file = root / "posts/a.md"
    file.chmod(0o604)
    if os.geteuid() == 0:
        os.chown(file, 1234, 5678)
    try:
        os.setxattr(file, "user.tag", b"red")
        tagged = True
    except OSError:  # a file system without extended attributes
        tagged = False
    folder.write("posts/a.md", b"new", expected_sha=sha(b"old"))
    result = file.stat()
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(result.st_mode) == 0o604
    if os.geteuid() == 0:
        assert (result.st_uid, result.st_gid) == (1234, 5678)
    if tagged:
        assert os.getxattr(file, "user.tag") == b"red"
    assert everything(root) == ["posts/a.md"]


def test_what_write_reports_is_what_the_next_scan_sees(folder):
    folder.write("posts/a.md", b"old", expected_sha=ABSENT)
    written = folder.write("posts/a.md", b"new", expected_sha=sha(b"old"))
    seen = folder.scan({}).files[0]
    assert (seen.path, seen.stat, seen.sha) == (written.path, written.stat, written.sha)


@pytest.mark.parametrize("present", [b"edited", None])
def test_a_target_that_is_not_as_planned_is_left_alone(folder, root, present):
    (root / "posts").mkdir()
    if present is not None:
        (root / "posts/a.md").write_bytes(present)
    with pytest.raises(TargetChanged):
        folder.write("posts/a.md", b"new", expected_sha=sha(b"planned"))
    assert everything(root) == (["posts/a.md"] if present else [])


@pytest.mark.parametrize("rename", ["exchange", "plain"])
def test_an_edit_during_the_write_is_left_alone(folder, root, monkeypatch, rename):
    from ghostsync.folder import durable

    if rename == "plain":
        monkeypatch.setattr(durable, "_renameat2", None)
    folder.write("posts/a.md", b"old", expected_sha=ABSENT)
    real = os.fsync

    def fsync(descriptor):
        (root / "posts/a.md").write_bytes(b"a person's save")
        real(descriptor)

    monkeypatch.setattr("os.fsync", fsync)
    with pytest.raises(TargetChanged):
        folder.write("posts/a.md", b"new", expected_sha=sha(b"old"))
    assert (root / "posts/a.md").read_bytes() == b"a person's save"
    assert everything(root) == ["posts/a.md"]


@pytest.mark.parametrize("how", ["in place", "by rename"])
def test_a_save_at_the_very_moment_of_the_rename_is_put_back(folder, root, monkeypatch, how):
    from ghostsync.folder import durable, files

    folder.write("posts/a.md", b"old", expected_sha=ABSENT)
    if not exchange_works(root):
        pytest.skip("this file system cannot exchange two names")
    file = root / "posts/a.md"
    calls = []

    def exchange(directory, one, other):
        if not calls:
            if how == "in place":
                file.write_bytes(b"a person's save")
            else:
                (root / "save").write_bytes(b"a person's save")
                (root / "save").rename(file)
        calls.append(other)
        return durable.exchange(directory, one, other)

    monkeypatch.setattr(files, "exchange", exchange)
    with pytest.raises(TargetChanged):
        folder.write("posts/a.md", b"new", expected_sha=sha(b"old"))
    assert file.read_bytes() == b"a person's save"
    assert everything(root) == ["posts/a.md"]


def test_without_exchange_a_plain_rename_does(folder, root, monkeypatch):
    from ghostsync.folder import durable

    monkeypatch.setattr(durable, "_renameat2", None)
    folder.write("posts/a.md", b"old", expected_sha=ABSENT)
    folder.write("posts/a.md", b"new", expected_sha=sha(b"old"))
    assert (root / "posts/a.md").read_bytes() == b"new"
    with pytest.raises(TargetChanged):
        folder.write("posts/a.md", b"other", expected_sha=ABSENT)
    assert everything(root) == ["posts/a.md"]


def test_without_hard_links_either_a_new_file_still_overwrites_nothing(folder, root, monkeypatch):
    from ghostsync.folder import durable

    def link(*_, **__):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(durable, "_renameat2", None)
    monkeypatch.setattr("os.link", link)
    folder.write("posts/a.md", b"mine", expected_sha=ABSENT)
    with pytest.raises(TargetChanged):
        folder.write("posts/a.md", b"other", expected_sha=ABSENT)
    assert (root / "posts/a.md").read_bytes() == b"mine"
    assert everything(root) == ["posts/a.md"]


@pytest.mark.parametrize(
    "path",
    [
        "/etc/x.md",
        "../x.md",
        "posts/../../x.md",
        "posts/../x.md",
        "posts//x.md",
        "posts/./x.md",
        "",
        "x.md",
        "posts/x.txt",
        "posts/.hidden.md",
        "posts/x.conflict.md",
        ".ghostsync/x.md",
        "posts/.git/x.md",
        "posts/\udce9.md",
        "posts/a\0.md",
    ],
)
def test_paths_that_are_no_place_for_a_document_are_refused(folder, root, path):
    with pytest.raises(UnsafePath):
        folder.write(path, b"x", expected_sha=ABSENT)
    assert everything(root.parent) == []


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret", "posts/../../secret", "", "posts/\0"])
def test_nothing_outside_is_read(folder, root, path):
    (root.parent / "secret").write_text("x")
    (root / "posts").mkdir()
    with pytest.raises(UnsafePath):
        folder.read(path)


def test_no_link_is_followed_by_any_method(folder, root):
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "a.md").write_bytes(b"secret")
    (root / "posts").mkdir()
    (root / "posts/link").symlink_to(outside)
    (root / "posts/a.md").symlink_to(outside / "a.md")
    for path in ("posts/link/a.md", "posts/a.md"):
        with pytest.raises(FolderError, match="symbolic link"):
            folder.read(path)
        with pytest.raises(FolderError, match="symbolic link"):
            folder.write(path, b"x", expected_sha=sha(b"secret"))
        with pytest.raises(FolderError, match="symbolic link"):
            folder.trash(path, expected_sha=sha(b"secret"))
    with pytest.raises(UnsafePath):
        folder.write("posts/link/new.md", b"x", expected_sha=ABSENT)
    with pytest.raises(TargetChanged):
        folder.write("posts/a.md", b"x", expected_sha=ABSENT)
    with pytest.raises(UnsafePath):
        folder.write_beside("posts/link/a.conflict.md", b"x")
    assert everything(outside) == ["a.md"]
    assert (outside / "a.md").read_bytes() == b"secret"


def test_a_linked_trash_is_refused(folder, root):
    outside = root.parent / "outside"
    outside.mkdir()
    (root / ".ghostsync").symlink_to(outside)
    folder.write("posts/a.md", b"x", expected_sha=ABSENT)
    with pytest.raises(UnsafePath):
        folder.trash("posts/a.md", expected_sha=sha(b"x"))
    assert everything(outside) == []


def test_a_missing_file_is_told_as_gone(folder, root):
    (root / "posts").mkdir()
    with pytest.raises(TargetChanged, match="not there any more"):
        folder.read("posts/a.md")


def test_many_new_files_are_written_at_once(folder, root):
    files = [(f"posts/{n % 3}/{n}.md", b"%d" % n) for n in range(150)]
    done = asyncio.run(folder.write_many(iter(files)))
    assert [(file.path, file.sha) for file in done] == [(path, sha(data)) for path, data in files]
    assert all((root / path).read_bytes() == data for path, data in files)
    assert len(everything(root)) == 150


def test_many_new_files_leave_out_what_exists_or_cannot_be(folder, root):
    (root / "posts").mkdir()
    (root / "posts/taken.md").write_bytes(b"mine")
    (root / "posts/file").write_bytes(b"")
    (root / "posts/link").symlink_to(root.parent)
    files = [
        ("posts/a.md", b"a"),
        ("posts/taken.md", b"x"),
        ("posts/file/b.md", b"x"),
        ("posts/link/b.md", b"x"),
        (f"posts/{'x' * 300}.md", b"x"),
        ("../out.md", b"x"),
        ("posts/a.md", b"twice"),
        ("posts/z.md", b"z"),
    ]
    assert [file.path for file in asyncio.run(folder.write_many(files))] == ["posts/a.md", "posts/z.md"]
    assert (root / "posts/taken.md").read_bytes() == b"mine"
    assert (root / "posts/a.md").read_bytes() == b"a"
    assert everything(root.parent) == sorted(
        f"root/posts/{name}" for name in ("a.md", "z.md", "taken.md", "file", "link")
    )


def test_a_companion_is_written_replaced_and_removed(folder, root):
    (root / "posts").mkdir()
    path = root / "posts/a.conflict.md"
    folder.write_beside("posts/a.conflict.md", b"one")
    first = path.stat()
    folder.write_beside("posts/a.conflict.md", b"one")
    assert path.stat().st_ino == first.st_ino
    assert path.stat().st_mtime_ns == first.st_mtime_ns
    folder.write_beside("posts/a.conflict.md", b"two")
    assert path.read_bytes() == b"two"
    assert folder.read("posts/a.conflict.md") == b"two"
    folder.remove_beside("posts/a.conflict.md")
    folder.remove_beside("posts/a.conflict.md")
    folder.remove_beside("nowhere/a.conflict.md")
    assert everything(root) == []


def test_only_companions_are_removed_as_companions(folder, root):
    folder.write("posts/a.md", b"x", expected_sha=ABSENT)
    with pytest.raises(UnsafePath):
        folder.remove_beside("posts/a.md")
    with pytest.raises(UnsafePath):
        folder.write_beside("posts/a.md", b"y")
    assert (root / "posts/a.md").read_bytes() == b"x"


def test_the_trash_keeps_relative_paths_and_every_version(folder, root):
    moved = []
    for text in (b"one", b"two", b"three"):
        folder.write("posts/x/a.md", text, expected_sha=ABSENT)
        moved.append(folder.trash("posts/x/a.md", expected_sha=sha(text)))
    assert moved == [
        ".ghostsync/trash/posts/x/a.md",
        ".ghostsync/trash/posts/x/a.20260131-081500.md",
        ".ghostsync/trash/posts/x/a.20260131-081500-2.md",
    ]
    assert [(root / path).read_bytes() for path in moved] == [b"one", b"two", b"three"]
    assert stat.S_IMODE((root / ".ghostsync").stat().st_mode) == 0o700
    assert folder.scan({}).files == ()


def test_what_lies_in_the_trash_for_longer_than_it_is_kept_goes_and_nothing_else(root, tmp_path):
    days = 0
    folder = LocalFolder(root, FolderSection(), clock=lambda: time.time() + days * 86400)
    folder.write("posts/x/old.md", b"old", expected_sha=ABSENT)
    os.utime(root / "posts/x/old.md", (0, 0))  # written long ago is not trashed long ago
    where = folder.trash("posts/x/old.md", expected_sha=sha(b"old"))
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "theirs.md").write_bytes(b"theirs")
    (root / ".ghostsync/trash/link").symlink_to(outside)
    folder.write("posts/here.md", b"here", expected_sha=ABSENT)
    days = 89
    folder.prune_trash(90 * 86400)
    assert (root / where).read_bytes() == b"old"
    days = 91
    folder.prune_trash(90 * 86400)
    assert list((root / ".ghostsync/trash").iterdir()) == []
    assert (outside / "theirs.md").read_bytes() == b"theirs"
    assert (root / "posts/here.md").read_bytes() == b"here"


def test_a_trash_that_is_not_there_or_leads_elsewhere_is_left_alone(folder, root, tmp_path):
    folder.prune_trash(1.0)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/a.md").write_bytes(b"x")
    (root / ".ghostsync").mkdir()
    (root / ".ghostsync/trash").symlink_to(tmp_path / "elsewhere")
    LocalFolder(root, FolderSection(), clock=lambda: time.time() + 1e9).prune_trash(1.0)
    assert (tmp_path / "elsewhere/a.md").read_bytes() == b"x"


def test_an_edited_file_is_not_trashed(folder, root):
    folder.write("posts/a.md", b"edited", expected_sha=ABSENT)
    with pytest.raises(TargetChanged):
        folder.trash("posts/a.md", expected_sha=sha(b"planned"))
    assert (root / "posts/a.md").read_bytes() == b"edited"


def test_a_save_at_the_very_moment_of_the_trashing_is_moved_back(folder, root, monkeypatch):
    from ghostsync.folder import durable, files

    folder.write("posts/a.md", b"old", expected_sha=ABSENT)
    calls = []

    def rename_new(directory, old, new, *, target=None):
        if not calls:
            (root / "posts/a.md").write_bytes(b"a person's save")
        calls.append(new)
        durable.rename_new(directory, old, new, target=target)

    monkeypatch.setattr(files, "rename_new", rename_new)
    with pytest.raises(TargetChanged):
        folder.trash("posts/a.md", expected_sha=sha(b"old"))
    assert (root / "posts/a.md").read_bytes() == b"a person's save"


def test_what_a_killed_process_left_is_cleared_and_a_displaced_save_is_kept(folder, root):
    (root / "posts/deep").mkdir(parents=True)
    (root / "posts/a.md").write_bytes(b"a")
    (root / "posts/.ghostsync-new-00.tmp").write_bytes(b"half")
    (root / "posts/deep/.ghostsync-swap-11.tmp").write_bytes(b"a person's save")
    (root / "posts/.other.tmp").write_bytes(b"not ours")
    assert folder.remove_leftovers() == 2
    assert everything(root) == [
        ".ghostsync/trash/posts/deep/.ghostsync-swap-11.tmp",
        "posts/.other.tmp",
        "posts/a.md",
    ]
    assert folder.remove_leftovers() == 0


def test_a_document_too_large_for_the_next_scan_is_not_written(folder, root):
    with pytest.raises(FolderError, match="more than a document may have"):
        folder.write("posts/a.md", bytes(17 * 1024 * 1024), expected_sha=ABSENT)
    assert everything(root) == []
