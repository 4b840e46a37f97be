"""push --preview from the command line, on the sandbox."""

import json
import shutil

import httpx
import pytest
from cli_runner import ghostsync, sandbox_blog
from pictures import png

from ghostsync.content.preview import TAG
from ghostsync.model import Kind
from ghostsync.sandbox import Fault, When

POST = "---\ntitle: On bees\nstatus: published\ntags: [Garden]\n---\nThe first swarm came in May.\n\nThe second in June.\n"


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        yield blog


def tags_of(blog, document):
    return [tag["name"] for tag in blog.ghost.answer(document)["tags"]]


def previews(blog):
    return [one for one in (*blog.ghost.posts, *blog.ghost.pages) if TAG in tags_of(blog, one)]


def preview_of(blog):
    [found] = previews(blog)
    return found


def published(blog, text=POST, path="posts/on-bees.md"):
    blog.write(path, text)
    assert blog("sync").code == 0


def edit(blog, old="in May", new="in April", path="posts/on-bees.md"):
    text = blog.read(path)
    assert old in text
    blog.write(path, text.replace(old, new))


def forget(blog):
    """As in a fresh clone."""
    shutil.rmtree(blog.root / ".ghostsync")


def files(blog):
    return {
        path: path.read_bytes()
        for path in blog.root.rglob("*")
        if path.is_file() and ".ghostsync" not in str(path)
    }


def test_a_draft_beside_the_post_shows_what_the_file_says_and_nothing_else_changes(blog):
    published(blog)
    edit(blog)
    before, post = files(blog), dict(blog.ghost.find("on-bees").own)
    ran = blog("push", "--preview")
    assert ran.code == 0, ran
    preview = preview_of(blog)
    address = f"{blog.url}/p/{preview.uuid}/"
    assert ran.out.splitlines()[0] == f"created    posts/on-bees.md  {address}"
    assert "in April" in httpx.get(address, trust_env=False).text
    assert (preview.own["status"], preview.own["title"]) == ("draft", "On bees")
    assert preview.own["slug"].startswith("on-bees-preview-")
    assert tags_of(blog, preview) == ["Garden", TAG]
    assert (files(blog), blog.ghost.find("on-bees").own) == (before, post)
    # The base knows nothing of it: the push is still to be made.
    assert blog("status", "--json").json["counts"] == {"update post": 1}


def test_what_the_file_does_not_state_is_shown_as_the_post_has_it(blog):
    published(blog)
    id = blog.ghost.find("on-bees").id
    head = "<style>p { color: red }</style>"
    blog.ghost.edit(
        id, feature_image=f"{blog.url}/content/images/x.png", codeinjection_head=head, featured=True
    )
    assert blog("pull").code == 0
    text = "".join(
        line
        for line in blog.read("posts/on-bees.md").splitlines(keepends=True)
        if not line.startswith(("feat", "code"))
    )
    blog.write("posts/on-bees.md", text.replace("in May", "in April"))
    forget(blog)
    assert blog("push", "--preview").code == 0
    preview = preview_of(blog)
    assert preview.own["feature_image"].endswith("/content/images/x.png")
    assert preview.own["featured"]
    assert preview.own["codeinjection_head"].endswith(f"-->\n{head}")


@pytest.mark.parametrize("clone", [False, True])
def test_a_second_run_makes_no_second_draft_and_writes_nothing(blog, clone):
    published(blog)
    edit(blog)
    blog.write("pages/new.md", "---\ntitle: New\n---\nA new page.\n")
    assert blog("push", "--preview").code == 0
    writes = blog.writes
    if clone:
        forget(blog)
    ran = blog("push", "--preview", "--json")
    assert [one["done"] for one in ran.json["previews"]] == ["unchanged", "unchanged"]
    assert [one["url"] for one in ran.json["previews"]] == [
        f"{blog.url}/p/{one.uuid}/" for one in sorted(previews(blog), key=lambda one: one.kind)
    ]
    assert (ran.code, blog.writes, len(previews(blog))) == (0, writes, 2)


@pytest.mark.parametrize("clone", [False, True])
def test_what_changes_in_the_file_changes_in_the_same_draft(blog, clone):
    published(blog)
    edit(blog)
    blog("push", "--preview")
    first = preview_of(blog)
    edit(blog, "in April", "in March")
    if clone:
        forget(blog)
    assert blog("push", "--preview").out.startswith("updated    posts/on-bees.md")
    assert preview_of(blog).id == first.id
    assert "in March" in preview_of(blog).own["lexical"]
    edit(blog, "title: On bees", "title: Of bees")
    blog("push", "--preview")
    assert preview_of(blog).own["title"] == "Of bees"


def test_a_preview_is_no_document_to_a_sync(blog):
    published(blog)
    edit(blog)
    blog("push", "--preview")
    before = files(blog)
    assert blog("pull").code == 0
    assert files(blog) == before
    ran = blog("status", "--json").json
    assert (ran["documents"], ran["counts"]) == (1, {"update post": 1})
    preview = preview_of(blog)
    # Nor is its going away, or its coming back from an older backup.
    blog.ghost.delete(preview.id)
    assert blog("status", "--json").json["counts"] == {"update post": 1}


def test_a_first_pull_brings_no_preview_down(blog, tmp_path, monkeypatch, capsys):
    published(blog)
    edit(blog)
    blog("push", "--preview")
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(blog.root / "ghostsync.toml", other)
    assert ghostsync(monkeypatch, capsys, "-C", other, "sync").code == 0
    assert [path.name for path in other.rglob("*.md")] == ["on-bees.md"]
    again = ghostsync(monkeypatch, capsys, "-C", other, "sync")
    assert again.out.startswith("In step")


def test_without_the_tag_it_is_an_ordinary_post(blog):
    published(blog)
    edit(blog)
    blog("push", "--preview")
    preview = preview_of(blog)
    slug = preview.own["slug"]
    blog.ghost.edit(preview.id, tags=[{"name": "Garden"}])
    assert blog("sync", "--full").code == 0
    assert f"ghost_id: {preview.id}" in blog.read(f"posts/{slug}.md")
    assert blog("push", "--preview", "--remove").code == 0
    assert preview.id in blog.ghost.store.documents
    # With the tag put back it is still the document of its file, even of one that says no more whose it is.
    blog.ghost.edit(preview.id, tags=[{"name": TAG}])
    text = blog.read(f"posts/{slug}.md")
    blog.write(f"posts/{slug}.md", text.replace(f"ghost_id: {preview.id}\n", ""))
    posts = len(blog.ghost.posts)
    assert blog("sync", "--full").code == 0
    assert (blog.root / f"posts/{slug}.md").exists()
    assert len(blog.ghost.posts) == posts
    assert blog("push", "--preview", "--remove").code == 0
    assert preview.id in blog.ghost.store.documents


def test_when_the_document_is_merged_and_pushed_the_preview_goes(blog):
    published(blog)
    edit(blog)
    blog.write("posts/new.md", "---\ntitle: New\nstatus: published\n---\nA [new](on-bees.md) post.\n")
    assert blog("push", "--preview").code == 0
    assert len(previews(blog)) == 2
    forget(blog)
    assert blog("sync", "--adopt", "local", "--dry-run").code == 1
    assert len(previews(blog)) == 2
    ran = blog("sync", "--adopt", "local")
    assert ran.code == 0, ran
    assert previews(blog) == []
    assert ran.err.count("its preview was removed") == 2
    assert blog("sync").out.startswith("In step (2 documents, 3 requests")


def test_what_a_removed_preview_held_is_in_history(blog):
    published(blog)
    edit(blog)
    blog("push", "--preview")
    preview = preview_of(blog)
    blog("sync")
    [version] = blog("history", preview.id, "--json").json["versions"]
    assert version["why"] == "preview"


def test_a_preview_of_something_else_than_what_was_merged_stays(blog):
    published(blog)
    edit(blog)
    blog("push", "--preview")
    edit(blog, "in April", "in March")
    assert blog("sync").code == 0
    assert len(previews(blog)) == 1


def test_a_pull_takes_no_preview_away(blog):
    published(blog)
    edit(blog)
    blog("push", "--preview")
    edit(blog, "in April", "in May")
    blog("push", "--preview", "posts/on-bees.md")  # shows now what the post says
    assert blog("pull").code == 0
    assert len(previews(blog)) == 1
    assert blog("push").code == 0
    assert previews(blog) == []


def test_previews_can_be_taken_away_by_hand(blog):
    published(blog)
    edit(blog)
    for name in ("b", "c"):
        blog.write(f"posts/{name}.md", f"---\ntitle: {name}\n---\nText.\n")
    blog("push", "--preview")
    assert len(previews(blog)) == 3
    ran = blog("push", "--preview", "--remove", "posts/on-bees.md", "--dry-run")
    assert (ran.code, len(previews(blog))) == (1, 3)
    ran = blog("push", "--preview", "--remove", "posts/on-bees.md")
    assert ran.out.splitlines()[0] == "removed    posts/on-bees.md"
    assert len(previews(blog)) == 2
    # Of a file that is nowhere any more, in a fresh clone.
    (blog.root / "posts/b.md").unlink()
    forget(blog)
    assert blog("push", "--preview", "--remove", "posts/b.md").code == 0
    assert len(previews(blog)) == 1
    assert blog("push", "--preview", "--remove").code == 0
    assert previews(blog) == []
    assert [post.own["slug"] for post in blog.ghost.posts] == ["on-bees"]


def test_named_documents_are_previewed_whether_they_differ_or_not_and_no_others(blog):
    published(blog)
    published(blog, POST.replace("On bees", "On wasps"), "posts/on-wasps.md")
    edit(blog)
    ran = blog("push", "--preview", "posts/on-wasps.md", "--json")
    assert [(one["path"], one["done"]) for one in ran.json["previews"]] == [("posts/on-wasps.md", "created")]
    ran = blog("push", "--preview", "posts/nobody.md")
    assert (ran.code, "there is no such file" in ran.err) == (2, True)
    blog.write("notes.txt", "Text.")
    assert "no document of this name" in blog("push", "--preview", "notes.txt").out


def test_a_dry_run_makes_none(blog):
    published(blog)
    assert blog("push", "--preview", "--dry-run").out.startswith("Nothing to preview (")
    edit(blog)
    writes = blog.writes
    ran = blog("push", "--preview", "--dry-run")
    assert (ran.code, blog.writes) == (1, writes)
    assert ran.out.startswith("created    posts/on-bees.md  (not yet)\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("posts/a.md",),
        ("--remove",),
        ("--preview", "--adopt", "local"),
        ("--preview", "--fail-on", "problem"),
    ],
)
def test_what_makes_no_sense_is_an_error_of_usage(blog, arguments):
    ran = blog("push", *arguments)
    assert ran.code == 2
    assert "-> " in ran.err
    assert blog.writes == 0


def test_nothing_is_published_scheduled_or_sent(blog):
    blog.configure('[newsletter]\nallow = ["default-newsletter"]\n')
    blog.write("posts/a.md", "---\ntitle: A\nstatus: published\nnewsletter: default-newsletter\n---\nText.\n")
    blog.write("posts/b.md", "---\ntitle: B\nstatus: scheduled\npublished_at: 2090-01-01 10:00\n---\nText.\n")
    assert blog("push", "--preview").code == 0
    for preview in previews(blog):
        assert (preview.own["status"], preview.own["published_at"]) == ("draft", None)
        assert (preview.newsletter, preview.email) == ("", None)


def test_a_document_with_a_problem_is_told_and_the_others_go_on(blog):
    published(blog)
    edit(blog)
    blog.write("posts/broken.md", "---\ntitle: Broken\nstatus: publishd\n---\nText.\n")
    blog.write("posts/bare.md", "---\ntitle: Bare\n---\n![A hive](hive.png)\n")
    ran = blog("push", "--preview", "--json")
    assert ran.code == ran.json["exit_code"] == 1
    told = {one["path"]: one for one in ran.json["previews"]}
    assert told["posts/broken.md"]["failure"]["line"] == 3
    assert "hive.png" in told["posts/bare.md"]["failure"]["what"]
    assert told["posts/on-bees.md"]["done"] == "created"
    assert "FAILED" in blog("push", "--preview").out


@pytest.mark.parametrize("clone", [False, True])
def test_pictures_go_up_once(blog, clone):
    published(blog)
    (blog.root / "media").mkdir()
    (blog.root / "media/hive.png").write_bytes(png())
    edit(blog, "The second", "![A hive](../media/hive.png)\n\nThe second")
    assert blog("push", "--preview").code == 0
    assert "/content/images/" in preview_of(blog).own["lexical"]
    if clone:
        forget(blog)
    sent, writes = blog.ghost.count("POST", "images/upload"), blog.writes
    assert blog("push", "--preview").out.startswith("unchanged")
    assert (blog.ghost.count("POST", "images/upload"), blog.writes) == (sent, writes)
    # More is written: the picture that is there is not sent again.
    edit(blog, "in April" if "in April" in blog.read("posts/on-bees.md") else "in May", "in March")
    if clone:
        forget(blog)
    assert blog("push", "--preview").out.startswith("updated")
    assert blog.ghost.count("POST", "images/upload") == sent == 1
    (blog.root / "media/hive.png").write_bytes(png(note="another"))
    assert blog("push", "--preview").out.startswith("updated")
    assert blog.ghost.count("POST", "images/upload") == 2


def test_a_picture_that_ghost_refuses_is_told_at_its_document(blog):
    blog.write("posts/a.md", "---\ntitle: A\n---\n![A hive](hive.png)\n")
    (blog.root / "posts/hive.png").write_bytes(png())
    blog.ghost.faults.append(Fault(method="POST", path="images/upload", status=415, times=1))
    ran = blog("push", "--preview")
    assert ran.code == 1
    assert "FAILED     posts/a.md" in ran.out
    assert previews(blog) == []


def test_a_preview_that_an_editor_published_is_left_alone(blog):
    published(blog)
    edit(blog)
    blog("push", "--preview")
    preview = preview_of(blog)
    blog.ghost.edit(preview.id, status="published")
    edit(blog, "in April", "in March")
    writes = blog.writes
    ran = blog("push", "--preview")
    assert (ran.code, blog.writes) == (1, writes)
    assert "was made published in Ghost" in ran.out
    ran = blog("push", "--preview", "--remove")
    assert (ran.code, "was made published in Ghost" in ran.out) == (1, True)
    edit(blog, "in March", "in April")
    assert blog("sync").code == 0
    assert preview.id in blog.ghost.store.documents


def test_two_drafts_for_one_document_become_one(blog):
    published(blog)
    edit(blog)
    blog("push", "--preview")
    first = preview_of(blog)
    answer = blog.ghost.answer(first)
    blog.ghost.create(
        Kind.POST,
        title="On bees",
        codeinjection_head=first.own["codeinjection_head"],
        tags=[{"name": tag["name"]} for tag in answer["tags"]],
    )
    forget(blog)
    assert blog("push", "--preview").code == 0
    assert preview_of(blog).id == first.id


def test_a_preview_whose_answer_was_lost_is_found_by_the_next_run(blog):
    published(blog)
    edit(blog)
    blog.configure("[http]\nretries = 0\n")
    blog.ghost.faults.append(Fault(method="POST", path="posts/", when=When.AFTER))
    lost = blog("push", "--preview")
    assert lost.code == 4
    assert blog("push", "--preview").code == 0
    assert len(previews(blog)) == 1


def test_a_halt_stops_previews_too(blog):
    for number in range(4):
        blog.write(f"posts/n{number}.md", f"---\ntitle: Number {number}\n---\nText {number}.\n")
    blog("sync")
    kept = {file: file.read_bytes() for file in (blog.root / "posts").glob("*.md")}
    for file in kept:
        file.unlink()
    assert blog("sync").code == 5
    for file, data in kept.items():
        file.write_bytes(data + b"More.\n")
    ran = blog("push", "--preview", "--json")
    assert (ran.code, ran.json["halt"]["reason"]) == (5, "folder")
    assert previews(blog) == []


def test_many_files_that_are_missing_on_a_branch_are_no_reason_to_halt(blog):
    for number in range(12):
        blog.write(f"posts/n{number}.md", f"---\ntitle: Number {number}\n---\nText {number}.\n")
    blog("sync")
    for number in range(11):
        (blog.root / f"posts/n{number}.md").unlink()
    edit(blog, "Text 11", "Words 11", "posts/n11.md")
    assert blog("push", "--preview").code == 0
    assert len(previews(blog)) == 1
    assert len(blog.ghost.posts) == 13


def test_ci_hears_of_each_address(blog, monkeypatch, tmp_path):
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    published(blog)
    edit(blog)
    blog.write("posts/broken.md", "---\ntitle: Broken\nstatus: publishd\n---\nText.\n")
    ran = blog("push", "--preview")
    address = f"{blog.url}/p/{preview_of(blog).uuid}/"
    commands = [line for line in ran.out.splitlines() if line.startswith("::")]
    assert commands[0].startswith("::error file=posts/broken.md,line=3,")
    assert commands[1] == f"::notice file=posts/on-bees.md,title=ghostsync%3A preview::On bees: {address}"
    assert (
        f"| created | posts/on\\-bees.md | [On bees](<{address}>) |" in (tmp_path / "summary.md").read_text()
    )


def test_a_path_with_whatever_letters_is_known_again(blog):
    path = "posts/a--b -->'\"ü 日.md"
    blog.write(path, "---\ntitle: A\nslug: strange\n---\nText.\n")
    assert blog("push", "--preview").code == 0
    forget(blog)
    assert blog("push", "--preview").out.startswith("unchanged")
    assert preview_of(blog).own["codeinjection_head"].count("-->") == 1


def test_a_ghost_that_goes_away_ends_the_run_with_what_was_done_so_far(blog):
    for name in ("a", "b", "c"):
        blog.write(f"posts/{name}.md", f"---\ntitle: {name}\n---\nText.\n")
    blog.configure("[http]\nretries = 0\n")
    assert blog("push", "--preview").code == 0
    for path in ("posts/b.md", "posts/c.md"):
        edit(blog, "Text.", "Words.", path)
    blog.ghost.faults.append(Fault(method="PUT", status=503, times=1000))
    ran = blog("push", "--preview", "--json")
    assert ran.code == ran.json["exit_code"] == 4
    assert [(one["path"], one["done"]) for one in ran.json["previews"]] == [
        ("posts/a.md", "unchanged"),
        ("posts/b.md", None),
    ]
    assert ran.json["failure"]["type"] == "Unavailable"
    blog.ghost.faults.append(Fault(method="DELETE", status=500, times=1))
    ran = blog("push", "--preview", "--remove", "--json")
    assert ran.code == 1
    assert [one["done"] for one in ran.json["previews"]] == [None, "removed", "removed"]


def test_gitlab_hears_of_problems_and_of_no_previews(blog, tmp_path):
    blog.write("posts/a.md", "---\ntitle: A\n---\nText.\n")
    blog.write("posts/broken.md", "---\ntitle: Broken\nstatus: publishd\n---\nText.\n")
    report = tmp_path / "quality.json"
    assert blog("push", "--preview", "--code-quality", report).code == 1
    [issue] = json.loads(report.read_text(encoding="utf-8"))
    assert issue["location"] == {"path": "posts/broken.md", "lines": {"begin": 3}}


def test_a_preview_of_a_post_that_only_some_tiers_may_read_keeps_them(blog):
    gold = blog.ghost.add_tier("Gold")
    published(blog, POST.replace("tags:", "visibility: tiers\ntiers: [gold]\ntags:"))
    text = blog.read("posts/on-bees.md").replace("visibility: tiers\ntiers: [gold]\n", "")
    blog.write("posts/on-bees.md", text.replace("in May", "in April"))
    assert blog("push", "--preview").code == 0
    preview = preview_of(blog)
    assert (preview.own["visibility"], preview.tiers) == ("tiers", [gold["id"]])


@pytest.mark.parametrize("mode", ["html", "markdown"])
def test_each_content_mode_has_its_preview(blog, mode):
    blog.write("posts/a.md", f"---\ntitle: A\nformat: {mode}\n---\nSome *words*.\n")
    assert blog("push", "--preview").code == 0
    assert "<em>words</em>" in preview_of(blog).html
    edit(blog, "*words*", "**others**", "posts/a.md")
    assert blog("push", "--preview").out.startswith("updated")
    assert "<strong>others</strong>" in preview_of(blog).html


def test_previews_that_go_back_in_time_are_no_restored_backup(blog):
    for name in "abcd":
        blog.write(f"posts/{name}.md", f"---\ntitle: {name}\n---\nText.\n")
    assert blog("push", "--preview").code == 0
    assert blog("pull").code == 0
    for preview in previews(blog):
        preview.own["updated_at"] = "2020-01-01T00:00:00.000Z"
    ran = blog("pull", "--full")
    assert ran.code == 0, ran
