"""Many files at once under the running daemon, in each way in which they come: nothing is missed, nothing is sent twice."""

import os
import shutil
import subprocess
import zipfile

import pytest
from cli_runner import sandbox_blog
from daemon_process import PATIENCE, Daemon, eventually

from ghostsync.daemon.control import ask

NUMBERS = [100, pytest.param(1000, marks=pytest.mark.slow)]


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.configure('[sync]\ninterval = "1h"\nsettle = 0\n[safety]\nmax_deletes = "100%"\n')
        (blog.root / "posts").mkdir()
        blog.clock.advance(5)
        yield blog


@pytest.fixture
def running(blog):
    daemon = Daemon(blog)
    daemon.until("in touch with Ghost")
    yield daemon
    daemon.close()


def text(number, words):
    return f"---\ntitle: Post {number}\nslug: post-{number}\n---\n\n{words}\n"


def files(root, number, words="Hello."):
    """So many documents, in ten directories of which one lies in another."""
    for each in range(number):
        directory = root / f"{each % 10}" / ("deep" if each % 10 == 7 else "")
        directory.mkdir(parents=True, exist_ok=True)
        (directory / f"{each}.md").write_text(text(each, words))
    return root


def by_rsync(source, posts):
    if not shutil.which("rsync"):
        pytest.skip("needs rsync")
    subprocess.run(["rsync", "-a", f"{source}/", posts], check=True)


def by_unzip(source, posts):
    archive = source.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as into:
        for file in sorted(source.rglob("*.md")):
            into.write(file, file.relative_to(source))
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-q", "-o", archive, "-d", posts], check=True)
    else:
        zipfile.ZipFile(archive).extractall(posts)


def by_copying(source, posts):
    shutil.copytree(source, posts, dirs_exist_ok=True)


def by_moving_a_folder_in(source, posts):
    source.rename(posts / "moved in")


def by_replacing_the_folder(source, posts):
    posts.rmdir()
    source.rename(posts)


def in_ghost(blog):
    return {document.own["slug"]: document.own["lexical"] for document in blog.ghost.posts}


def in_step(blog, number):
    """Wait until the daemon has nothing left to do; each post is in Ghost once."""

    def arrived():
        told = ask(blog.root, "status")
        calm = told and not told["working"] and not told["queue"]["changes"] and not told["open"]
        return calm and told["documents"] == number and told["state"] == "in step"

    eventually(arrived, PATIENCE * number / 50)
    assert sorted(document.own["slug"] for document in blog.ghost.posts) == sorted(
        f"post-{each}" for each in range(number)
    )


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(
    "way", [by_rsync, by_unzip, by_copying, by_moving_a_folder_in, by_replacing_the_folder]
)
def test_a_thousand_new_files_arrive_once_however_they_come(blog, running, tmp_path, way, number):
    way(files(tmp_path / "source", number), blog.root / "posts")
    in_step(blog, number)
    assert all("Hello." in body for body in in_ghost(blog).values())
    assert running.stop() == 0
    assert blog("sync", "--json").json["in_step"]


@pytest.mark.parametrize("number", NUMBERS)
def test_rsync_over_the_same_files_sends_those_that_are_others_now(blog, running, tmp_path, number):
    """As from a build machine: rsync keeps the times of the source, so that new words have an old date."""
    source, posts = files(tmp_path / "source", number), blog.root / "posts"
    by_rsync(source, posts)
    in_step(blog, number)
    for file in posts.rglob("*.md"):  # ghost_id and all
        shutil.copy2(file, source / file.relative_to(posts))
    for file in sorted(source.rglob("*.md"))[::2]:
        stat = file.stat()
        file.write_text(file.read_text().replace("Hello.", "Howdy."))  # of the same length
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns - 7_000_000_000))
    subprocess.run(["rsync", "-a", f"{source}/", posts], check=True)
    half = number // 2
    eventually(
        lambda: sum("Howdy." in body for body in in_ghost(blog).values()) == half, PATIENCE * number / 50
    )
    in_step(blog, number)
    assert running.stop() == 0
    assert blog("sync", "--json").json["in_step"]


@pytest.mark.parametrize("number", NUMBERS)
def test_git_checkout_back_and_forth_is_followed_file_by_file(blog, running, tmp_path, number):
    def git(*words):
        env = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
        who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
        subprocess.run(["git", *who, *words], cwd=blog.root, check=True, capture_output=True, env=env)

    posts = blog.root / "posts"
    files(posts, number)
    in_step(blog, number)
    git("init", "-q", "-b", "main")
    git("add", "posts")
    git("commit", "-q", "-m", "one")
    git("checkout", "-q", "-b", "side")
    for file in sorted(posts.rglob("*.md")):
        file.write_text(file.read_text().replace("Hello.", "Howdy."))
    git("commit", "-q", "-a", "-m", "two")
    patience = PATIENCE * number / 50
    eventually(lambda: all("Howdy." in body for body in in_ghost(blog).values()), patience)
    for branch, word in (("main", "Hello."), ("side", "Howdy."), ("main", "Hello.")):
        git("checkout", "-q", branch)
        eventually(lambda word=word: all(word in body for body in in_ghost(blog).values()), patience)
    in_step(blog, number)
    assert running.stop() == 0
    assert blog("sync", "--json").json["in_step"]
    git("diff", "--quiet", "HEAD", "--", "posts")
