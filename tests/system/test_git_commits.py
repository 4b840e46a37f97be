"""What ghostsync writes into a git work tree becomes commits; what people write there stays theirs."""

from datetime import datetime

import pytest
from cli_runner import sandbox_blog
from git_helpers import git, log, use_settings

BEES = """---
title: On bees
status: published
---
The first swarm.

The second swarm.

The third swarm.
"""


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    """A published post in a repository, committed and in step."""
    use_settings(monkeypatch)
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        git(blog.root, "init", "-q")
        blog.write("posts/on-bees.md", BEES)
        assert blog("sync").code == 0
        git(blog.root, "add", ".")
        git(blog.root, "commit", "-qm", "Set up")
        yield blog


def post(blog, slug="on-bees"):
    return blog.ghost.find(slug)


def in_ghost(blog, old, new, slug="on-bees", **fields):
    blog.clock.advance(5)
    document = post(blog, slug)
    assert old in document.own["lexical"]
    blog.ghost.edit(document.id, lexical=document.own["lexical"].replace(old, new), **fields)


def test_an_edit_made_in_ghost_becomes_a_commit(blog):
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert ran.code == 0, ran
    assert log(blog.root, "%s|%(trailers:key=Ghost-Id,valueonly)").pop(0) == (
        f"Edit 'On bees' (paragraph 2)|{post(blog).id}"
    )
    assert git(blog.root, "status", "--porcelain") == ""


def test_a_new_post_and_a_removed_one_become_one_commit_that_sums_up(blog):
    from ghostsync.model import Kind

    blog.ghost.create(Kind.POST, title="Of wasps", html="<p>Hm.</p>", source_html=True)
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    assert git(blog.root, "log", "-1", "--format=%B").splitlines()[:4] == [
        "Take over 2 edits from 127.0.0.1:" + blog.url.rpartition(":")[2],
        "",
        "- Edit 'On bees' (paragraph 2): posts/on-bees.md",
        "- Add 'Of wasps': posts/of-wasps.md",
    ]
    blog.ghost.delete(post(blog, "of-wasps").id)
    assert blog("sync").code == 0
    assert log(blog.root)[0] == "Remove 'Of wasps' (deleted in Ghost)"
    assert git(blog.root, "status", "--porcelain") == ""


def test_a_file_of_the_users_own_is_not_committed_for_its_ghost_id(blog):
    blog.write("posts/new.md", "---\ntitle: New\n---\nText.\n")
    before = log(blog.root)
    ran = blog("sync")
    assert ran.code == 0
    assert log(blog.root) == before
    assert "posts/new.md is not in git yet" in ran.err
    assert git(blog.root, "status", "--porcelain") == "?? posts/new.md"
    in_file = blog.read("posts/new.md")
    blog.write("posts/new.md", in_file.replace("Text", "More text"))
    assert "not in git yet" not in blog("sync").err


def test_the_ghost_id_of_a_tracked_file_is_committed(blog):
    blog.write("posts/new.md", "---\ntitle: New\n---\nText.\n")
    git(blog.root, "add", "posts/new.md")
    git(blog.root, "commit", "-qm", "New")
    assert blog("sync").code == 0
    assert log(blog.root)[0] == "Note the post of 'New'"
    assert "+ghost_id: " in git(blog.root, "show")
    assert git(blog.root, "status", "--porcelain") == ""


def author(blog, rev="HEAD"):
    return git(blog.root, "show", "-s", "--format=%an <%ae> %at", rev)


def editor(blog, name):
    """Another person comes to the editor."""
    blog.ghost.editor = blog.ghost.store.add_user(name, f"{name.split()[0].lower()}@private.example")["id"]


def test_the_author_is_who_edited_the_post_with_an_address_that_is_nobodys(blog):
    editor(blog, "Ada Editor")
    in_ghost(blog, "The second", "Another")
    at = datetime.fromisoformat(post(blog).own["updated_at"])
    assert blog("sync").code == 0
    assert author(blog) == f"Ada Editor <ada-editor@users.noreply.127.0.0.1> {int(at.timestamp())}"
    assert git(blog.root, "show", "-s", "--format=%cn", "HEAD") == "A Writer"
    assert "private.example" not in git(blog.root, "log", "--format=fuller")


def test_the_address_that_ghost_knows_is_used_where_the_configuration_says_so(blog):
    blog.configure('[git]\nauthors = "email"\n')
    editor(blog, "Ada Editor")
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    assert author(blog).startswith("Ada Editor <ada@private.example>")


def test_no_editor_is_named_where_the_configuration_says_so(blog):
    blog.configure('[git]\nauthors = "off"\n')
    editor(blog, "Ada Editor")
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    assert author(blog).startswith("A Writer <writer@example.com>")


def test_of_several_editors_the_last_is_the_author_and_the_others_are_named(blog):
    editor(blog, "Ada Editor")
    in_ghost(blog, "The first", "One")
    editor(blog, "Bo Bold")
    in_ghost(blog, "The second", "Another")
    ada = git(blog.root, "rev-parse", "HEAD")
    assert blog("sync").code == 0
    assert author(blog).startswith("Bo Bold ")
    assert git(blog.root, "show", "-s", "--format=%(trailers)").splitlines() == [
        f"Ghost-Id: {post(blog).id}",
        "Co-authored-by: Ada Editor <ada-editor@users.noreply.127.0.0.1>",
    ]
    assert git(blog.root, "rev-parse", "HEAD~1") == ada


def test_who_was_named_for_tags_is_not_named_again_for_somebody_elses_edit(blog):
    editor(blog, "Ada Editor")
    blog.clock.advance(5)
    blog.ghost.edit(post(blog).id, tags=[{"name": "Bees"}])
    assert blog("sync", "--full").code == 0
    assert log(blog.root)[0] == "Edit 'On bees' (tags)"
    assert author(blog).startswith("Ada Editor ")
    editor(blog, "Bo Bold")
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    assert author(blog).startswith("Bo Bold ")
    assert "Co-authored-by" not in git(blog.root, "show", "-s", "--format=%B")


def test_what_came_from_this_folder_is_nobodys_edit_in_ghost(blog):
    editor(blog, "Ada Editor")
    in_ghost(blog, "The third", "No third")
    blog.write("posts/on-bees.md", blog.read("posts/on-bees.md").replace("The first", "My first"))
    assert blog("sync").code == 0
    assert log(blog.root)[0] == "Merge edits of 'On bees' (paragraph 3)"
    assert author(blog).startswith("Ada Editor ")
    diff = git(blog.root, "diff", "-U0")
    assert "+My first swarm." in diff
    assert "third" not in diff


def test_the_log_of_actions_is_asked_once_and_only_where_something_came_from_ghost(blog):
    in_ghost(blog, "The second", "Another")
    seen = blog.ghost.count(path="actions/")
    assert blog("sync").code == 0
    assert blog.ghost.count(path="actions/") == seen + 1
    blog.write("posts/on-bees.md", blog.read("posts/on-bees.md").replace("The first", "My first"))
    assert blog("sync").code == 0
    assert blog.ghost.count(path="actions/") == seen + 1


def test_a_removal_is_by_who_removed_the_post(blog):
    editor(blog, "Ada Editor")
    blog.clock.advance(5)
    blog.ghost.delete(post(blog).id)
    assert blog("sync").code == 0
    assert log(blog.root)[0] == "Remove 'On bees' (deleted in Ghost)"
    assert author(blog).startswith("Ada Editor ")


def test_somebody_who_has_left_the_staff_is_not_named(blog):
    editor(blog, "Ada Editor")
    in_ghost(blog, "The second", "Another")
    del blog.ghost.store.users[blog.ghost.editor]
    assert blog("sync").code == 0
    assert author(blog).startswith("A Writer ")


def test_a_log_that_cannot_be_read_costs_the_name_and_nothing_else(blog):
    from ghostsync.sandbox import Fault

    in_ghost(blog, "The second", "Another")
    blog.ghost.faults += [Fault(status=500, path="actions/") for _ in range(9)]
    ran = blog("sync")
    assert ran.code == 0
    assert log(blog.root)[0] == "Edit 'On bees' (paragraph 2)"
    assert author(blog).startswith("A Writer ")


def test_each_document_has_a_commit_of_its_own_where_the_configuration_says_so(blog):
    from ghostsync.model import Kind

    blog.configure('[git]\ncommit = "document"\n')
    editor(blog, "Ada Editor")
    blog.ghost.create(Kind.POST, title="Of wasps", html="<p>Hm.</p>", source_html=True)
    editor(blog, "Bo Bold")
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    assert log(blog.root, "%s|%an")[:2] == [
        "Add 'Of wasps'|Ada Editor",
        "Edit 'On bees' (paragraph 2)|Bo Bold",
    ]


def test_nothing_is_committed_where_the_configuration_says_so(blog):
    blog.configure('[git]\ncommit = "off"\n')
    git(blog.root, "commit", "-qam", "Configuration")
    before = log(blog.root)
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    assert log(blog.root) == before
    assert git(blog.root, "status", "--porcelain") == " M posts/on-bees.md"


def hook(blog, name, script):
    file = blog.root / ".git/hooks" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def test_a_hook_that_refuses_is_told_of_and_asked_again_the_next_time(blog):
    refusing = hook(blog, "pre-commit", "echo 'No commits on Fridays.' >&2; exit 1")
    in_ghost(blog, "The second", "Another")
    before = log(blog.root)
    ran = blog("sync")
    assert ran.code == 0
    assert "git commit was refused: No commits on Fridays." in ran.err
    assert log(blog.root) == before
    assert git(blog.root, "status", "--porcelain") == " M posts/on-bees.md"
    assert "Another" in blog.read("posts/on-bees.md")
    refusing.unlink()
    assert blog("sync").code == 0
    assert log(blog.root)[0] == "Edit 'On bees' (paragraph 2)"
    assert git(blog.root, "status", "--porcelain") == ""


def test_a_hook_that_reformats_what_is_committed_is_honoured_and_makes_no_loop(blog):
    hook(blog, "pre-commit", "sed -i 's/Another/ANOTHER/' posts/on-bees.md && git add posts/on-bees.md")
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    assert "ANOTHER" in git(blog.root, "show", "HEAD:posts/on-bees.md")
    assert git(blog.root, "status", "--porcelain") == ""
    assert blog("sync").code == 0
    assert "ANOTHER" in post(blog).own["lexical"]
    commits, writes = log(blog.root), blog.writes
    assert blog("sync").code == 0
    assert blog("sync").code == 0
    assert (log(blog.root), blog.writes) == (commits, writes)


def test_hooks_are_run_as_for_any_commit_and_see_no_key(blog):
    hook(blog, "pre-commit", "env > seen-env; git diff --cached --name-only > seen-files")
    hook(blog, "commit-msg", 'echo "Reviewed-by: Nobody" >> "$1"')
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    assert (blog.root / "seen-files").read_text() == "posts/on-bees.md\n"
    seen = (blog.root / "seen-env").read_text()
    assert blog.ghost.admin_api_key not in seen
    assert "GIT_LITERAL_PATHSPECS" not in seen
    assert "Reviewed-by: Nobody" in git(blog.root, "show", "-s", "--format=%B")


def test_a_signature_is_made_where_git_is_told_to_and_a_failure_says_what_to_do(blog):
    signer = blog.root.parent / "gpg"
    signer.write_text("#!/bin/sh\necho 'gpg: signing failed: No pinentry' >&2\nexit 2\n")
    signer.chmod(0o755)
    git(blog.root, "config", "commit.gpgSign", "true")
    git(blog.root, "config", "gpg.program", str(signer))
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert ran.code == 0
    assert "could not be signed" in ran.err
    assert "commit.gpgSign false" in ran.err
    signer.write_text(
        "#!/bin/sh\ncat > /dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\n"
        "echo '-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----'\n"
    )
    assert blog("sync").code == 0
    assert "gpgsig -----BEGIN PGP SIGNATURE-----" in git(blog.root, "cat-file", "commit", "HEAD")


def test_a_hook_that_takes_too_long_is_stopped_and_told_of(blog):
    blog.configure("[git]\ncommit_timeout = 0.5\n")
    slow = hook(blog, "pre-commit", "sleep 600")
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert ran.code == 0
    assert "did not end within 0.5 s" in ran.err
    assert not (blog.root / ".git/index.lock").exists()
    slow.unlink()
    blog.configure()
    assert blog("sync").code == 0
    assert log(blog.root)[0] == "Edit 'On bees' (paragraph 2)"


def test_a_hook_after_the_commit_that_is_stopped_leaves_nothing_staged_that_would_undo_it(blog):
    blog.configure("[git]\ncommit_timeout = 2\n")
    git(blog.root, "commit", "-qam", "Configuration")
    hook(blog, "post-commit", "sleep 600")
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert ran.code == 0
    assert log(blog.root)[0] == "Edit 'On bees' (paragraph 2)"
    assert git(blog.root, "status", "--porcelain") == ""
    assert not (blog.root / ".git/index.lock").exists()


def test_where_git_knows_no_name_ghostsync_commits_by_its_own(blog, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_COUNT", "0")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.useConfigOnly")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    in_ghost(blog, "The second", "Another")
    ran = blog("sync")
    assert ran.code == 0
    assert "git knows no name to commit with" in ran.err
    told = git(blog.root, "show", "-s", "--format=%an <%ae>, %cn <%ce>")
    assert told == "Owner <owner@users.noreply.127.0.0.1>, ghostsync <ghostsync@noreply.invalid>"


def test_a_dry_run_commits_nothing(blog):
    before = log(blog.root)
    in_ghost(blog, "The second", "Another")
    assert blog("sync", "--dry-run").code == 1
    assert log(blog.root) == before


def test_the_conflict_file_is_never_committed(blog):
    in_ghost(blog, "The second", "Another")
    blog.write("posts/on-bees.md", blog.read("posts/on-bees.md").replace("The second", "My second"))
    git(blog.root, "commit", "-qam", "Mine")
    before = log(blog.root)
    assert blog("sync").code == 1
    assert (blog.root / "posts/on-bees.conflict.md").exists()
    assert log(blog.root) == before
    assert blog("resolve", "posts/on-bees.md", "--use", "remote").code == 0
    assert log(blog.root)[0] == "Edit 'On bees' (paragraph 2)"
    assert git(blog.root, "status", "--porcelain") == ""


def test_a_picture_that_comes_down_is_committed_with_its_post(blog):
    from pictures import png

    from ghostsync.model import Kind

    blog.configure('[media]\npull = "download"\n')
    picture = png(4, 4)
    blog.uploaded["content/images/2026/11/hive.png"] = picture
    blog.ghost.create(
        Kind.POST,
        title="Pictures",
        html="<p>Look.</p>",
        source_html=True,
        feature_image=f"{blog.url}/content/images/2026/11/hive.png",
    )
    ran = blog("sync")
    assert ran.code == 0, ran
    assert git(blog.root, "show", "--format=", "--name-status").splitlines() == [
        "A\tmedia/hive.png",
        "A\tposts/pictures.md",
    ]
    assert log(blog.root)[0].startswith("Take over 1 new document and 1 file from 127.0.0.1")
    assert "- Add media/hive.png" in git(blog.root, "show", "-s", "--format=%B")


def test_a_second_process_commits_what_a_killed_one_wrote(blog, monkeypatch):
    """Killed after the write, before the commit."""
    from ghostsync.sync.versioning.commits import Commits

    class Killed(BaseException):
        pass

    async def dies(self, report):
        if report is not None:
            raise Killed
        return await commit(self, report)

    commit = Commits.commit
    in_ghost(blog, "The second", "Another")
    with monkeypatch.context() as patch:
        patch.setattr(Commits, "commit", dies)
        with pytest.raises(Killed):
            blog("sync")
    assert git(blog.root, "status", "--porcelain") == " M posts/on-bees.md"
    assert blog("sync").code == 0
    assert log(blog.root, "%s|%an")[0] == "Edit 'On bees' (paragraph 2)|Owner"
    assert git(blog.root, "status", "--porcelain") == ""


def test_a_version_that_a_person_restores_is_that_persons_edit(blog):
    in_ghost(blog, "The second", "Another")
    assert blog("sync").code == 0
    ran = blog("history", "posts/on-bees.md", "--json")
    number = next(v["number"] for v in ran.json["versions"] if v["side"] == "local")
    assert blog("restore", "posts/on-bees.md", "--version", str(number)).code == 0
    assert blog("sync").code == 0
    assert "Another" in git(blog.root, "show", "HEAD:posts/on-bees.md")
    assert git(blog.root, "status", "--porcelain") == " M posts/on-bees.md"


def test_a_log_that_is_written_late_is_looked_at_again(blog, monkeypatch):
    """As after a webhook, which comes before the entry."""
    from ghostsync.sync.versioning import commits

    waited = []

    async def sleep(seconds):
        waited.append(seconds)
        blog.ghost.store.actions.append(late)

    editor(blog, "Ada Editor")
    in_ghost(blog, "The second", "Another")
    late = blog.ghost.store.actions.pop()
    create = commits.Commits.__init__

    def patient(self, *arguments, **more):
        create(self, *arguments, **{**more, "sleep": sleep})

    monkeypatch.setattr(commits.Commits, "__init__", patient)
    assert blog("sync").code == 0
    assert author(blog).startswith("Ada Editor ")
    assert len(waited) == 1
