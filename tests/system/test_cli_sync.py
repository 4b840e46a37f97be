"""sync, pull, push and status from the command line, on the sandbox."""

import pytest
from cli_runner import sandbox_blog

from ghostsync.model import Kind
from ghostsync.sandbox import Fault

POST = "---\ntitle: On bees\n---\nThe first swarm came in May.\n\nThe second one came in June.\n"
HTML = "<p>An editor wrote this.</p><p>In two paragraphs.</p>"


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        yield blog


def from_ghost(blog, title="From Ghost", **fields):
    return blog.ghost.create(Kind.POST, title=title, html=HTML, source_html=True, **fields)


def test_a_file_becomes_a_draft_and_a_post_becomes_a_file(blog):
    blog.write("posts/on-bees.md", POST)
    from_ghost(blog)
    ran = blog("sync")
    assert ran.code == 0, ran
    assert "create post" in ran.out
    assert "create file" in ran.out
    assert blog.ghost.find("on-bees").own["status"] == "draft"
    assert "An editor wrote this." in blog.read("posts/from-ghost.md")


def test_a_second_sync_writes_nothing_and_says_so(blog):
    blog.write("posts/on-bees.md", POST)
    blog("sync")
    writes, bytes_before = blog.writes, blog.read("posts/on-bees.md")
    mtime = (blog.root / "posts/on-bees.md").stat().st_mtime_ns
    ran = blog("sync")
    assert ran.code == 0
    assert ran.out.startswith("In step (1 document, ")
    assert blog.writes == writes
    assert blog.read("posts/on-bees.md") == bytes_before
    assert (blog.root / "posts/on-bees.md").stat().st_mtime_ns == mtime


def test_a_dry_run_writes_nothing_on_either_side(blog):
    blog.write("posts/on-bees.md", POST)
    from_ghost(blog)
    ran = blog("sync", "--dry-run")
    assert ran.code == 1
    assert "A sync would end with 1 post created in Ghost, 1 file created" in ran.out
    assert blog.writes == 0
    assert blog.read("posts/on-bees.md") == POST
    assert not (blog.root / "posts/from-ghost.md").exists()


def test_status_tells_by_its_exit_code(blog):
    blog.write("posts/on-bees.md", POST)
    assert blog("status").code == 1
    blog("sync")
    assert blog("status").code == 0


def test_status_as_json_names_what_a_sync_would_do(blog):
    blog.write("posts/on-bees.md", POST)
    document = blog("status", "--json").json
    assert document["command"] == "status"
    assert document["dry_run"] is True
    [action] = document["actions"]
    assert (action["verb"], action["path"], action["kind"]) == ("create post", "posts/on-bees.md", "post")


def test_pull_never_writes_to_ghost(blog):
    blog.write("posts/on-bees.md", POST)
    from_ghost(blog)
    ran = blog("pull")
    assert ran.code == 0, ran
    assert blog.writes == 0
    assert (blog.root / "posts/from-ghost.md").exists()


def test_push_writes_no_file_but_for_the_ghost_id(blog):
    blog.write("posts/on-bees.md", POST)
    from_ghost(blog)
    ran = blog("push")
    assert ran.code == 0, ran
    assert not (blog.root / "posts/from-ghost.md").exists()
    id = blog.ghost.find("on-bees").id
    lines = blog.read("posts/on-bees.md").splitlines()
    assert [line for line in lines if id not in line] == POST.splitlines()


def test_a_conflict_leaves_both_sides_alone_and_the_exit_code_says_so(blog):
    blog.write("posts/on-bees.md", POST)
    blog("sync")
    id = blog.ghost.find("on-bees").id
    ours = blog.read("posts/on-bees.md").replace("in May", "in April")
    blog.write("posts/on-bees.md", ours)
    lexical = blog.ghost.find("on-bees").own["lexical"]
    blog.clock.advance(5)
    blog.ghost.edit(id, lexical=lexical.replace("in May", "in March"))
    ran = blog("sync")
    assert ran.code == 1
    assert "conflict" in ran.out
    assert blog.read("posts/on-bees.md") == ours
    assert "in March" in blog.ghost.find("on-bees").own["lexical"]
    assert (blog.root / "posts/on-bees.conflict.md").exists()


def test_a_broken_document_is_told_with_its_line_and_the_others_go_on(blog):
    blog.write("posts/broken.md", '---\ntitle: "never closed\n---\nText.\n')
    blog.write("posts/on-bees.md", POST)
    ran = blog("sync")
    assert ran.code == 1
    assert "posts/broken.md" in ran.out
    assert blog.ghost.find("on-bees")
    assert len(blog.ghost.posts) == 1


def test_a_ghost_that_is_not_there_is_told_apart_from_one_that_refuses(blog, monkeypatch):
    key = blog.ghost.admin_api_key
    blog.write("ghostsync.toml", '[site]\nurl = "http://127.0.0.1:9"\n[http]\nretries = 0\n')
    assert blog("sync").code == 4
    blog.configure()
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", f"{key.split(':')[0]}:{'0' * 64}")
    wrong_secret = blog("sync")
    assert wrong_secret.code == 3
    assert "secret" in wrong_secret.err
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", f"{'0' * 24}:{'0' * 64}")
    unknown = blog("sync")
    assert unknown.code == 3
    assert "secret" not in unknown.err.splitlines()[0]
    assert key.split(":")[1] not in wrong_secret.err + unknown.err


def test_a_first_run_on_two_full_sides_writes_nothing_that_differs_until_told_who_wins(blog):
    blog.write("posts/from-ghost.md", "---\ntitle: From Ghost\n---\nThe file says something else.\n")
    post = from_ghost(blog)
    before = post.own["lexical"]
    assert blog("sync").code == 1
    assert blog.ghost.find("from-ghost").own["lexical"] == before
    assert "something else" in blog.read("posts/from-ghost.md")
    assert blog("sync", "--adopt", "local").code == 0
    assert "something else" in blog.ghost.find("from-ghost").own["lexical"]
    assert blog("status").code == 0


def test_adopting_ghosts_side_changes_the_file(blog):
    blog.write("posts/from-ghost.md", "---\ntitle: From Ghost\n---\nThe file says something else.\n")
    from_ghost(blog)
    writes = blog.writes
    assert blog("sync", "--adopt", "remote").code == 0
    assert "An editor wrote this." in blog.read("posts/from-ghost.md")
    assert blog.writes == writes


def test_verbose_tells_the_requests_and_quiet_tells_nothing(blog):
    blog("sync")
    assert "requests: " in blog("sync", "--verbose").out
    assert blog("-q", "sync").out == ""


def test_a_folder_that_is_worked_in_is_not_written_to_by_a_second_sync_but_can_be_looked_at(blog):
    from ghostsync.state import FolderLock

    blog("sync")
    with FolderLock(blog.root):
        assert blog("status").code == 0
        assert blog("sync", "--dry-run").code == 0
        ran = blog("sync")
    assert ran.code == 2
    assert "another ghostsync" in ran.err


def test_a_vanished_folder_halts_until_a_person_resumes(blog):
    for number in range(30):
        blog.write(f"posts/n{number}.md", f"---\ntitle: Number {number}\n---\nText {number}.\n")
    assert blog("sync").code == 0
    for file in (blog.root / "posts").glob("*.md"):
        file.unlink()
    halted = blog("sync", "--json")
    assert halted.code == 5
    halt = halted.json["halt"]["id"]
    assert len(blog.ghost.posts) == 30
    assert blog("status").code == 5
    assert blog("resume").code == 2  # nobody is there to be asked
    assert blog("resume", "--confirm", "another").code == 2
    assert blog("sync").code == 5
    lifted = blog("resume", "--confirm", halt, "--json")
    assert (lifted.code, lifted.json["lifted"], lifted.json["halt"]["id"]) == (0, True, halt)
    assert blog("sync").code == 0
    assert len(blog.ghost.posts) == 0


def test_a_damaged_state_database_is_moved_aside_told_and_learned_again(blog):
    blog.write("posts/on-bees.md", POST)
    blog("sync")
    writes, text = blog.writes, blog.read("posts/on-bees.md")
    for name in ("state.db-wal", "state.db-shm"):
        (blog.root / ".ghostsync" / name).unlink(missing_ok=True)
    (blog.root / ".ghostsync/state.db").write_bytes(b"no database at all" * 1000)
    ran = blog("sync", "--json")
    assert ran.code == 0, ran
    assert any("state.db" in warning for warning in ran.json["warnings"])
    assert (blog.writes, blog.read("posts/on-bees.md")) == (writes, text)


def test_without_a_halt_there_is_nothing_to_resume(blog):
    ran = blog("resume")
    assert (ran.code, ran.out) == (0, "Nothing is halted.\n")


def test_a_ghost_that_goes_away_in_the_middle_is_told_once(blog):
    blog("sync")
    for number in range(8):
        blog.write(f"posts/n{number}.md", f"---\ntitle: Number {number}\n---\nText.\n")
    blog.configure("[http]\nretries = 0\n")
    blog.ghost.faults.append(Fault(method="POST", status=503, times=1000))
    ran = blog("sync")
    assert ran.code == 4
    assert ran.err.count("error:") == 1
