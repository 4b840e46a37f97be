import os
import socket
from hashlib import sha256

import pytest

from ghostsync.config import FolderSection
from ghostsync.errors import ConfigError, FolderUnusable
from ghostsync.folder.local import LocalFolder
from ghostsync.model import Kind
from ghostsync.sync.model import Scan

FAR_FUTURE = 4_000_000_000.0


def put(root, path, data=b"text\n"):
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return target


def folder(root, **section):
    # A scan that happens long after every write: all stats are settled.
    return LocalFolder(root, FolderSection(**section), clock=lambda: FAR_FUTURE)


def known_of(scan: Scan):
    return {file.path: (file.stat, file.sha, file.settled) for file in scan.files}


def paths(scan: Scan):
    return [file.path for file in scan.files]


def problems(scan: Scan):
    return {file.path: str(file.error) for file in scan.files if file.error is not None}


def test_documents_in_any_subfolder_are_found_with_their_kind_and_hash(tmp_path):
    put(tmp_path, "posts/a.md", b"A")
    put(tmp_path, "posts/2024/deep/er/b.markdown", b"B")
    put(tmp_path, "pages/c.MD", b"C")
    put(tmp_path, "elsewhere/d.md")
    put(tmp_path, "README.md")
    scan = folder(tmp_path).scan({})
    assert [(f.path, f.kind, f.sha) for f in scan.files] == [
        ("pages/c.MD", Kind.PAGE, sha256(b"C").hexdigest()),
        ("posts/2024/deep/er/b.markdown", Kind.POST, sha256(b"B").hexdigest()),
        ("posts/a.md", Kind.POST, sha256(b"A").hexdigest()),
    ]
    assert scan.complete
    assert not scan.errors


@pytest.mark.parametrize(
    "path",
    [
        "posts/.hidden.md",
        "posts/.obsidian/x.md",
        "posts/.git/x.md",
        "posts/node_modules/pkg/README.md",
        "posts/a.conflict.md",
        "posts/a.md~",
        "posts/#a.md#",
        "posts/.#a.md",
        "posts/.a.md.swp",
        "posts/4913",
        "posts/a.md.tmp",
        "posts/.ghostsync-new-0123.tmp",
        "posts/image.png",
    ],
)
def test_what_editors_and_tools_leave_is_no_document(tmp_path, path):
    put(tmp_path, path)
    put(tmp_path, "posts/real.md")
    scan = folder(tmp_path).scan({})
    assert paths(scan) == ["posts/real.md"]
    assert scan.complete
    assert not scan.errors


@pytest.mark.parametrize("pattern", ["drafts/", "posts/drafts/**", "*secret*", "/posts/drafts"])
def test_ignore_patterns_are_gitignore_patterns(tmp_path, pattern):
    put(tmp_path, "posts/drafts/secret-a.md")
    put(tmp_path, "posts/b.md")
    assert paths(folder(tmp_path, ignore=(pattern,)).scan({})) == ["posts/b.md"]


def test_a_missing_folder_is_unusable_and_a_missing_posts_directory_just_empty(tmp_path):
    with pytest.raises(FolderUnusable, match="does not exist"):
        folder(tmp_path / "gone").scan({})
    (tmp_path / "file").write_text("x")
    with pytest.raises(FolderUnusable, match="is a file"):
        folder(tmp_path / "file").scan({})
    scan = folder(tmp_path).scan({})
    assert scan.files == ()
    assert scan.complete


def test_the_root_names_file_system_and_directory(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    assert folder(one).scan({}).root == folder(one).scan({}).root
    assert folder(one).scan({}).root != folder(two).scan({}).root
    result = one.stat()
    assert folder(one).scan({}).root == f"{result.st_dev}:{result.st_ino}"


def test_an_unchanged_settled_file_is_not_read_again(tmp_path):
    put(tmp_path, "posts/a.md")
    known = known_of(folder(tmp_path).scan({}))
    stat, _, settled = known["posts/a.md"]
    assert settled
    # A hash that only the memory of the last scan can have given.
    scan = folder(tmp_path).scan({"posts/a.md": (stat, "remembered", True)})
    assert scan.files[0].sha == "remembered"


def test_an_unsettled_stat_proves_nothing(tmp_path):
    put(tmp_path, "posts/a.md", b"A")
    stat = folder(tmp_path).scan({}).files[0].stat
    scan = folder(tmp_path).scan({"posts/a.md": (stat, "remembered", False)})
    assert scan.files[0].sha == sha256(b"A").hexdigest()


def test_a_file_as_young_as_the_scan_is_not_settled(tmp_path):
    file = put(tmp_path, "posts/a.md")
    now = file.stat().st_mtime
    assert not LocalFolder(tmp_path, FolderSection(), clock=lambda: now).scan({}).files[0].settled
    assert not LocalFolder(tmp_path, FolderSection(), clock=lambda: now + 1).scan({}).files[0].settled
    assert LocalFolder(tmp_path, FolderSection(), clock=lambda: now + 3).scan({}).files[0].settled


def test_an_edit_of_equal_size_right_after_a_scan_is_seen_by_the_next(tmp_path):
    file = put(tmp_path, "posts/a.md", b"one")
    mtime = file.stat().st_mtime_ns
    first = LocalFolder(tmp_path, FolderSection(), clock=lambda: mtime / 1e9).scan({})
    with file.open("r+b") as handle:
        handle.write(b"two")
    os.utime(file, ns=(mtime, mtime))
    second = folder(tmp_path).scan(known_of(first))
    assert second.files[0].stat == first.files[0].stat
    assert second.files[0].sha == sha256(b"two").hexdigest()


def test_a_linked_document_is_named_and_not_followed(tmp_path):
    outside = put(tmp_path, "outside/secret.md", b"secret")
    inside = put(tmp_path, "root/posts/real.md", b"real")
    (tmp_path / "root/posts/out.md").symlink_to(outside)
    (tmp_path / "root/posts/in.md").symlink_to(inside)
    (tmp_path / "root/posts/dangling.md").symlink_to("nowhere")
    scan = folder(tmp_path / "root").scan({})
    assert set(problems(scan)) == {"posts/out.md", "posts/in.md", "posts/dangling.md"}
    assert all("symbolic link" in text for text in problems(scan).values())
    assert all(file.sha == "" for file in scan.files if file.error)
    assert scan.complete


def test_a_linked_directory_is_named_and_hides_no_deletion_of_others(tmp_path):
    put(tmp_path, "vault/secret.md", b"secret")
    put(tmp_path, "root/posts/real.md")
    (tmp_path / "root/posts/vault").symlink_to(tmp_path / "vault")
    scan = folder(tmp_path / "root").scan({})
    assert paths(scan) == ["posts/real.md"]
    assert [error.subject for error in scan.errors] == ["posts/vault"]
    assert scan.complete
    stat = scan.files[0].stat
    # Once documents were known behind what is a link now, nothing may count as deleted.
    assert not folder(tmp_path / "root").scan({"posts/vault/old.md": (stat, "x", True)}).complete


def test_a_link_in_place_of_the_posts_directory_is_named(tmp_path):
    put(tmp_path, "vault/a.md")
    root = tmp_path / "root"
    root.mkdir()
    (root / "posts").symlink_to(tmp_path / "vault")
    scan = folder(root).scan({})
    assert scan.files == ()
    assert "symbolic link" in str(scan.errors[0])


def test_a_link_to_an_image_is_nobodys_concern(tmp_path):
    put(tmp_path, "image.png")
    put(tmp_path, "posts/a.md")
    (tmp_path / "posts/image.png").symlink_to(tmp_path / "image.png")
    scan = folder(tmp_path).scan({})
    assert not scan.errors
    assert not problems(scan)


def test_pipes_and_sockets_are_named_and_never_opened(tmp_path):
    posts = tmp_path / "posts"
    posts.mkdir()
    os.mkfifo(posts / "pipe.md")
    with socket.socket(socket.AF_UNIX) as server:
        # A socket's path is short by law; bind relative to the directory.
        here = os.open(posts, os.O_RDONLY)
        try:
            server.bind(f"/proc/self/fd/{here}/s.md")
        finally:
            os.close(here)
        scan = folder(tmp_path).scan({})
    assert set(problems(scan)) == {"posts/pipe.md", "posts/s.md"}
    assert all("no regular file" in text for text in problems(scan).values())


def test_a_directory_named_like_a_document_is_searched(tmp_path):
    put(tmp_path, "posts/a.md/index.md")
    assert paths(folder(tmp_path).scan({})) == ["posts/a.md/index.md"]


def test_a_name_that_is_not_utf8_is_named_and_stops_deletions(tmp_path):
    (tmp_path / "posts").mkdir()
    raw = os.fsencode(tmp_path) + b"/posts/caf\xe9.md"
    with open(raw, "wb") as handle:  # noqa: PTH123  # a Path cannot hold these bytes
        handle.write(b"x")
    scan = folder(tmp_path).scan({})
    assert scan.files == ()
    assert not scan.complete
    assert scan.errors[0].subject == "posts/caf\\xe9.md"
    str(scan.errors[0]).encode("utf-8")


def test_an_image_whose_name_is_not_utf8_disturbs_nothing(tmp_path):
    (tmp_path / "posts").mkdir()
    with open(os.fsencode(tmp_path) + b"/posts/caf\xe9.png", "wb"):  # noqa: PTH123  # as above
        pass
    scan = folder(tmp_path).scan({})
    assert scan.complete
    assert not scan.errors


def test_a_file_beyond_the_size_bound_is_named_and_not_read(tmp_path):
    file = put(tmp_path, "posts/huge.md")
    with file.open("r+b") as handle:
        handle.truncate(17 * 1024 * 1024)
    scan = folder(tmp_path).scan({})
    assert "may have at most 16 MB" in problems(scan)["posts/huge.md"]


@pytest.mark.parametrize("second", ["posts/HELLO.md", "posts/Hello.MD"])
def test_of_names_that_differ_in_case_only_the_newcomer_is_the_problem(tmp_path, second):
    put(tmp_path, second, b"old")
    known = known_of(folder(tmp_path).scan({}))
    put(tmp_path, "posts/Hello.md", b"new")
    scan = folder(tmp_path).scan(known)
    assert paths(scan) == sorted([second, "posts/Hello.md"])
    assert set(problems(scan)) == {"posts/Hello.md"}
    assert second in problems(scan)["posts/Hello.md"]


def test_names_that_differ_in_normalisation_only_are_a_problem(tmp_path):
    composed, decomposed = "posts/caf\u00e9.md", "posts/cafe\u0301.md"
    put(tmp_path, composed)
    put(tmp_path, decomposed)
    assert len(problems(folder(tmp_path).scan({}))) == 1


def test_directories_that_differ_in_case_only_do_not_hide_each_other(tmp_path):
    put(tmp_path, "posts/A/x.md")
    put(tmp_path, "posts/a/x.md")
    put(tmp_path, "posts/a/y.md")
    assert set(problems(folder(tmp_path).scan({}))) == {"posts/a/x.md"}


def test_a_deleted_file_is_simply_not_there(tmp_path):
    file = put(tmp_path, "posts/a.md")
    put(tmp_path, "posts/b.md")
    known = known_of(folder(tmp_path).scan({}))
    file.unlink()
    scan = folder(tmp_path).scan(known)
    assert paths(scan) == ["posts/b.md"]
    assert scan.complete


def test_a_known_document_that_ignore_now_hides_is_a_problem_not_a_deletion(tmp_path):
    put(tmp_path, "posts/a.md")
    known = known_of(folder(tmp_path).scan({}))
    scan = folder(tmp_path, ignore=("a.md",)).scan(known)
    assert "leaves out" in problems(scan)["posts/a.md"]


def test_another_posts_directory_in_the_configuration_deletes_nothing(tmp_path):
    put(tmp_path, "posts/a.md")
    known = known_of(folder(tmp_path).scan({}))
    scan = folder(tmp_path, posts="writing/{slug}.md").scan(known)
    assert scan.files == ()
    assert not scan.complete
    assert [error.subject for error in scan.errors] == ["posts/a.md"]


def test_a_known_document_that_became_a_directory_is_gone(tmp_path):
    file = put(tmp_path, "posts/a.md")
    known = known_of(folder(tmp_path).scan({}))
    file.unlink()
    put(tmp_path, "posts/a.md/index.md")
    scan = folder(tmp_path).scan(known)
    assert paths(scan) == ["posts/a.md/index.md"]
    assert scan.complete


def test_a_known_path_behind_what_is_a_file_now_is_gone(tmp_path):
    put(tmp_path, "posts/dir")
    stat = folder(tmp_path).scan({}).root
    assert stat
    put(tmp_path, "posts/b.md")
    known = known_of(folder(tmp_path).scan({}))
    known["posts/dir/a.md"] = known["posts/b.md"]
    scan = folder(tmp_path).scan(known)
    assert paths(scan) == ["posts/b.md"]
    assert scan.complete


def test_a_file_that_comes_back_during_the_scan_is_not_missed(tmp_path, monkeypatch):
    """vim renames the original away and writes it anew: the listing may fall in between."""
    file = put(tmp_path, "posts/a.md", b"back")
    known = known_of(folder(tmp_path).scan({}))
    file.unlink()
    real = os.scandir

    def scandir(directory):
        listing = real(directory)
        if not file.exists():
            entries = list(listing)
            listing.close()
            file.write_bytes(b"back")
            return _Listing(entries)
        return listing

    monkeypatch.setattr("os.scandir", scandir)
    scan = folder(tmp_path).scan(known)
    assert [(f.path, f.sha) for f in scan.files] == [("posts/a.md", sha256(b"back").hexdigest())]


def renaming(monkeypatch, *moves):
    """Each listing of a directory is followed by the next of these moves, before any file of it is looked at."""
    real, left = os.scandir, list(moves)

    def scandir(directory):
        with real(directory) as listing:
            entries = list(listing)
        if left:
            left.pop(0)()
        return _Listing(entries)

    monkeypatch.setattr("os.scandir", scandir)


def test_a_file_that_is_renamed_while_it_is_listed_is_found_under_its_new_name(tmp_path, monkeypatch):
    """Neither the old name nor the new one is met, and a post would be taken down for it."""
    old = put(tmp_path, "posts/a.md", b"A")
    put(tmp_path, "posts/b.md", b"B")
    known = known_of(folder(tmp_path).scan({}))
    renaming(monkeypatch, lambda: old.rename(tmp_path / "posts/z.md"))
    scan = folder(tmp_path).scan(known)
    assert paths(scan) == ["posts/b.md", "posts/z.md"]
    assert scan.complete


def test_a_file_that_is_renamed_during_the_second_look_is_found_by_a_third(tmp_path, monkeypatch):
    first, second = put(tmp_path, "posts/a.md", b"A"), put(tmp_path, "posts/b.md", b"B")
    known = known_of(folder(tmp_path).scan({}))
    renaming(
        monkeypatch,
        lambda: first.rename(tmp_path / "posts/y.md"),
        lambda: second.rename(tmp_path / "posts/z.md"),
    )
    scan = folder(tmp_path).scan(known)
    assert paths(scan) == ["posts/y.md", "posts/z.md"]
    assert scan.complete


def test_while_files_go_on_being_renamed_nothing_counts_as_deleted(tmp_path, monkeypatch):
    files = [put(tmp_path, f"posts/{number}.md") for number in range(9)]
    known = known_of(folder(tmp_path).scan({}))
    renaming(monkeypatch, *(lambda file=file: file.rename(f"{file}.moved.md") for file in files))
    scan = folder(tmp_path).scan(known)
    assert not scan.complete
    assert ["faster than they can be listed" in str(error) for error in scan.errors] == [True]


def test_a_file_that_is_renamed_again_during_the_second_look_is_found_by_a_third(tmp_path, monkeypatch):
    names = [tmp_path / f"posts/{name}.md" for name in ("a", "y", "z")]
    put(tmp_path, "posts/a.md", b"A")
    put(tmp_path, "posts/b.md", b"B")
    known = known_of(folder(tmp_path).scan({}))

    def move(number):
        names[number].rename(names[number + 1])
        # As if the clock of the file system, which counts in milliseconds, had gone on.
        os.utime(tmp_path / "posts", ns=(number, number))

    renaming(monkeypatch, lambda: move(0), lambda: move(1))
    scan = folder(tmp_path).scan(known)
    assert paths(scan) == ["posts/b.md", "posts/z.md"]
    assert scan.complete


def test_a_file_is_known_to_be_deleted_after_two_looks(tmp_path, monkeypatch):
    gone = put(tmp_path, "posts/deep/a.md", b"A")
    put(tmp_path, "posts/b.md", b"B")
    known = known_of(folder(tmp_path).scan({}))
    gone.unlink()
    looks = []
    renaming(monkeypatch, *[lambda: looks.append(1)] * 9)
    scan = folder(tmp_path).scan(known)
    assert (paths(scan), scan.complete) == (["posts/b.md"], True)
    assert len(looks) == 2 * len(["posts", "posts/deep"])


class _Listing:
    def __init__(self, entries):
        self._entries = entries

    def __enter__(self):
        return iter(self._entries)

    def __exit__(self, *_):
        return None


def test_a_nested_pattern_decides_by_the_longest_prefix(tmp_path):
    put(tmp_path, "content/a.md")
    put(tmp_path, "content/pages/b.md")
    scan = folder(tmp_path, posts="content/{slug}.md", pages="content/pages/{slug}.md").scan({})
    assert [(f.path, f.kind) for f in scan.files] == [
        ("content/a.md", Kind.POST),
        ("content/pages/b.md", Kind.PAGE),
    ]


def test_kind_in_a_pattern_is_a_fixed_part(tmp_path):
    both = "content/{kind}/{year}/{slug}.md"
    put(tmp_path, "content/post/2024/a.md")
    put(tmp_path, "content/page/b.md")
    scan = folder(tmp_path, posts=both, pages=both).scan({})
    assert [(f.path, f.kind) for f in scan.files] == [
        ("content/page/b.md", Kind.PAGE),
        ("content/post/2024/a.md", Kind.POST),
    ]


@pytest.mark.parametrize(
    ("section", "what"),
    [
        ({"posts": "x/{slug}.md", "pages": "x/{year}/{slug}.md"}, "could be either"),
        ({"posts": "x/{slug}.md", "pages": "X/{slug}.md"}, "could be either"),
        ({"posts": ".drafts/{slug}.md"}, "hidden"),
        ({"posts": "./{slug}.md"}, "does not begin with a directory"),
        ({"ignore": ("a[",)}, ""),
    ],
)
def test_a_configuration_that_cannot_tell_its_files_apart_is_refused(tmp_path, section, what):
    if section == {"ignore": ("a[",)}:
        # An unclosed bracket is a literal for git, and so it is here.
        put(tmp_path, "posts/a.md")
        assert paths(folder(tmp_path, **section).scan({})) == ["posts/a.md"]
        return
    with pytest.raises(ConfigError, match=what):
        folder(tmp_path, **section)


def test_directories_without_end_stop_the_scan_politely(tmp_path):
    deep = tmp_path / "posts" / "/".join("d" * 70)
    deep.mkdir(parents=True)
    scan = folder(tmp_path).scan({})
    assert not scan.complete
    assert "directories deep" in str(scan.errors[0])
