import hashlib
import os
import socket
import threading
import unicodedata
from pathlib import Path

import pytest
from test_folder_facts import png

from ghostsync.config import Config, FolderSection, SiteSection, key_files
from ghostsync.errors import FolderError, TargetChanged, UnsafePath
from ghostsync.folder.local import LocalFolder
from ghostsync.sync.model import MediaFacts, MediaFile

NOW = 1_769_847_300.0
LONG_AGO = (NOW - 60, NOW - 60)


def sha(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def root(tmp_path):
    (tmp_path / "root" / "media").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture
def folder(root):
    return LocalFolder(root, FolderSection(), clock=lambda: NOW)


def put(root, path="media/p.png", data=None, *, old=True):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(png() if data is None else data)
    if old:
        os.utime(file, LONG_AGO)
    return file


def look(folder, path, known=None):
    found = folder.look([path], {path: known} if known else {})
    assert list(found) == [path]
    return found[path]


def problem(folder, path):
    found = look(folder, path)
    assert isinstance(found, FolderError), found
    assert found.remedy
    return found


def read(folder, file):
    with folder.open_media(file) as opened:
        return opened.read()


def test_a_file_is_hashed_and_its_size_in_pixels_read(folder, root):
    put(root, "media/two words/ü.png")
    found = look(folder, "media/two words/ü.png")
    assert found.path == "media/two words/ü.png"
    assert found.sha == sha(png())
    assert found.size == len(png())
    assert found.facts == MediaFacts("image/png", 40, 30)
    assert found.settled


def test_many_are_looked_at_and_the_bad_ones_do_not_stop_the_good(folder, root):
    put(root)
    found = folder.look(["media/none.png", "media/p.png", "../x.png"], {})
    assert [type(found[path]).__name__ for path in found] == ["FileMissing", "MediaFile", "UnsafePath"]


def test_a_file_whose_stat_is_known_and_settled_is_not_hashed_again(folder, root):
    put(root)
    seen = look(folder, "media/p.png")
    marked = MediaFile(seen.path, seen.stat, "as known", seen.facts, settled=True)
    assert look(folder, "media/p.png", marked) == marked
    young = MediaFile(seen.path, seen.stat, "as known", seen.facts, settled=False)
    assert look(folder, "media/p.png", young) == seen


def test_a_young_file_is_not_settled(folder, root):
    file = put(root)
    os.utime(file, (NOW, NOW))
    assert not look(folder, "media/p.png").settled


@pytest.mark.parametrize(
    "path",
    [
        "../secret.png",
        "media/../../secret.png",
        "/etc/passwd",
        "media//p.png",
        "./p.png",
        "",
        "media/p.png\0.txt",
        ".ghostsync/state.db",
        ".git/config",
        ".env",
        "media/.hidden/p.png",
        "media/.p.png",
        "ghostsync.toml",
        "GhostSync.TOML",
        "media/\udcff.png",
    ],
)
def test_nothing_outside_the_folder_and_nothing_hidden_is_ever_opened(folder, root, path):
    (root.parent / "secret.png").write_bytes(png())
    for hidden in (
        ".ghostsync/state.db",
        ".git/config",
        ".env",
        "media/.hidden/p.png",
        "media/.p.png",
        "ghostsync.toml",
    ):
        put(root, hidden)
    assert isinstance(problem(folder, path), UnsafePath)


@pytest.mark.parametrize("place", ["media/link.png", "linked/p.png"])
def test_no_link_is_followed(folder, root, place):
    (root.parent / "elsewhere").mkdir()
    (root.parent / "elsewhere/p.png").write_bytes(png())
    (root / "media/link.png").symlink_to(root.parent / "elsewhere/p.png")
    (root / "linked").symlink_to(root.parent / "elsewhere")
    assert "symbolic link" in problem(folder, place).what


def test_the_file_with_the_key_is_never_published_by_whatever_name(root):
    put(root, "key.txt", b"id:secret")
    os.link(root / "key.txt", root / "media/innocent.txt")
    config = Config(site=SiteSection(url="http://x", admin_api_key_file="key.txt"))
    folder = LocalFolder(root, FolderSection(), private=key_files(config, root, env={}))
    for path in ("key.txt", "media/innocent.txt"):
        assert "key" in problem(folder, path).what
    put(root)
    assert isinstance(look(folder, "media/p.png"), MediaFile)


def test_a_key_file_that_is_not_there_hinders_nothing(root):
    put(root)
    folder = LocalFolder(root, FolderSection(), private=[Path("/nonexistent/key"), root / "media/p.png/key"])
    assert isinstance(look(folder, "media/p.png"), MediaFile)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: path.mkdir(), "is a directory"),
        (lambda path: path.touch(), "is empty"),
        (os.mkfifo, "no regular file"),
    ],
)
def test_what_is_no_file_with_something_in_it_is_named(folder, root, make, what):
    make(root / "media/odd.png")
    assert what in problem(folder, "media/odd.png").what


def test_a_socket_is_no_file(folder, root, monkeypatch):
    monkeypatch.chdir(root / "media")
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("odd.png")
        assert isinstance(problem(folder, "media/odd.png"), FolderError)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(folder, root):
    put(root).chmod(0)
    assert "permission denied" in problem(folder, "media/p.png").what


def test_a_missing_file_and_a_missing_directory_say_how_paths_count(folder):
    for path in ("media/none.png", "nowhere/none.png"):
        assert problem(folder, path).what == "there is no such file"


def test_a_file_in_the_place_of_a_directory_is_named(folder, root):
    put(root)
    assert isinstance(problem(folder, "media/p.png/x.png"), FolderError)


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        ("media/Photo.PNG", "media/photo.png"),
        ("Media2/p.png", "media2/p.png"),
        ("media/" + unicodedata.normalize("NFD", "ü.png"), "media/ü.png"),
    ],
)
def test_a_name_that_is_spelled_otherwise_on_disk_is_named_in_both_spellings(folder, root, there, asked):
    put(root, there)
    found = problem(folder, asked)
    assert found.subject == asked
    assert there.removesuffix("2/p.png") in found.what


def test_two_names_that_differ_in_case_only_are_both_named(folder, root):
    put(root, "media/Photo.png")
    put(root, "media/photo.png")
    found = problem(folder, "media/photo.png")
    assert "media/Photo.png differs from it in upper and lower case only" in found.what
    assert "macOS" in found.remedy


def test_a_file_that_changes_while_it_is_hashed_is_hashed_again_and_then_given_up(folder, root, monkeypatch):
    from ghostsync.folder import media

    file = put(root)
    real = media.facts_of
    times = []

    def busy(name, opened):
        times.append(1)
        if len(times) < most:
            file.write_bytes(png(len(times) + 100))
        return real(name, opened)

    monkeypatch.setattr(media, "facts_of", busy)
    most = 3
    assert look(folder, "media/p.png").sha == sha(file.read_bytes())
    most = 99
    assert "kept changing" in problem(folder, "media/p.png").what


def test_what_is_read_to_be_sent_is_what_was_looked_at(folder, root):
    put(root, data=b"0123456789" * 100_000)
    file = look(folder, "media/p.png")
    with folder.open_media(file) as opened:
        assert opened.read(10) == b"0123456789"
        opened.seek(0)
        data = b""
        while chunk := opened.read(300_000):
            data += chunk
        assert sha(data) == file.sha
        assert opened.read(1) == b""
        opened.seek(0)
        assert sha(opened.read()) == file.sha


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(b"x" * 1_000_000),
        lambda path: path.write_bytes(path.read_bytes()[:-1] + b"!"),
        lambda path: os.truncate(path, 500_000),
        lambda path: path.write_bytes(path.read_bytes() + b"more"),
    ],
)
def test_the_last_bytes_of_a_file_that_was_changed_are_never_given(folder, root, change):
    path = put(root, data=b"0123456789" * 100_000)
    file = look(folder, "media/p.png")
    given = b""
    with folder.open_media(file) as opened:
        given += opened.read(10)
        change(path)

        def rest():
            nonlocal given
            while chunk := opened.read(300_000):
                given += chunk

        with pytest.raises(TargetChanged, match="changed while it was being sent"):
            rest()
    assert len(given) < file.size


@pytest.mark.parametrize("change", ["other size", "gone", "link", "empty"])
def test_a_file_that_is_another_by_the_time_it_is_opened_is_refused(folder, root, change):
    path = put(root)
    file = look(folder, "media/p.png")
    path.unlink()
    if change == "other size":
        path.write_bytes(b"another")
    elif change == "link":
        path.symlink_to("/etc/passwd")
    elif change == "empty":
        path.touch()
    with pytest.raises(FolderError):
        read(folder, file)


# Downloads

URL = "https://x.example/content/images/2026/01/p.png"


def private(root):
    return sorted(
        str(path.relative_to(root / ".ghostsync"))
        for path in (root / ".ghostsync").rglob("*")
        if path.is_file()
    )


def arrive(folder, data=None, path="media/new/p.png"):
    data = png() if data is None else data
    with folder.incoming(URL) as landing:
        landing.begun('"1"')
        landing.file.write(data)
        return landing.keep(path, sha=sha(data))


def test_a_finished_download_becomes_a_file_of_the_usual_mode_and_leaves_nothing_behind(folder, root):
    old = os.umask(0o027)
    try:
        kept = arrive(folder)
    finally:
        os.umask(old)
    path = root / "media/new/p.png"
    assert path.read_bytes() == png()
    assert path.stat().st_mode & 0o777 == 0o640
    assert (kept.path, kept.sha, kept.settled) == ("media/new/p.png", sha(png()), False)
    assert kept.facts == MediaFacts("image/png", 40, 30)
    assert private(root) == []
    assert look(folder, "media/new/p.png", kept).sha == kept.sha


def test_a_download_that_breaks_off_waits_for_the_next_run(folder, root):
    def break_off():
        with folder.incoming(URL) as landing:
            assert (landing.have, landing.validator) == (0, "")
            landing.begun('W/"1-2"')
            landing.file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    with folder.incoming(URL) as landing:
        assert (landing.have, landing.validator) == (4, 'W/"1-2"')
        landing.file.seek(4)
        landing.file.write(b" and half")
        landing.keep("media/whole.txt", sha=sha(b"half and half"))
    assert (root / "media/whole.txt").read_bytes() == b"half and half"


def test_bytes_of_which_nobody_knows_whose_they_are_do_not_count(folder, root):
    with folder.incoming(URL) as landing:
        landing.file.write(b"half")
    with folder.incoming(URL) as landing:
        assert landing.have == 0
    (tag,) = [name for name in private(root) if name.endswith(".part")]
    (root / ".ghostsync" / tag.replace(".part", ".tag")).write_bytes(b"\xff\n")
    with folder.incoming(URL) as landing:
        assert (landing.have, landing.validator) == (0, "")


def test_a_download_never_overwrites_a_file_and_is_not_lost_then(folder, root):
    put(root, "media/new/p.png", b"mine")
    with pytest.raises(TargetChanged, match="come into being"):
        arrive(folder)
    assert (root / "media/new/p.png").read_bytes() == b"mine"
    with folder.incoming(URL) as landing:
        assert landing.have == len(png())
        landing.keep("media/new/p-2.png", sha=sha(png()))
    assert (root / "media/new/p-2.png").read_bytes() == png()


@pytest.mark.parametrize("path", ["../p.png", ".ghostsync/p.png", "media/.p.png", "ghostsync.toml", "/p.png"])
def test_a_download_is_put_nowhere_but_into_the_folder(folder, root, path):
    with pytest.raises(UnsafePath):
        arrive(folder, path=path)
    assert not (root.parent / "p.png").exists()


def test_a_download_is_not_put_behind_a_link(folder, root):
    (root.parent / "elsewhere").mkdir()
    (root / "linked").symlink_to(root.parent / "elsewhere")
    with pytest.raises(FolderError):
        arrive(folder, path="linked/p.png")
    assert list((root.parent / "elsewhere").iterdir()) == []


def test_a_download_that_is_not_what_it_should_be_is_not_kept(folder, root):
    with folder.incoming(URL) as landing:
        landing.file.write(b"other")
        with pytest.raises(FolderError, match="does not hold what was downloaded"):
            landing.keep("media/p.png", sha=sha(b"expected"))
    assert not (root / "media/p.png").exists()


def test_a_download_whose_bytes_are_in_the_folder_already_is_dropped(folder, root):
    with folder.incoming(URL) as landing:
        landing.begun('"1"')
        landing.file.write(b"same")
        landing.drop()
    assert private(root) == []


def test_downloads_that_nobody_goes_on_with_are_cleared_up(folder, root):
    folder.prune_incoming(60)
    for name, age in (("old", 100), ("new", 10)):
        with folder.incoming(name) as landing:
            landing.begun('"1"')
        for path in (root / ".ghostsync/incoming").iterdir():
            if path.stat().st_mtime > NOW:
                os.utime(path, (NOW - age, NOW - age))
    folder.prune_incoming(60)
    assert len(private(root)) == 2
    with folder.incoming("new") as landing:
        assert landing.validator == '"1"'


def test_a_private_directory_on_another_disk_is_copied_from(folder, root, monkeypatch):
    import errno

    from ghostsync.folder import incoming

    real = incoming.rename_new

    def other_disk(directory, old, new, *, target=None):
        if target is not None:
            raise OSError(errno.EXDEV, "other disk")
        real(directory, old, new)

    monkeypatch.setattr(incoming, "rename_new", other_disk)
    kept = arrive(folder)
    assert (root / "media/new/p.png").read_bytes() == png()
    assert [path.name for path in (root / "media/new").iterdir()] == ["p.png"]
    assert private(root) == []
    assert look(folder, kept.path, None).stat == kept.stat


# The trash, and names

BIG = 17 * 1024 * 1024  # more than a document may have


def test_files_of_any_size_go_to_the_trash_whole(folder, root):
    data = b"film" * (BIG // 4)
    put(root, "media/film.mp4", data)
    assert folder.trash_media("media/film.mp4", expected_sha=sha(data)) == ".ghostsync/trash/media/film.mp4"
    assert (root / ".ghostsync/trash/media/film.mp4").read_bytes() == data
    assert not (root / "media/film.mp4").exists()


def test_a_file_that_has_changed_is_not_moved_to_the_trash(folder, root):
    put(root, data=b"new")
    with pytest.raises(TargetChanged):
        folder.trash_media("media/p.png", expected_sha=sha(b"old"))
    assert (root / "media/p.png").read_bytes() == b"new"


@pytest.mark.parametrize("path", ["../p.png", ".git/config", "ghostsync.toml"])
def test_nothing_hidden_is_moved_to_the_trash(folder, root, path):
    put(root, ".git/config")
    with pytest.raises(UnsafePath):
        folder.trash_media(path, expected_sha=sha(png()))


def test_a_trash_on_another_disk_gets_a_copy_of_any_size(folder, root, monkeypatch):
    import errno

    from ghostsync.folder import files

    real = files.rename_new

    def other_disk(directory, old, new, *, target=None):
        if target is not None:
            raise OSError(errno.EXDEV, "other disk")
        real(directory, old, new)

    monkeypatch.setattr(files, "rename_new", other_disk)
    data = b"film" * (BIG // 4)
    put(root, "media/film.mp4", data)
    folder.trash_media("media/film.mp4", expected_sha=sha(data))
    assert (root / ".ghostsync/trash/media/film.mp4").read_bytes() == data
    assert list((root / "media").iterdir()) == []


def test_free_names_for_files_see_what_is_there_in_any_case(folder, root):
    put(root, "media/Photo.png")
    names = folder.free_media_names(["media/taken.png"])
    assert names.claim("media/photo.png") == "media/photo-2.png"
    assert names.claim("media/taken.png") == "media/taken-2.png"
    assert names.claim("media/new.png") == "media/new.png"


def test_two_downloads_of_two_addresses_side_by_side_do_not_meet(folder, root):
    gate = threading.Barrier(2)

    def run(name):
        data = name.encode() * 1000
        with folder.incoming(name) as landing:
            gate.wait(10)
            landing.file.write(data)
            landing.keep(f"media/{name}.txt", sha=sha(data))

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (root / "media/one.txt").read_bytes() == b"one" * 1000
    assert (root / "media/two.txt").read_bytes() == b"two" * 1000
