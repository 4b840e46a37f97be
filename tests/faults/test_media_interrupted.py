"""Files that change, are refused, or lose their answers on the way; disks that fill up; downloads that were cut short."""

import errno
import os

import pytest
from cli_runner import sandbox_blog
from fault_world import ADDRESSES, sandbox_world
from pictures import png

from ghostsync.config import HistorySection
from ghostsync.content.linking import PENDING
from ghostsync.errors import StateError
from ghostsync.folder import incoming
from ghostsync.ghost.landing import Landing
from ghostsync.ghost.media import GhostMedia
from ghostsync.model import Kind
from ghostsync.sandbox import Fault, When
from ghostsync.state import SqliteState

DAY = 86_400
NO_RETRY = "[http]\nretries = 0\n"
DOWN = NO_RETRY + '[media]\npull = "download"\n'
FORBIDDEN = '{"errors":[{"message":"You do not have permission","type":"NoPermissionError"}]}'


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        blog.configure(NO_RETRY)
        yield blog


@pytest.fixture
def world():
    with sandbox_world() as world:
        world.begin()
        yield world


def put(blog, path, data):
    file = blog.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def post(blog, slug, *pictures):
    shown = "\n\n".join(f"![]({picture})" for picture in pictures)
    blog.write(f"posts/{slug}.md", f"---\ntitle: {slug.title()}\n---\n\nText.\n\n{shown}\n")


def slugs(blog):
    return sorted(document.own["slug"] for document in blog.ghost.posts)


def sent(blog):
    """What was uploaded, in the order of its names; each picture as it was before Ghost looked at it."""
    return [blog.uploaded[path] for path in sorted(blog.uploaded) if "_o." in path or "/images/" not in path]


def shown(blog, slug):
    """The bytes of each picture that a post shows."""
    return [blog.uploaded[path] for path in ADDRESSES.findall(blog.ghost.find(slug).own["lexical"])]


def open_intents(blog):
    with SqliteState(blog.root / ".ghostsync/state.db", HistorySection(), lambda: 0.0) as state:
        return [intent.step for intent in state.open_intents()]


def on_the_site(blog, name, data):
    """A picture in Ghost, and a post that shows it."""
    path = f"content/images/2026/01/{name}"
    blog.uploaded[path] = data
    html = f'<p>Text.</p><img src="{blog.url}/{path}">'
    blog.ghost.create(Kind.POST, title="Bees", html=html, source_html=True)


def in_step(blog):
    writes = blog.writes
    ran = blog("sync")
    assert ran.code == 0, ran
    assert blog.writes == writes
    assert open_intents(blog) == []
    assert not any(PENDING in document.own["lexical"] for document in blog.ghost.posts)


# Up


@pytest.mark.parametrize("new", [png(note="two"), png(note="a longer one")], ids=["as long", "longer"])
def test_a_file_that_changes_while_it_is_sent_is_not_sent_and_the_next_sync_sends_the_new_one(
    blog, monkeypatch, new
):
    put(blog, "posts/hive.png", png(note="one"))
    post(blog, "bees", "hive.png")
    post(blog, "fine")
    real = GhostMedia.upload

    async def change_first(*args, **more):
        put(blog, "posts/hive.png", new)
        return await real(*args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(GhostMedia, "upload", change_first)
        ran = blog("sync")
    assert ran.code == 1
    assert "posts/hive.png" in ran.out
    assert "changed while it was" in ran.out
    assert slugs(blog) == ["fine"]
    assert blog.uploaded == {}
    assert open_intents(blog) == []
    assert blog("sync").code == 0
    assert sent(blog) == [new]
    in_step(blog)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (413, "<html>413 Request Entity Too Large</html>", "client_max_body_size"),
        (403, FORBIDDEN, "posts/hive.png"),
        (403, "<html>Forbidden</html>", "posts/hive.png"),
    ],
)
def test_a_file_that_is_refused_holds_up_its_own_posts_alone_and_each_says_so(blog, status, body, told):
    put(blog, "posts/hive.png", png())
    post(blog, "bees", "hive.png")
    post(blog, "other", "hive.png")
    post(blog, "fine")
    blog.ghost.faults.append(Fault(status=status, body=body, method="POST", path="images/upload"))
    ran = blog("sync")
    assert ran.code == 1
    assert told in ran.out
    assert "posts/bees.md" in ran.out
    assert "posts/other.md" in ran.out
    assert slugs(blog) == ["fine"]
    assert open_intents(blog) == []
    assert blog("sync").code == 0
    assert len(sent(blog)) == 1
    in_step(blog)


def test_a_key_that_may_upload_nothing_is_told_by_the_exit_code(blog):
    put(blog, "posts/hive.png", png())
    post(blog, "bees", "hive.png")
    blog.ghost.faults.append(Fault(status=403, body=FORBIDDEN, method="POST", path="images/upload"))
    assert blog("sync").code == 3
    assert slugs(blog) == []


def test_a_ghost_that_goes_away_during_an_upload_is_told_and_the_upload_is_found_by_the_next_sync(blog):
    put(blog, "posts/hive.png", png())
    post(blog, "bees", "hive.png")
    blog.ghost.faults.append(Fault(method="POST", path="images/upload", when=When.AFTER))
    assert blog("sync").code == 4
    assert open_intents(blog) == ["upload"]
    assert slugs(blog) == []
    assert blog("sync").code == 0
    assert len(sent(blog)) == 1
    assert shown(blog, "bees")
    in_step(blog)


def test_a_ghost_that_is_away_is_not_asked_for_each_of_many_files(blog):
    for number in range(30):
        put(blog, f"posts/{number}.png", png(note=str(number)))
    post(blog, "bees", *(f"{number}.png" for number in range(30)))
    blog.ghost.faults.append(Fault(method="POST", path="images/upload", times=30))
    assert blog("sync").code == 4
    asked = blog.ghost.count("POST") if not blog.ghost.faults else 30 - blog.ghost.faults[0].times
    assert asked < 12
    blog.ghost.faults.clear()
    assert blog("sync").code == 0
    assert len(sent(blog)) == 30
    in_step(blog)


def test_one_file_whose_answer_is_always_lost_does_not_hold_up_the_others(blog):
    put(blog, "posts/film.mp4", b"a film")
    put(blog, "posts/hive.png", png())
    blog.write("posts/film.md", "---\ntitle: Film\n---\n\n![[film.mp4]]\n")
    post(blog, "bees", "hive.png")
    blog.ghost.faults.append(Fault(method="POST", path="media/upload", times=9))
    for _ in range(2):
        ran = blog("sync")
        assert ran.code in {1, 4}
        assert "film.mp4" in ran.out + ran.err
        assert slugs(blog) == ["bees"]


def test_an_upload_that_may_not_be_looked_for_is_not_sent_again_for_a_day(blog):
    put(blog, "posts/hive.png", png())
    post(blog, "bees", "hive.png")
    blog.ghost.faults.append(Fault(method="POST", path="images/upload", when=When.AFTER))
    assert blog("sync").code == 4
    post(blog, "fine")
    closed = Fault(status=403, body="<html>Sign in</html>", path="/content/", times=99)
    blog.ghost.faults.append(closed)
    ran = blog("sync")
    assert "does not let everybody read this file" in ran.out + ran.err
    assert "posts/bees.md" in ran.out
    assert slugs(blog) == ["fine"]
    assert len(sent(blog)) == 1
    blog.ghost.faults.remove(closed)
    assert blog("sync").code == 0
    assert len(sent(blog)) == 1
    in_step(blog)


def test_stopped_during_uploads_nothing_is_sent_half_and_the_next_cycle_sends_the_rest(world):
    for number in range(6):
        world.put(f"posts/{number}.png", png(note=str(number)))
        world.write(f"posts/p{number}.md", f"---\ntitle: P{number}\n---\n\n![]({number}.png)\n\n![](0.png)\n")
    world.cycle(stop=lambda: len(world.ghost.store.files) >= 2)
    assert 0 < len(world.ghost.store.files) < 12
    assert list(world.ghost.posts) == []
    assert world.open_intents() == []
    assert world.cycle().exit_code == 0
    assert len(world.ghost.store.files) == 12
    assert len(list(world.ghost.posts)) == 6
    assert world.unserved() == set()


def test_with_the_database_lost_during_an_upload_no_post_shows_two_addresses_for_one_picture(blog):
    """Nothing knows of that upload any more, so that its bytes may be in Ghost twice; what is shown is there."""
    put(blog, "posts/hive.png", png())
    post(blog, "bees", "hive.png")
    post(blog, "other", "hive.png")
    blog.ghost.faults.append(Fault(method="POST", path="images/upload", when=When.AFTER))
    assert blog("sync").code == 4
    for file in (blog.root / ".ghostsync").glob("state.db*"):
        file.unlink()
    assert blog("sync").code == 0
    addresses = {
        address
        for slug in ("bees", "other")
        for address in ADDRESSES.findall(blog.ghost.find(slug).own["lexical"])
    }
    assert len(addresses) == 1
    assert addresses <= set(blog.uploaded)
    assert len(sent(blog)) <= 2
    in_step(blog)


def test_uploads_under_way_when_they_were_turned_off_are_forgotten_after_a_day_and_free_what_they_held(world):
    world.write("ghostsync.toml", world.read("ghostsync.toml") + NO_RETRY)
    world.put("posts/hive.png", png())
    world.write("posts/bees.md", "---\ntitle: Bees\n---\n\n![](hive.png)\n")
    world.ghost.faults.append(Fault(method="POST", path="images/upload", when=When.AFTER))
    assert world.cycle().exit_code == 4
    with SqliteState(world.root / ".ghostsync/state.db", HistorySection(), lambda: 0.0) as state:
        unnamed = state.put_blob(b"named by nothing")
    world.write("ghostsync.toml", world.read("ghostsync.toml") + "[media]\nupload = false\n")
    world.write("posts/later.md", "---\ntitle: Later\n---\n\nText.\n")
    world.cycle()
    assert [intent.step for intent in world.open_intents()] == ["upload"]
    world.write("posts/more.md", "---\ntitle: More\n---\n\nText.\n")
    world.cycle(after=2 * DAY)
    assert world.open_intents() == []
    with (
        SqliteState(world.root / ".ghostsync/state.db", HistorySection(), lambda: 0.0) as state,
        pytest.raises(StateError),
    ):
        state.blob(unnamed)


# Down


def full(*_, **__):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("call", ["sync_file", "rename_new"])
def test_a_disk_that_is_full_when_a_picture_is_kept_leaves_a_link_and_nothing_half(blog, monkeypatch, call):
    blog.configure(DOWN)
    on_the_site(blog, "hive.png", png())
    with monkeypatch.context() as patch:
        patch.setattr(incoming, call, full)
        ran = blog("sync")
    assert ran.code == 0
    assert "hive.png stays a link" in ran.err
    assert "full" in ran.err
    assert f"{blog.url}/content/images/2026/01/hive.png" in blog.read("posts/bees.md")
    assert [file for file in blog.root.rglob("*.png") if ".ghostsync" not in file.parts] == []
    in_step(blog)


def half_way(blog, data):
    """A download that broke off after half of its bytes; its post shows a link since."""
    blog.configure(DOWN)
    on_the_site(blog, "hive.png", data)
    blog.ghost.faults.append(Fault(method="GET", path="hive.png", when=When.DURING, upto=50_000))
    assert blog("sync").code == 0
    assert "/content/images/2026/01/hive.png" in blog.read("posts/bees.md")
    [part] = (blog.root / ".ghostsync/incoming").glob("*.part")
    assert 0 < part.stat().st_size < len(data)
    return part


def ask_again(blog):
    document = blog.ghost.find("bees")
    blog.clock.advance(5)
    blog.ghost.edit(document.id, lexical=document.own["lexical"].replace("Text.", "New text."))
    assert blog("sync").code == 0


def spied(monkeypatch):
    """Which parts of files are asked for from now on."""
    asked, real = [], Landing.asks

    def asks(landing):
        headers = real(landing)
        asked.append(headers.get("Range", ""))
        return headers

    monkeypatch.setattr(Landing, "asks", asks)
    return asked


DATA = png(40, 30, "x" * 100_000)


def test_a_download_goes_on_where_an_earlier_run_left_it(blog, monkeypatch):
    half_way(blog, DATA)
    ranges = spied(monkeypatch)
    ask_again(blog)
    assert ranges == ["bytes=50000-"]
    assert (blog.root / "media/hive.png").read_bytes() == DATA
    assert list((blog.root / ".ghostsync/incoming").iterdir()) == []


@pytest.mark.parametrize("harm", ["zeros", "cut", "longer", "no hash", "no sense"])
def test_a_damaged_half_of_a_download_is_not_gone_on_with(blog, harm):
    """As a power cut leaves it: the size was written, and the bytes were not."""
    part = half_way(blog, DATA)
    tag = part.with_suffix(".tag")
    match harm:
        case "zeros":
            part.write_bytes(bytes(part.stat().st_size))
        case "cut":
            part.write_bytes(b"\0" * 100)
        case "longer":
            part.write_bytes(bytes(2 * len(DATA)))
        case "no hash":
            tag.write_text(tag.read_text().split("\n")[0] + "\n")
            part.write_bytes(bytes(part.stat().st_size))
        case "no sense":
            tag.write_bytes(b"\xff\x00\n\n")
    ask_again(blog)
    assert (blog.root / "media/hive.png").read_bytes() == DATA
