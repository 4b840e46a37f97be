"""Earlier versions of files: in one pass, under their names of before, since a commit, and as far as a clone reaches."""

import pytest
from repositories import clone, new_repository

from ghostsync.errors import GitError
from ghostsync.git.command import Git
from ghostsync.git.history import FileHistory


@pytest.fixture
def repository(tmp_path):
    return new_repository(tmp_path / "blog")


@pytest.fixture
def history():
    opened = []

    def open_history(repository, prefix=""):
        found = FileHistory(Git(repository.root / prefix), prefix)
        found.renew()
        opened.append(found)
        return found

    yield open_history
    for found in opened:
        found.close()


def versions(found, path, since=""):
    return [data.decode() for data in found.versions(path, since=since)]


def test_versions_come_newest_first_and_each_once(history, repository):
    for text in ("one", "two", "one", "three"):
        repository.commit(posts_a=text)
    assert versions(history(repository), "posts/a.md") == ["three", "one", "two"]


def test_only_commits_after_the_named_one_count(history, repository):
    repository.commit(posts_a="one")
    agreed = repository.commit(posts_a="two")
    repository.commit(posts_a="three")
    found = history(repository)
    assert versions(found, "posts/a.md", agreed) == ["three"]
    assert versions(found, "posts/a.md") == ["three", "two", "one"]


def test_a_commit_that_this_clone_does_not_descend_from_gives_nothing(history, repository):
    repository.commit(posts_a="one")
    repository("checkout", "-q", "-b", "other")
    elsewhere = repository.commit(posts_a="elsewhere")
    repository("checkout", "-q", "main")
    repository.commit(posts_a="two")
    found = history(repository)
    assert versions(found, "posts/a.md", elsewhere) == []
    assert versions(found, "posts/a.md", "f" * 40) == []


def test_versions_under_an_older_name_are_the_files_own(history, repository):
    text = "A text that is long enough to be known again.\n" * 5
    repository.commit(posts_old=text)
    repository("mv", "posts/old.md", "posts/new.md")
    repository.commit("Rename")
    repository.commit(posts_new=text + "More.\n")
    assert versions(history(repository), "posts/new.md") == [text + "More.\n", text]


def test_a_name_that_was_given_to_another_file_later_keeps_its_own_versions(history, repository):
    text = "A text that is long enough to be known again.\n" * 5
    repository.commit(posts_a=text)
    repository("mv", "posts/a.md", "posts/b.md")
    repository.commit("Rename")
    repository.commit(posts_a="Another one.\n")
    found = history(repository)
    assert versions(found, "posts/a.md")[0] == "Another one.\n"
    assert text in versions(found, "posts/b.md") or text in versions(found, "posts/a.md")


def test_what_a_merge_made_of_two_versions_is_a_version_too(history, repository):
    repository.commit(posts_a="top\n\nmiddle\n\nend\n")
    repository("checkout", "-q", "-b", "work")
    repository.commit(posts_a="top\n\nmiddle\n\nEND\n")
    repository("checkout", "-q", "main")
    repository.commit(posts_a="TOP\n\nmiddle\n\nend\n")
    repository("merge", "-q", "--no-edit", "work")
    repository.commit(posts_a="later\n")
    found = versions(history(repository), "posts/a.md")
    assert "TOP\n\nmiddle\n\nEND\n" in found
    assert "top\n\nmiddle\n\nEND\n" in found


def test_paths_are_those_of_the_folder_that_lies_deeper_in_the_work_tree(history, repository):
    repository.write("blog/posts/a.md", "one")
    repository.write("posts/a.md", "not ours")
    repository.commit()
    assert versions(history(repository, "blog/"), "posts/a.md") == ["one"]


def test_names_with_blanks_umlauts_and_line_ends_are_found(history, repository):
    for name in ("posts/Über uns.md", "posts/tab\there.md", "posts/line\nend.md"):
        repository.write(name, name)
    repository.commit()
    found = history(repository)
    for name in ("posts/Über uns.md", "posts/tab\there.md", "posts/line\nend.md"):
        assert versions(found, name) == [name]


def test_new_commits_are_seen_after_renew(history, repository):
    repository.commit(posts_a="one")
    found = history(repository)
    assert versions(found, "posts/a.md") == ["one"]
    repository.commit(posts_a="two")
    assert versions(found, "posts/a.md") == ["one"]
    found.renew()
    assert versions(found, "posts/a.md") == ["two", "one"]


def test_a_repository_without_a_commit_has_no_versions(history, repository):
    assert versions(history(repository), "posts/a.md") == []


def test_a_shallow_clone_says_that_it_is_one(history, repository, tmp_path):
    repository.commit(posts_a="one")
    repository.commit(posts_a="two")
    shallow = clone(repository.root, tmp_path / "shallow", "--depth=1")
    found = history(shallow)
    assert found.shallow
    assert versions(found, "posts/a.md") == ["two"]
    assert not history(repository).shallow


def test_a_damaged_repository_is_an_error_and_not_an_empty_past(history, repository):
    repository.commit(posts_a="one " * 500)
    found = history(repository)
    name = repository("rev-parse", "HEAD^{tree}")
    (repository.root / ".git/objects" / name[:2] / name[2:]).unlink()
    with pytest.raises(GitError):
        versions(found, "posts/a.md")
