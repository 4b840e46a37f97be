"""Texts under a ref of the repository: written, read, fetched, pushed, and never in anybody's way."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from repositories import bare, clone, new_repository

from ghostsync.errors import GitError
from ghostsync.git.command import Git
from ghostsync.git.ledger import RefLedger, ref_for

REF = "refs/ghostsync/example.com"


def ledger(repository, remote=""):
    return RefLedger(Git(repository.root), REF, remote)


def everything(found):
    return dict(found.read(found.listing()))


@pytest.fixture
def repository(tmp_path):
    return new_repository(tmp_path / "blog")


def test_what_was_written_is_read_again_and_later_texts_are_put_on_top(repository):
    found = ledger(repository)
    assert everything(found) == {}
    found.write({"a.json": b"one\n", "deep/er/b.json": b"\0\xff"}, "First")
    found.write({"a.json": None, "c.json": b""}, "Second")
    assert everything(found) == {"deep/er/b.json": b"\0\xff", "c.json": b""}
    assert repository("log", "--format=%s", REF) == "Second\nFirst"


def test_branch_index_and_work_tree_are_left_alone(repository):
    repository.commit(posts_a="one")
    repository.write("posts/a.md", "two")
    repository("add", "posts/a.md")
    repository.write("posts/a.md", "three")
    before = repository("status", "--porcelain=v2", "--branch")
    ledger(repository).write({"a.json": b"one"}, "First")
    assert repository("status", "--porcelain=v2", "--branch") == before


def test_a_folder_that_is_a_part_of_the_repository_reads_all_of_it(repository):
    repository.commit(blog_a="one")
    found = RefLedger(Git(repository.root / "blog"), REF)
    found.write({"a.json": b"one\n", "deep/er/b.json": b"two"}, "First")
    assert everything(found) == {"a.json": b"one\n", "deep/er/b.json": b"two"}


def test_the_fingerprint_is_the_one_that_the_listing_tells(repository):
    found = ledger(repository)
    found.write({"a": b"text\n"}, "First")
    assert found.listing() == {"a": found.fingerprint(b"text\n")}


def test_the_fingerprint_is_right_in_a_repository_of_another_hash(tmp_path):
    found = ledger(new_repository(tmp_path / "blog", options=["--object-format=sha256"]))
    found.write({"a": b"text\n"}, "First")
    assert found.listing() == {"a": found.fingerprint(b"text\n")}


def test_a_clone_fetches_what_another_one_pushed(repository, tmp_path):
    remote = bare(tmp_path / "remote.git")
    repository("remote", "add", "origin", str(remote))
    repository.commit()
    repository("push", "-q", "origin", "main")
    first = ledger(repository, "origin")
    assert first.fetch() is False
    first.write({"a": b"one"}, "First")
    assert first.push()
    second = ledger(clone(remote, tmp_path / "second"), "origin")
    assert second.fetch()
    assert everything(second) == {"a": b"one"}


def test_a_shallow_clone_fetches_and_pushes_without_the_whole_chain(repository, tmp_path):
    remote = bare(tmp_path / "remote.git")
    repository("remote", "add", "origin", str(remote))
    repository.commit("One")
    repository.commit("Two")
    repository("push", "-q", "origin", "main")
    first = ledger(repository, "origin")
    for number in range(3):
        first.write({"a": b"%d" % number}, f"Number {number}")
    first.push()
    shallow = clone(remote, tmp_path / "shallow", "--depth=1")
    second = ledger(shallow, "origin")
    second.fetch()
    assert shallow("rev-list", "--count", REF) == "1"
    second.write({"b": b"mine"}, "Mine")
    assert second.push()
    assert first.fetch()
    assert everything(first) == {"a": b"2", "b": b"mine"}
    assert repository("rev-list", "--count", REF) == "4"


def test_a_push_onto_newer_texts_is_told_and_changes_nothing(repository, tmp_path):
    remote = bare(tmp_path / "remote.git")
    repository("remote", "add", "origin", str(remote))
    repository.commit()
    repository("push", "-q", "origin", "main")
    first, second = ledger(repository, "origin"), ledger(clone(remote, tmp_path / "second"), "origin")
    first.write({"a": b"first"}, "First")
    second.write({"a": b"second"}, "Second")
    assert first.push()
    assert second.push() is False
    assert second.fetch() is True
    assert everything(second) == {"a": b"second"}
    theirs = second.theirs()
    assert dict(second.read(["a"], at=theirs)) == {"a": b"first"}
    second.write({"b": b"both"}, "Both", on=theirs)
    assert second.push()
    assert first.fetch()
    assert everything(first) == {"a": b"first", "b": b"both"}


def test_a_remote_that_is_away_is_an_error_with_gits_own_words(repository, tmp_path):
    found = ledger(repository, str(tmp_path / "nowhere.git"))
    found.write({"a": b"one"}, "First")
    for act in (found.fetch, found.push, found.theirs):
        with pytest.raises(GitError, match=r"nowhere\.git"):
            act()


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=200)
def test_any_address_of_a_site_makes_a_name_that_git_takes(tmp_path_factory, text):
    ref = ref_for(f"https://{text}/")
    Git(tmp_path_factory.getbasetemp()).run("check-ref-format", ref)


def test_the_ref_tells_host_port_and_path_apart():
    names = {
        ref_for(url)
        for url in ("https://a.com/", "https://a.com/blog/", "https://a.com:2368/", "https://b.com")
    }
    assert len(names) == 4
    assert ref_for("https://Example.com/") == ref_for("http://example.com") == "refs/ghostsync/example.com"


def test_a_name_that_no_ghostsync_wrote_is_passed_over_and_says_nothing_to_git(repository):
    repository.commit(posts_a="one")
    found = ledger(repository)
    found.write({"a.json": b"1"}, "First")
    text = repository("hash-object", "-w", "--stdin", input="x")

    def tree(*entries):
        told = "".join(f"{entry}\0" for entry in entries).encode(errors="surrogateescape")
        made = subprocess.run(
            ["git", "mktree", "-z"], cwd=repository.root, input=told, stdout=subprocess.PIPE, check=True
        )
        return made.stdout.decode().strip()

    orders = tree(
        f"100644 blob {text}\tevil\ncommitter a <a@b> now\ndata 1\nx\nM 100644 inline b\ndata 1\ny\nD z"
    )
    heads = tree(f"040000 tree {orders}\theads")
    top = tree(
        f"100644 blob {text}\ta.json",
        f"100644 blob {text}\t\udcff\udcfe.json",
        f"040000 tree {heads}\tx\ncommit refs",
    )
    repository("update-ref", REF, repository("commit-tree", top, "-m", "By hand"))
    assert everything(found) == {"a.json": b"x"}
    found.write({"a.json": None, **dict.fromkeys(found.listing()), "b.json": b"2"}, "Second")
    assert everything(found) == {"b.json": b"2"}
    assert repository("for-each-ref", "--format=%(refname)").split() == [REF, "refs/heads/main"]
