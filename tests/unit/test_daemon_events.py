"""Linux's own events: every way of saving a file is heard, and what is no document is not."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ghostsync.config import FolderSection, MediaSection
from ghostsync.daemon.media_watch import MediaWatch
from ghostsync.daemon.watcher import Watcher
from ghostsync.folder.layout import Layout

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")
PLACES = Layout(FolderSection())
PATIENCE = 30.0
LIMIT = Path("/proc/sys/fs/inotify/max_queued_events")
QUEUE = int(LIMIT.read_text()) if LIMIT.exists() else 0


class Silent:
    def debug(self, event, **fields): ...

    info = warning = error = debug


class Folder:
    """A folder that is watched, and the hints about it."""

    def __init__(self, root, mode="events", beside=()):
        self.root = root
        self.posts = root / "posts"
        self.hints = []
        self._news = asyncio.Event()
        self.stop = asyncio.Event()
        self.restarts = []
        self.watcher = Watcher(
            root,
            PLACES,
            self._hint,
            Silent(),
            self.stop,
            mode=mode,
            shown=MediaWatch(MediaSection(upload=False), beside),
            restarted=lambda: self.restarts.append(1),
        )

    def _hint(self, paths):
        self.hints.append(paths)
        self._news.set()

    async def heard(self, *paths):
        """Wait until all these were hinted at, by name or as "anywhere"."""
        async with asyncio.timeout(PATIENCE):
            while not (None in self.hints or set(paths) <= {path for hint in self.hints for path in hint}):
                self._news.clear()
                await self._news.wait()

    def write(self, path, text="Hello.\n"):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file


@contextlib.asynccontextmanager
async def watching(root, *files, beside=()):
    folder = Folder(root.resolve(), beside=beside)
    folder.posts.mkdir()
    (folder.root / "pages").mkdir()
    for file in files:
        folder.write(file)
    running = asyncio.create_task(folder.watcher.run())
    async with asyncio.timeout(PATIENCE):
        while folder.watcher._stream is None:
            await asyncio.sleep(0)
    folder.hints.clear()
    try:
        yield folder
    finally:
        folder.stop.set()
        await running


def in_place(file):
    file.write_text("Edited.\n")


def append(file):
    with file.open("a") as stream:
        stream.write("More.\n")


def atomic(file):
    """GNOME, Kate, Obsidian, most programs that care: a new file, renamed over the old one."""
    draft = file.with_name(".goutputstream-XYZ")
    draft.write_text("Edited.\n")
    draft.replace(file)


def vim(file):
    """backupcopy=no: the old file is moved away, a new one written, the backup deleted; and 4913 tests the directory."""
    probe = file.with_name("4913")
    probe.touch()
    probe.unlink()
    backup = file.with_name(file.name + "~")
    file.rename(backup)
    file.write_text("Edited.\n")
    backup.unlink()


def emacs(file):
    """A lock that is a dangling link, then the backup as a copy and the file in place."""
    lock = file.with_name(f".#{file.name}")
    lock.symlink_to("ann@host.1:2")
    shutil.copy2(file, file.with_name(file.name + "~"))
    file.write_text("Edited.\n")
    lock.unlink()


def vscode(file):
    """In place: truncated, written, closed."""
    descriptor = os.open(file, os.O_WRONLY | os.O_TRUNC)
    os.write(descriptor, b"Edited.\n")
    os.close(descriptor)


def hard_link(file):
    draft = file.with_name("draft.tmp")
    draft.write_text("Edited.\n")
    file.unlink()
    file.hardlink_to(draft)
    draft.unlink()


def sed(file):
    subprocess.run(["sed", "-i", "s/Hello/Goodbye/", file], check=True)


def real_vim(file):
    subprocess.run(["vim", "-Nesu", "NONE", "-c", "%s/Hello/Goodbye/", "-c", "wq", file], check=True)


def touch(file):
    os.utime(file)


def remove(file):
    file.unlink()


def rename_away(file):
    file.rename(file.parent.parent / "elsewhere.md")


WAYS = [in_place, append, atomic, vim, emacs, vscode, hard_link, sed, real_vim, touch, remove, rename_away]


@pytest.mark.parametrize("save", WAYS, ids=lambda way: way.__name__)
async def test_every_way_of_changing_a_file_is_heard(tmp_path, save):
    if save is real_vim and not shutil.which("vim"):
        pytest.skip("needs vim")
    async with watching(tmp_path, "posts/a.md") as folder:
        await asyncio.to_thread(save, folder.root / "posts/a.md")
        await folder.heard("posts/a.md")


async def test_a_file_that_is_written_slowly_is_heard_though_it_is_never_closed(tmp_path):
    async with watching(tmp_path) as folder:
        with (folder.posts / "a.md").open("w") as stream:
            stream.write("Half a")
            stream.flush()
            await folder.heard("posts/a.md")


async def test_a_burst_is_one_hint(tmp_path):
    async with watching(tmp_path) as folder:
        for number in range(200):
            folder.write(f"posts/{number}.md")
        await folder.heard(*(f"posts/{number}.md" for number in range(200)))
        assert len(folder.hints) < 20


async def test_files_in_new_directories_are_heard_of(tmp_path):
    async with watching(tmp_path) as folder:
        folder.write("posts/2026/may/a.md")
        await folder.heard("posts/2026/may/a.md")
        folder.hints.clear()
        folder.write("posts/2026/may/b.md")
        await folder.heard("posts/2026/may/b.md")


async def test_a_folder_that_is_moved_in_is_heard_of_and_watched(tmp_path):
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "deep/a.md").write_text("Hello.\n")
    async with watching(tmp_path) as folder:
        outside.rename(folder.posts / "inside")
        await folder.heard("posts/inside/deep/a.md")
        folder.hints.clear()
        folder.write("posts/inside/deep/a.md", "Edited.\n")
        await folder.heard("posts/inside/deep/a.md")


async def test_a_renamed_folder_is_watched_under_its_new_name(tmp_path):
    async with watching(tmp_path, "posts/old/a.md") as folder:
        (folder.posts / "old").rename(folder.posts / "new")
        await folder.heard("posts/new/a.md")
        folder.hints.clear()
        folder.write("posts/new/a.md", "Edited.\n")
        await folder.heard("posts/new/a.md")


async def test_posts_itself_may_be_deleted_and_made_anew(tmp_path):
    async with watching(tmp_path, "posts/a.md") as folder:
        shutil.rmtree(folder.posts)
        await folder.heard("posts/a.md")
        folder.hints.clear()
        folder.write("posts/b.md")
        await folder.heard("posts/b.md")
        folder.hints.clear()
        folder.write("posts/b.md", "Edited.\n")
        await folder.heard("posts/b.md")


async def test_unzip_is_heard(tmp_path):
    archive = tmp_path / "archive.zip"
    with zipfile.ZipFile(archive, "w") as into:
        for number in range(50):
            into.writestr(f"posts/sub{number % 5}/{number}.md", "Hello.\n")
    async with watching(tmp_path) as folder:
        await asyncio.to_thread(zipfile.ZipFile(archive).extractall, folder.root)
        await folder.heard(*(f"posts/sub{number % 5}/{number}.md" for number in range(50)))


async def test_rsync_is_heard(tmp_path):
    if not shutil.which("rsync"):
        pytest.skip("needs rsync")
    source = tmp_path / "source"
    (source / "2026").mkdir(parents=True)
    (source / "2026/a.md").write_text("Hello.\n")
    async with watching(tmp_path) as folder:
        await asyncio.to_thread(subprocess.run, ["rsync", "-a", f"{source}/", folder.posts], check=True)
        await folder.heard("posts/2026/a.md")


async def test_git_checkout_and_git_pull_are_heard(tmp_path):
    def git(*words):
        env = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True, env=env)

    async with watching(tmp_path, "posts/a.md") as folder:
        git("init", "-q", "-b", "main")
        git("add", ".")
        git("commit", "-q", "-m", "one")
        git("checkout", "-q", "-b", "side")
        folder.write("posts/a.md", "Edited.\n")
        for number in range(100):
            folder.write(f"posts/2026/{number}.md")
        git("add", ".")
        git("commit", "-q", "-m", "two")
        await folder.heard("posts/a.md")
        folder.hints.clear()
        await asyncio.to_thread(git, "checkout", "-q", "main")
        await folder.heard("posts/a.md")
        folder.hints.clear()
        await asyncio.to_thread(git, "merge", "-q", "side")
        await folder.heard("posts/a.md", *(f"posts/2026/{number}.md" for number in range(100)))


@pytest.mark.parametrize(
    "path",
    ["notes/a.md", ".git/index", ".ghostsync/state.db", "posts/.a.md.swp", "posts/node_modules/x/a.md"],
)
async def test_what_is_no_document_is_not_heard_of(tmp_path, path):
    async with watching(tmp_path) as folder:
        folder.write(path)
        folder.write("posts/last.md")
        await folder.heard("posts/last.md")
        assert folder.hints == [frozenset({"posts/last.md"})]


async def test_lost_events_are_heard_as_anywhere(tmp_path):
    """The kernel's queue holds only so many; then it says that it lost some."""
    if QUEUE > 100_000:
        pytest.skip(f"the kernel's queue holds {QUEUE} events")

    def flood():
        # Within one turn of the loop, which alone empties the queue.
        for number in range(QUEUE // 2 + 10):
            os.close(os.open(folder.posts / f"{number % 7}.md", os.O_WRONLY | os.O_CREAT))
            os.utime(folder.posts / f"{number % 7}.md", (number, number))

    async with watching(tmp_path) as folder:
        flood()
        await folder.heard("posts/0.md")
        assert None in folder.hints


async def test_the_folder_that_is_moved_away_ends_the_events(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    async with watching(home) as folder:
        home.rename(tmp_path / "away")
        async with asyncio.timeout(PATIENCE):
            while folder.watcher.state != "polling":
                await asyncio.sleep(0)
        assert None in folder.hints


async def test_the_watchdogs_own_touch_is_heard_and_is_no_hint(tmp_path):
    async with watching(tmp_path) as folder:
        stream = folder.watcher._stream
        before = stream.heard

        async def rest(stop, seconds):
            async with asyncio.timeout(PATIENCE):
                while stream.heard == before:
                    await asyncio.sleep(0)

        folder.watcher._rest = rest
        await folder.watcher.test()
        assert folder.restarts == []
        assert folder.hints == []


async def test_watchfiles_hears_a_save_where_it_is_asked_for(tmp_path):
    folder = Folder(tmp_path.resolve(), mode="watchfiles")
    folder.posts.mkdir()
    running = asyncio.create_task(folder.watcher.run())
    async with asyncio.timeout(PATIENCE):
        while not folder.hints:  # nobody says when it has begun to listen
            folder.write("posts/a.md")
            await asyncio.sleep(0)
    folder.stop.set()
    await running
    assert folder.hints[0] == {"posts/a.md"}


@pytest.mark.parametrize("save", [in_place, append, atomic, vim])
async def test_a_site_file_in_the_folder_itself_is_heard_however_it_is_saved(tmp_path, save):
    async with watching(tmp_path, "tags.yaml", beside=["tags.yaml"]) as folder:
        save(tmp_path / "tags.yaml")
        await folder.heard("tags.yaml")


async def test_another_file_in_the_folder_itself_is_nobodys_concern(tmp_path):
    async with watching(tmp_path, "tags.yaml", beside=["tags.yaml"]) as folder:
        folder.write("notes.yaml")
        folder.write("posts/a.md")
        await folder.heard("posts/a.md")
        assert all(hint is None or "notes.yaml" not in hint for hint in folder.hints)


async def test_a_site_file_in_a_directory_of_its_own_is_heard(tmp_path):
    async with watching(tmp_path, "site/tags.yaml", beside=["site/tags.yaml"]) as folder:
        in_place(tmp_path / "site" / "tags.yaml")
        await folder.heard("site/tags.yaml")
