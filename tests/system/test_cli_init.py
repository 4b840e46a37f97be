"""init from the command line, on the sandbox."""

import stat

import pytest
import typer
from cli_runner import sandbox_blog

from ghostsync.cli import initialise, output
from ghostsync.model import Kind

POST = "---\ntitle: From Ghost\n---\nThe file says something else.\n"


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys, configured=False) as blog:
        yield blog


@pytest.fixture
def key_file(blog, tmp_path):
    file = tmp_path / "key"
    file.write_text(f"{blog.ghost.admin_api_key}\n")
    file.chmod(0o600)
    return file


@pytest.fixture
def answers(monkeypatch):
    """Somebody sits at the terminal and gives these answers, in this order; records what was asked unseen."""
    given, hidden = [], []

    def prompt(text, *, hide_input=False, **_options):
        hidden.append(hide_input)
        return given.pop(0)

    monkeypatch.setattr(typer, "prompt", prompt)
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: given.pop(0))
    monkeypatch.setattr(initialise, "answerable", lambda: True)
    monkeypatch.setattr(output, "answerable", lambda: True)
    return given, hidden


def test_options_alone_set_the_folder_up_and_sync_nothing(blog, key_file):
    blog.ghost.create(Kind.POST, title="From Ghost", html="<p>Hello.</p>", source_html=True)
    ran = blog("init", "--url", blog.url, "--key-file", key_file)
    assert ran.code == 0, ran
    assert blog.url in blog.read("ghostsync.toml")
    assert blog.ghost.admin_api_key not in blog.read("ghostsync.toml")
    assert (blog.root / "posts").is_dir()
    assert (blog.root / "pages").is_dir()
    assert "create file" in ran.out
    assert "ghostsync sync" in ran.err
    assert list((blog.root / "posts").iterdir()) == []
    assert blog("sync").code == 0
    assert (blog.root / "posts/from-ghost.md").exists()


def test_questions_are_answered_and_the_key_is_typed_unseen_and_kept_private(blog, answers):
    given, hidden = answers
    given += [blog.url, blog.ghost.admin_api_key]
    ran = blog("init")
    assert ran.code == 0, ran
    assert hidden == [False, True]
    stored = blog.root / ".ghostsync/admin_api_key"
    assert stored.read_text().strip() == blog.ghost.admin_api_key
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    assert blog.ghost.admin_api_key.split(":")[1] not in ran.out + ran.err
    assert blog("sync").code == 0


def test_a_mistyped_key_is_asked_for_again(blog, answers):
    given, _ = answers
    given += [blog.url, "not a key", blog.ghost.admin_api_key]
    ran = blog("init")
    assert ran.code == 0
    assert "no colon" in ran.err


def test_the_key_from_the_environment_is_stored_nowhere(blog, monkeypatch):
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", blog.ghost.admin_api_key)
    assert blog("init", "--url", blog.url).code == 0
    assert "admin_api_key_file" not in blog.read("ghostsync.toml")
    secret = blog.ghost.admin_api_key.split(":")[1].encode()
    for file in blog.root.rglob("*"):
        assert not file.is_file() or secret not in file.read_bytes(), file


def test_an_address_as_it_is_copied_from_the_browser_is_put_right_and_said(blog, key_file):
    ran = blog("init", "--url", f"{blog.url}/ghost/#/settings", "--key-file", key_file)
    assert ran.code == 0, ran
    assert f'url = "{blog.url}"' in blog.read("ghostsync.toml")
    assert "left out" in ran.err


def test_a_key_that_ghost_refuses_leaves_nothing_behind(blog, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text(f"{'0' * 24}:{'0' * 64}")
    ran = blog("init", "--url", blog.url, "--key-file", wrong)
    assert ran.code == 3
    assert "FAIL" in ran.out
    assert "Nothing was written." in ran.err
    assert list(blog.root.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("init",), "--url"),
        (("init", "--url", "URL"), "--key-file"),
        (("init", "--url", "URL", "--adopt", "ask"), "terminal"),
        (("init", "--url", "ftp://example.com", "--key-file", "KEY"), "not a web address"),
    ],
)
def test_without_a_terminal_what_is_missing_is_named(blog, key_file, arguments, told):
    words = {"URL": blog.url, "KEY": key_file}
    ran = blog(*[words.get(word, word) for word in arguments])
    assert ran.code == 2
    assert told in ran.err
    assert not (blog.root / "ghostsync.toml").exists()


def test_a_configuration_that_is_there_is_kept_and_named(blog, monkeypatch):
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", blog.ghost.admin_api_key)
    blog.configure("# mine\n")
    before = blog.read("ghostsync.toml")
    ran = blog("init")
    assert ran.code == 0, ran
    assert blog.url in ran.err
    assert blog.read("ghostsync.toml") == before


def test_a_clone_with_a_configuration_is_asked_for_the_key_that_it_lacks(blog, answers):
    blog.configure('admin_api_key_file = ".ghostsync/admin_api_key"\n')
    given, hidden = answers
    given += [blog.ghost.admin_api_key]
    ran = blog("init")
    assert ran.code == 0, ran
    assert hidden == [True]
    stored = blog.root / ".ghostsync/admin_api_key"
    assert stored.read_text().strip() == blog.ghost.admin_api_key
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    assert (blog.root / ".ghostsync/.gitignore").read_text() == "*\n"
    assert blog("init").code == 0
    assert blog("sync").code == 0


def test_a_clone_takes_the_key_of_key_file_to_where_its_configuration_looks_for_it(blog, key_file):
    blog.configure('admin_api_key_file = ".ghostsync/admin_api_key"\n')
    ran = blog("init", "--key-file", key_file)
    assert ran.code == 0, ran
    assert "Wrote the key to .ghostsync/admin_api_key" in ran.err
    assert blog("sync").code == 0
    assert blog("init", "--key-file", key_file).code == 0


def test_a_key_that_ghost_refuses_is_not_kept_in_a_clone(blog, tmp_path):
    blog.configure('admin_api_key_file = ".ghostsync/admin_api_key"\n')
    wrong = tmp_path / "wrong"
    wrong.write_text(f"{'0' * 24}:{'0' * 64}")
    assert blog("init", "--key-file", wrong).code == 3
    assert not (blog.root / ".ghostsync").exists()


def test_a_key_file_that_the_configuration_contradicts_is_refused(blog, key_file, tmp_path):
    other = tmp_path / "other"
    other.write_text(f"{'0' * 24}:{'0' * 64}")
    blog.configure(f'admin_api_key_file = "{key_file}"\n')
    ran = blog("init", "--key-file", other)
    assert ran.code == 2
    assert "another key" in ran.err
    assert "0" * 64 not in ran.out + ran.err


def test_a_folder_of_another_site_is_not_taken_over(blog, monkeypatch):
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", blog.ghost.admin_api_key)
    blog.configure()
    before = blog.read("ghostsync.toml")
    ran = blog("init", "--url", "https://other.example")
    assert ran.code == 2
    assert blog.read("ghostsync.toml") == before


@pytest.mark.parametrize(("choice", "wins"), [("local", "something else"), ("remote", "Hello.")])
def test_adopt_settles_a_first_run_on_two_full_sides(blog, key_file, choice, wins):
    post = blog.ghost.create(Kind.POST, title="From Ghost", html="<p>Hello.</p>", source_html=True)
    blog.write("posts/from-ghost.md", POST)
    ran = blog("init", "--url", blog.url, "--key-file", key_file, "--adopt", choice)
    assert ran.code == 0, ran
    assert wins in blog.read("posts/from-ghost.md")
    assert wins in post.own["lexical"]
    assert blog("status").code == 0


def test_without_adopt_nothing_that_differs_is_written(blog, key_file):
    post = blog.ghost.create(Kind.POST, title="From Ghost", html="<p>Hello.</p>", source_html=True)
    blog.write("posts/from-ghost.md", POST)
    blog("init", "--url", blog.url, "--key-file", key_file)
    blog("sync")
    assert blog.read("posts/from-ghost.md") == POST
    assert "Hello." in post.own["lexical"]


def test_adopt_asks_a_person_before_it_writes(blog, key_file, answers):
    given, _ = answers
    given += [False]
    blog.ghost.create(Kind.POST, title="From Ghost", html="<p>Hello.</p>", source_html=True)
    blog.write("posts/from-ghost.md", POST)
    ran = blog("init", "--url", blog.url, "--key-file", key_file, "--adopt", "remote")
    assert ran.code == 0
    assert blog.read("posts/from-ghost.md") == POST


def test_adopt_ask_asks_for_each_document(blog, key_file, answers):
    given, _ = answers
    given += [True, "f", "g"]
    for name in ("One", "Two"):
        blog.ghost.create(Kind.POST, title=name, html=f"<p>Ghost {name}.</p>", source_html=True)
        blog.write(f"posts/{name.lower()}.md", f"---\ntitle: {name}\n---\nFile {name}.\n")
    ran = blog("init", "--url", blog.url, "--key-file", key_file, "--adopt", "ask")
    assert ran.code == 0, ran
    texts = [blog.read("posts/one.md") + blog.read("posts/two.md")]
    assert sum("File" in text for text in texts) == 1
    assert blog("status").code == 0
    assert given == []
