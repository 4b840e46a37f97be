"""Pictures, sounds and files travel with the documents that show them, once for their bytes."""

import asyncio
import json

import pytest
from cli_runner import sandbox_blog
from pictures import png

from ghostsync.compose import open_session
from ghostsync.config import load_settings
from ghostsync.ghost.media import GhostMedia
from ghostsync.model import Kind
from ghostsync.sandbox import Fault, When


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        yield blog


def put(blog, path, data):
    file = blog.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def post(blog, text, path="posts/bees.md", front="title: Bees\n"):
    blog.write(path, f"---\n{front}---\n\n{text}\n")


def slugs(blog):
    return [document.own["slug"] for document in blog.ghost.posts]


def nodes(blog, slug, kind="image"):
    found = []
    pending = [json.loads(blog.ghost.find(slug).own["lexical"])["root"]]
    for node in pending:
        pending += node.get("children", [])
        if node["type"] == kind:
            found.append(node)
    return found


def uploads(blog):
    return sorted(path for path in blog.uploaded if "_o." not in path)


def settled(blog):
    """Nothing is left to do, on either side."""
    files = {path: path.read_bytes() for path in blog.root.rglob("*.*") if ".ghostsync" not in path.parts}
    writes = blog.writes
    assert blog("status").code == 0
    ran = blog("sync")
    assert ran.code == 0, ran
    assert blog.writes == writes
    now = {path: path.read_bytes() for path in blog.root.rglob("*.*") if ".ghostsync" not in path.parts}
    assert now == files


def test_a_picture_is_uploaded_and_the_file_keeps_its_path(blog):
    put(blog, "posts/hive.png", png(40, 30))
    post(blog, "![The hive](hive.png)")
    ran = blog("sync")
    assert ran.code == 0, ran
    assert "upload" in ran.out
    [image] = nodes(blog, "bees")
    assert image["src"].startswith(f"{blog.url}/content/images/")
    assert (image["alt"], image["width"], image["height"]) == ("The hive", 40, 30)
    assert "![The hive](hive.png)" in blog.read("posts/bees.md")
    assert "content/images" not in blog.read("posts/bees.md")
    settled(blog)


def test_what_the_post_shows_is_what_lies_in_the_folder(blog):
    put(blog, "posts/hive.png", png(40, 30))
    put(blog, "media/report.pdf", b"%PDF-1.4 a report")
    put(blog, "media/talk.mp3", b"ID3 a talk")
    post(
        blog,
        "![](hive.png)\n\n[Report](../media/report.pdf)\n\n![[talk.mp3]]\n\n[The report](/media/report.pdf)<!--file-->",
        front="title: Bees\nfeature_image: hive.png\n",
    )
    assert blog("sync").code == 0
    assert [path.split("/")[1] for path in uploads(blog)] == ["files", "images", "media"]
    [sound] = nodes(blog, "bees", "audio")
    assert sound["mimeType"] == "audio/mpeg"
    [card] = nodes(blog, "bees", "file")
    assert (card["fileName"], card["fileSize"]) == ("report.pdf", 17)
    [link] = nodes(blog, "bees", "link")
    assert link["url"] == card["src"]
    assert blog.ghost.find("bees").own["feature_image"] == nodes(blog, "bees")[0]["src"]
    assert "feature_image: hive.png" in blog.read("posts/bees.md")
    settled(blog)


def test_the_same_bytes_are_uploaded_once_whatever_they_are_called(blog):
    put(blog, "posts/one.png", png(note="same"))
    put(blog, "media/two.png", png(note="same"))
    post(blog, "![](one.png)\n\ntext\n\n![](../media/two.png)")
    post(blog, "![](/media/two.png)", path="posts/other.md", front="title: Other\n")
    assert blog("sync").code == 0
    assert len(uploads(blog)) == 1
    assert len({node["src"] for slug in ("bees", "other") for node in nodes(blog, slug)}) == 1
    settled(blog)


def test_a_picture_that_is_renamed_is_not_sent_again(blog):
    file = put(blog, "posts/hive.png", png())
    post(blog, "![](hive.png)")
    assert blog("sync").code == 0
    file.rename(blog.root / "posts/box.png")
    post(blog, "![](box.png)", front=blog.read("posts/bees.md").split("---")[1].lstrip("\n"))
    writes = blog.writes
    assert blog("sync").code == 0
    assert blog.writes == writes
    settled(blog)


def test_a_picture_that_changes_is_sent_anew_and_so_is_every_post_that_shows_it(blog):
    put(blog, "media/hive.png", png(40, 30))
    post(blog, "![](../media/hive.png)", front="title: Bees\nfeature_image: ../media/hive.png\n")
    post(blog, "Look: ![](../media/hive.png)", path="posts/other.md", front="title: Other\n")
    assert blog("sync").code == 0
    before = nodes(blog, "bees")[0]["src"]
    put(blog, "media/hive.png", png(60, 20))
    ran = blog("sync")
    assert ran.code == 0, ran
    assert len(uploads(blog)) == 2
    [image] = nodes(blog, "bees")
    assert image["src"] != before
    assert (image["width"], image["height"]) == (60, 20)
    assert blog.ghost.find("bees").own["feature_image"] == image["src"]
    assert image["src"] in blog.ghost.find("other").own["lexical"]
    settled(blog)


def test_status_and_dry_run_tell_of_uploads_and_send_nothing(blog):
    put(blog, "posts/hive.png", png())
    post(blog, "![](hive.png)")
    for command in (["status"], ["sync", "--dry-run"]):
        ran = blog(*command)
        assert ran.code == 1
        assert "upload       posts/hive.png" in ran.out
        assert uploads(blog) == []
        assert blog.writes == 0


def test_a_picture_that_is_not_there_is_a_problem_of_its_document_alone(blog):
    post(blog, "Text.\n\n![](gone.png)")
    post(blog, "Text.", path="posts/fine.md", front="title: Fine\n")
    ran = blog("sync")
    assert ran.code == 1
    assert "posts/bees.md:7: shows gone.png" in ran.out
    assert slugs(blog) == ["fine"]
    put(blog, "posts/gone.png", png())
    assert blog("sync").code == 0
    assert len(nodes(blog, "bees")) == 1


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("empty.png", "is empty"),
        ("folder.png", "is a directory"),
        ("link.png", "symbolic link"),
        ("Hive.png", "which differs in upper and lower case only"),
        ("../../outside.png", "inside the folder"),
        ("/.secret/x.png", "is hidden"),
    ],
)
def test_what_cannot_be_sent_is_told_and_nothing_of_its_post_is_sent(blog, target, told):
    put(blog, "posts/hive.png", png())
    put(blog, "posts/empty.png", b"")
    put(blog, ".secret/x.png", png())
    (blog.root / "posts/folder.png").mkdir()
    (blog.root / "posts/link.png").symlink_to(blog.root / "posts/hive.png")
    put(blog, "../outside.png", png())
    post(blog, f"![](hive.png)\n\nand\n\n![]({target})")
    ran = blog("sync")
    assert ran.code == 1
    assert told in ran.out
    assert blog.writes == 0


def test_a_refusal_names_the_file_and_the_post_and_sends_no_half_of_it(blog):
    put(blog, "posts/not-a.png", b"this is text")
    put(blog, "posts/hive.png", png())
    post(blog, "![](not-a.png)\n\ntext\n\n![](hive.png)")
    post(blog, "![](hive.png)", path="posts/fine.md", front="title: Fine\n")
    ran = blog("sync")
    assert ran.code == 1
    assert "posts/not-a.png" in ran.out
    assert "posts/bees.md" in ran.out
    assert "bees" not in slugs(blog)
    assert len(nodes(blog, "fine")) == 1


def test_an_upload_whose_answer_is_lost_is_found_and_not_sent_again(blog):
    blog.configure("[http]\nretries = 0\n")
    put(blog, "posts/hive.png", png())
    post(blog, "![](hive.png)")
    blog.ghost.faults.append(Fault(method="POST", path="images/upload", when=When.AFTER))
    assert blog("sync").code == 4
    assert len(uploads(blog)) == 1
    assert "bees" not in slugs(blog)
    assert blog("sync").code == 0
    assert len(uploads(blog)) == 1
    assert len(nodes(blog, "bees")) == 1
    settled(blog)


def test_a_drawing_whose_answer_is_lost_is_found_though_ghost_cleaned_it(blog):
    blog.configure("[http]\nretries = 0\n")
    drawn = b"<?xml version='1.0'?><!-- by hand --><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='5'/></svg>"
    put(blog, "posts/plan.svg", drawn)
    post(blog, "![](plan.svg)")
    blog.ghost.faults.append(Fault(method="POST", path="images/upload", when=When.AFTER))
    assert blog("sync").code == 4
    [address] = blog.uploaded
    assert blog.uploaded[address] != drawn
    assert blog("sync").code == 0
    assert list(blog.uploaded) == [address]
    [image] = nodes(blog, "bees")
    assert image["src"].endswith(address)
    settled(blog)


def test_a_drawing_that_was_changed_after_its_answer_was_lost_is_sent_anew(blog):
    blog.configure("[http]\nretries = 0\n")
    drawn = b"<!-- 1 --><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='5'/></svg>"
    put(blog, "posts/plan.svg", drawn)
    post(blog, "![](plan.svg)")
    blog.ghost.faults.append(Fault(method="POST", path="images/upload", when=When.AFTER))
    assert blog("sync").code == 4
    put(blog, "posts/plan.svg", drawn.replace(b"width='5'", b"width='6'"))
    assert blog("sync").code == 0
    [image] = nodes(blog, "bees")
    [shown] = [data for path, data in blog.uploaded.items() if image["src"].endswith(path)]
    assert b"6" in shown
    settled(blog)


def test_an_upload_that_breaks_off_is_done_again(blog):
    blog.configure("[http]\nretries = 0\n")
    put(blog, "posts/hive.png", png())
    post(blog, "![](hive.png)")
    blog.ghost.faults.append(Fault(method="POST", path="images/upload", when=When.BEFORE))
    assert blog("sync").code == 4
    assert uploads(blog) == []
    assert blog("sync").code == 0
    assert len(uploads(blog)) == 1
    settled(blog)


def test_a_key_that_may_not_upload_is_an_error_of_its_own_and_other_documents_go_on(blog):
    put(blog, "posts/hive.png", png())
    post(blog, "![](hive.png)")
    post(blog, "Text.", path="posts/fine.md", front="title: Fine\n")
    body = json.dumps({"errors": [{"type": "NoPermissionError", "message": "You do not have permission"}]})
    blog.ghost.faults.append(Fault(status=403, body=body, method="POST", path="images/upload", times=9))
    ran = blog("sync")
    assert ran.code == 1
    assert "posts/hive.png" in ran.out + ran.err
    assert slugs(blog) == ["fine"]


def test_a_file_that_changes_while_it_is_sent_is_not_taken_for_sent(blog, monkeypatch):
    file = put(blog, "posts/hive.png", png(40, 30))
    post(blog, "![](hive.png)")
    real = GhostMedia.upload

    async def upload(media, *args, **kwargs):
        file.write_bytes(png(60, 20))
        return await real(media, *args, **kwargs)

    monkeypatch.setattr(GhostMedia, "upload", upload)
    ran = blog("sync")
    assert ran.code == 1
    assert uploads(blog) == []
    assert slugs(blog) == []
    monkeypatch.undo()
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", blog.ghost.admin_api_key)
    assert blog("sync").code == 0
    assert nodes(blog, "bees")[0]["width"] == 60
    settled(blog)


def test_with_the_database_lost_nothing_is_uploaded_again(blog):
    put(blog, "posts/hive.png", png(9, 9))
    put(blog, "media/report.pdf", b"%PDF-1.4 a report")
    post(
        blog,
        "![](hive.png)\n\n[Report](../media/report.pdf)",
        front="title: Bees\nfeature_image: hive.png\n",
    )
    assert blog("sync").code == 0
    for file in (blog.root / ".ghostsync").glob("state.db*"):
        file.unlink()
    before = uploads(blog)
    ran = blog("sync")
    assert ran.code == 0, ran
    assert uploads(blog) == before
    settled(blog)


def test_an_edit_in_ghost_leaves_the_pictures_as_the_author_wrote_them(blog):
    put(blog, "posts/hive.png", png(40, 30))
    post(blog, "One.\n\n![The *hive*](./hive.png)")
    assert blog("sync").code == 0
    document = blog.ghost.find("bees")
    blog.clock.advance(5)
    blog.ghost.edit(document.id, lexical=document.own["lexical"].replace("One.", "Two."))
    assert blog("sync").code == 0
    assert "Two.\n\n![The *hive*](./hive.png)" in blog.read("posts/bees.md")
    settled(blog)


def test_what_is_broken_in_ghost_already_keeps_nobody_from_editing(blog):
    """An imported post shows a path that leads nowhere: that is no mistake of the file's author."""
    shown_in_ghost(blog, "gone.png")
    assert blog("sync").code == 0
    assert blog("media").code == 0
    blog.write("posts/bees.md", blog.read("posts/bees.md") + "\nMore.\n")
    ran = blog("sync")
    assert ran.code == 0, ran
    assert "More." in blog.ghost.find("bees").own["lexical"]
    settled(blog)


def test_a_version_that_shows_a_file_which_is_not_in_ghost_is_not_restored_there(blog):
    put(blog, "posts/hive.png", png(40, 30))
    post(blog, "![](hive.png)\n\nFirst.")
    assert blog("sync").code == 0
    edited = blog.read("posts/bees.md")
    document = blog.ghost.find("bees")
    blog.clock.advance(5)
    blog.ghost.edit(document.id, lexical=document.own["lexical"].replace("First.", "Second."))
    assert blog("sync").code == 0
    assert blog.read("posts/bees.md") != edited
    number = next(
        v["number"]
        for v in blog("history", "posts/bees.md", "--json").json["versions"]
        if v["side"] == "local"
    )
    put(blog, "posts/hive.png", png(60, 20))
    ran = blog("restore", "posts/bees.md", "--version", number, "--to", "remote", "--yes")
    assert ran.code != 0
    assert "posts/bees.md: shows a file that is not in Ghost yet" in ran.err
    assert "ghostsync sync" in ran.err
    assert "Second." in blog.ghost.find("bees").own["lexical"]


def test_push_uploads_and_pull_does_not(blog):
    put(blog, "posts/hive.png", png())
    post(blog, "![](hive.png)")
    blog("pull")
    assert uploads(blog) == []
    assert blog("push").code == 0
    assert len(uploads(blog)) == 1


def test_with_uploads_off_paths_go_as_they_are(blog):
    blog.configure("[media]\nupload = false\n")
    post(blog, "![](gone.png)")
    assert blog("sync").code == 0
    assert nodes(blog, "bees")[0]["src"] == "gone.png"


# Down


def shown_in_ghost(blog, address, slug="bees", size=(40, 30)):
    """A post whose author put a picture into it in Ghost's editor."""
    node = {
        "type": "image",
        "version": 1,
        "src": address,
        "width": 40,
        "height": 30,
        "title": "",
        "alt": "Hive",
    }
    node |= {"caption": "", "cardWidth": "regular", "href": "", "width": size[0], "height": size[1]}
    root = {"children": [node], "direction": None, "format": "", "indent": 0, "type": "root", "version": 1}
    blog.clock.advance(5)
    body = json.dumps({"root": root})
    fields = {"title": slug.title(), "slug": slug, "status": "published"}
    return blog.ghost.create(Kind.POST, **fields, lexical=body, feature_image=address)


def on_the_site(blog, name, data, original=None):
    path = f"content/images/2026/01/{name}"
    blog.uploaded[path] = data
    if original is not None:
        stem, _, suffix = path.rpartition(".")
        blog.uploaded[f"{stem}_o.{suffix}"] = original
    return f"{blog.url}/{path}"


def test_pictures_of_the_site_stay_links_unless_they_are_asked_for(blog):
    shown_in_ghost(blog, on_the_site(blog, "hive.png", png(40, 30)))
    assert blog("sync").code == 0
    assert "content/images/2026/01/hive.png" in blog.read("posts/bees.md")
    assert not (blog.root / "media").exists()


def test_pictures_come_down_as_they_were_sent_to_ghost(blog):
    blog.configure('[media]\npull = "download"\n')
    sent = png(40, 30, "as it was sent")
    shown_in_ghost(blog, on_the_site(blog, "hive.png", png(40, 30), sent))
    assert blog("sync").code == 0
    assert (blog.root / "media/hive.png").read_bytes() == sent
    text = blog.read("posts/bees.md")
    assert "![Hive](../media/hive.png)" in text
    assert 'feature_image: "../media/hive.png"' in text
    assert "content/images" not in text
    settled(blog)


def test_a_picture_that_comes_down_goes_up_under_its_old_address(blog):
    blog.configure('[media]\npull = "download"\n')
    address = on_the_site(blog, "hive.png", png(40, 30))
    shown_in_ghost(blog, address)
    assert blog("sync").code == 0
    blog.write("posts/bees.md", blog.read("posts/bees.md") + "\nMore.\n")
    assert blog("sync").code == 0
    assert nodes(blog, "bees")[0]["src"] == address
    assert blog.ghost.find("bees").own["feature_image"] == address
    assert len(blog.uploaded) == 1
    settled(blog)


def test_an_image_without_a_size_comes_down_like_one_with_it_and_gets_it_with_the_next_edit(blog):
    """Imports, and other programs, leave the size out."""
    blog.configure('[media]\npull = "download"\n')
    shown_in_ghost(blog, on_the_site(blog, "hive.png", png(40, 30)), size=(None, None))
    assert nodes(blog, "bees")[0]["width"] is None
    assert blog("sync").code == 0
    assert "![Hive](../media/hive.png)" in blog.read("posts/bees.md")
    settled(blog)
    for file in (blog.root / ".ghostsync").glob("state.db*"):
        file.unlink()
    settled(blog)
    blog.write("posts/bees.md", blog.read("posts/bees.md") + "\nMore.\n")
    assert blog("sync").code == 0
    assert (nodes(blog, "bees")[0]["width"], nodes(blog, "bees")[0]["height"]) == (40, 30)
    settled(blog)


def test_a_picture_that_the_folder_has_already_is_not_stored_twice(blog):
    blog.configure('[media]\npull = "download"\n')
    put(blog, "posts/mine.png", png(40, 30))
    post(blog, "![](mine.png)", path="posts/own.md", front="title: Own\n")
    assert blog("sync").code == 0
    [address] = uploads(blog)
    shown_in_ghost(blog, f"{blog.url}/{address}")
    shown_in_ghost(blog, on_the_site(blog, "copy.png", blog.uploaded[address]), slug="copy")
    assert blog("sync").code == 0
    assert "![Hive](mine.png)" in blog.read("posts/bees.md")
    assert not (blog.root / "media").exists()
    settled(blog)


def test_a_file_that_no_document_has_shown_so_far_is_used_too(blog):
    blog.configure('[media]\npull = "download"\n')
    put(blog, "archive/2019/bees.png", png(40, 30))
    put(blog, "archive/2019/other.png", png(40, 30, "x")[: len(png(40, 30))])
    shown_in_ghost(blog, on_the_site(blog, "hive.png", png(40, 30)))
    assert blog("sync").code == 0
    assert "![Hive](../archive/2019/bees.png)" in blog.read("posts/bees.md")
    assert not (blog.root / "media").exists()


def test_two_pictures_of_one_name_both_find_room(blog):
    blog.configure('[media]\npull = "download"\n')
    put(blog, "media/Hive.png", b"mine")
    shown_in_ghost(blog, on_the_site(blog, "hive.png", png(40, 30)))
    assert blog("sync").code == 0
    assert (blog.root / "media/Hive.png").read_bytes() == b"mine"
    assert (blog.root / "media/hive-2.png").read_bytes() == png(40, 30)
    settled(blog)


def test_files_come_down_under_the_names_that_their_cards_tell(blog):
    blog.configure('[media]\npull = "download"\n')
    told = {
        "files/2026/01/price-list.pdf": "price list.pdf",
        "media/2026/01/Truing-1.mp4": "Trüing.mp4",
        "files/2026/01/other.pdf": "of quite another name.pdf",
        "images/2026/01/ubersicht-2.png": "übersicht 2.png",
    }
    for number, place in enumerate(told):
        blog.uploaded[f"content/{place}"] = png(40, 30, str(number))
    addresses = {name: f"{blog.url}/content/{place}" for place, name in told.items()}
    *cards, picture = addresses
    children = [
        {"type": "file", "version": 1, "src": addresses[cards[0]], "fileName": cards[0]},
        {"type": "video", "version": 1, "src": addresses[cards[1]], "fileName": cards[1]},
        {"type": "file", "version": 1, "src": addresses[cards[2]], "fileName": cards[2]},
        {
            "type": "gallery",
            "version": 1,
            "images": [{"row": 0, "src": addresses[picture], "fileName": picture, "width": 1, "height": 1}],
        },
    ]
    root = {"type": "root", "version": 1, "children": children, "direction": None, "format": "", "indent": 0}
    blog.ghost.create(Kind.POST, title="Bees", slug="bees", lexical=json.dumps({"root": root}))
    assert blog("sync").code == 0
    assert sorted(path.name for path in (blog.root / "media").iterdir()) == [
        "Trüing.mp4",
        "other.pdf",
        "price list.pdf",
        "übersicht 2.png",
    ]
    assert "../media/price%20list.pdf" in blog.read("posts/bees.md")
    assert "/content/" not in blog.read("posts/bees.md")
    settled(blog)
    (blog.root / ".ghostsync/state.db").unlink()
    settled(blog)


def test_the_pattern_says_where_pictures_go(blog):
    blog.configure('[media]\npull = "download"\npath = "assets/{kind}/{year}-{month}/{name}"\n')
    shown_in_ghost(blog, on_the_site(blog, "hive.png", png(40, 30)))
    assert blog("sync").code == 0
    assert (blog.root / "assets/images/2026-01/hive.png").exists()
    assert "![Hive](../assets/images/2026-01/hive.png)" in blog.read("posts/bees.md")


def test_what_is_gone_from_the_site_or_elsewhere_stays_a_link(blog):
    blog.configure('[media]\npull = "download"\n')
    shown_in_ghost(blog, f"{blog.url}/content/images/2026/01/gone.png")
    shown_in_ghost(blog, "https://elsewhere.example/content/images/2026/01/x.png", slug="other")
    ran = blog("sync")
    assert ran.code == 0
    assert "gone.png is not on the site any more" in ran.err
    assert "/content/images/2026/01/gone.png" in blog.read("posts/bees.md")
    assert "https://elsewhere.example/content/images/2026/01/x.png" in blog.read("posts/other.md")
    settled(blog)


def test_a_picture_that_an_editor_adds_later_comes_down_with_the_edit(blog):
    blog.configure('[media]\npull = "download"\n')
    post(blog, "One.")
    assert blog("sync").code == 0
    document = blog.ghost.find("bees")
    address = on_the_site(blog, "hive.png", png(40, 30))
    blog.clock.advance(5)
    blog.ghost.edit(document.id, feature_image=address)
    assert blog("sync").code == 0
    assert 'feature_image: "../media/hive.png"' in blog.read("posts/bees.md")
    settled(blog)


def test_a_download_that_breaks_off_goes_on_where_it_was(blog):
    blog.configure('[media]\npull = "download"\n')
    data = png(40, 30, "x" * 100_000)
    shown_in_ghost(blog, on_the_site(blog, "hive.png", data))
    blog.ghost.faults.append(Fault(method="GET", path="hive.png", when=When.AFTER, truncate=True))
    assert blog("sync").code == 0
    assert (blog.root / "media/hive.png").read_bytes() == data
    assert not list((blog.root / ".ghostsync/incoming").iterdir())


class Watched:
    """As `sync.ports.Progress`."""

    def __init__(self):
        self.told = {}
        self.over = []

    def phase(self, name, total):
        pass

    def advance(self, count=1):
        pass

    def transfer(self, name, done, total):
        self.told.setdefault(name, []).append((done, total))

    def transferred(self, name):
        self.over.append(name)


def watched_cycle(blog):
    watched = Watched()

    async def run():
        async with open_session(blog.root, *load_settings(blog.root)) as session:
            await session.engine.cycle(progress=watched)

    asyncio.run(run())
    return watched


def test_whoever_watches_is_told_of_each_piece_of_a_file_on_its_way_up(blog):
    data = png(40, 30, "x" * 400_000)
    put(blog, "posts/hive.png", data)
    post(blog, "![](hive.png)")
    watched = watched_cycle(blog)
    pieces = watched.told["posts/hive.png"]
    assert len(pieces) > 2
    assert pieces == sorted(pieces)
    assert pieces[-1] == (len(data), len(data))
    assert watched.over == ["posts/hive.png"]


def test_a_file_that_does_not_arrive_is_over_for_whoever_watches_too(blog):
    blog.configure("[http]\nretries = 0\n")
    put(blog, "posts/hive.png", png())
    post(blog, "![](hive.png)")
    blog.ghost.faults.append(Fault(method="POST", path="images/upload", status=413))
    watched = watched_cycle(blog)
    assert watched.over == ["posts/hive.png"]


def test_whoever_watches_is_told_of_each_piece_of_a_file_on_its_way_down(blog):
    blog.configure('[media]\npull = "download"\n')
    data = png(40, 30, "x" * 400_000)
    shown_in_ghost(blog, on_the_site(blog, "hive.png", data))
    watched = watched_cycle(blog)
    pieces = watched.told["hive.png"]
    assert len(pieces) > 1
    assert pieces[-1] == (len(data), len(data))
    assert watched.over == ["hive.png"]


def test_whoever_watches_is_told_while_a_lost_upload_is_looked_for(blog):
    blog.configure("[http]\nretries = 0\n")
    data = png(40, 30, "x" * 400_000)
    put(blog, "posts/hive.png", data)
    post(blog, "![](hive.png)")
    blog.ghost.faults.append(Fault(method="POST", path="images/upload", when=When.AFTER))
    assert blog("sync").code == 4
    watched = watched_cycle(blog)
    assert watched.told["posts/hive.png"][-1] == (len(data), len(data))
    assert watched.over == ["posts/hive.png"]
    assert len(uploads(blog)) == 1


# ghostsync media


def test_media_tells_what_shows_what_and_what_is_missing_or_unused(blog):
    put(blog, "media/hive.png", png())
    put(blog, "media/old.png", png(note="old"))
    put(blog, "README.txt", b"no document, no picture")
    post(blog, "![](../media/hive.png)\n\n![](gone.png)")
    ran = blog("media", "--json")
    assert ran.code == 1
    assert ran.json["files"] == [
        {"path": "media/hive.png", "bytes": len(png()), "url": None, "documents": ["posts/bees.md"]}
    ]
    assert [entry["path"] for entry in ran.json["unused"]] == ["media/old.png"]
    assert [problem["what"] for problem in ran.json["problems"]] == [
        "shows gone.png, and there is no such file"
    ]
    post(blog, "![](../media/hive.png)")
    assert blog("sync").code == 0
    ran = blog("media")
    assert ran.code == 0
    assert "in Ghost" in ran.out
    assert "1 file shown (1 in Ghost), 1 unused, 0 problems" in ran.out


def test_media_tells_of_a_ghost_that_is_away_what_the_last_sync_left(blog):
    blog.configure("[http]\nretries = 0\n")
    put(blog, "posts/hive.png", png())
    post(blog, "![](hive.png)")
    assert blog("sync").code == 0
    before = json.loads(blog("media", "--json").out)
    assert before.pop("ghost_away") is False
    put(blog, "posts/wasp.png", png(1, 1))
    post(blog, "![](wasp.png)", "posts/wasps.md", "title: Wasps\n")
    blog.ghost.faults.append(Fault(path="site/", status=503, times=9))
    away = json.loads(blog("media", "--json").out)
    assert away.pop("ghost_away") is True
    assert away["files"][0] == before["files"][0]
    assert [file["url"] for file in away["files"]] == [before["files"][0]["url"], None]
    told = blog("media")
    assert told.code == 0
    assert "as the last sync left it" in told.err
    assert "1 in Ghost" in told.out
    assert blog("-q", "media").err == ""


@pytest.mark.parametrize("words", [("media", "-q"), ("media", "prune", "-q", "--dry-run")])
def test_media_and_its_own_commands_can_be_told_to_be_quiet(blog, words):
    blog.configure("[http]\nretries = 0\n")
    blog.ghost.faults.append(Fault(path="site/", status=503))
    ran = blog(*words)
    assert (ran.code, ran.err) == (0, "")


def test_prune_moves_what_nobody_shows_to_the_trash_and_only_that(blog):
    put(blog, "media/hive.png", png())
    put(blog, "media/old.png", png(note="old"))
    put(blog, "notes.txt", b"mine")
    post(blog, "![](../media/hive.png)")
    assert "would move  media/old.png" in blog("media", "prune", "--dry-run").out
    assert (blog.root / "media/old.png").exists()
    assert blog("media", "prune", "--yes").code == 0
    assert (blog.root / ".ghostsync/trash/media/old.png").read_bytes() == png(note="old")
    assert not (blog.root / "media/old.png").exists()
    assert (blog.root / "media/hive.png").exists()
    assert (blog.root / "notes.txt").exists()
    assert "Every picture and file is shown" in blog("media", "prune").out


def test_prune_leaves_pictures_alone_that_lie_where_no_document_and_no_download_lies(blog):
    """A theme's, those of a README, or of another program in the same repository."""
    put(blog, "theme/assets/logo.png", png())
    put(blog, "posts/left.png", png(note="left"))
    post(blog, "Text.")
    assert blog("media", "prune", "--yes").code == 0
    assert (blog.root / "theme/assets/logo.png").exists()
    assert not (blog.root / "posts/left.png").exists()


def test_prune_moves_nothing_while_what_a_document_shows_cannot_be_known(blog):
    put(blog, "media/hive.png", png())
    post(blog, "![](../media/hive.png)")
    (blog.root / "posts/other.md").symlink_to(blog.root / "posts/bees.md")
    ran = blog("media", "prune", "--yes")
    assert ran.code == 2
    assert "Run `ghostsync media`" in ran.err
    assert "symbolic link" in blog("media").out
    assert (blog.root / "media/hive.png").exists()


def test_prune_moves_nothing_while_a_document_shows_what_is_not_there(blog):
    put(blog, "media/old.png", png())
    post(blog, "![](gone.png)")
    assert blog("media", "prune", "--yes").code == 2
    assert (blog.root / "media/old.png").exists()
