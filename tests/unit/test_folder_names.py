import datetime as dt

import pytest

from ghostsync.config import FolderSection
from ghostsync.errors import FolderError
from ghostsync.folder.local import LocalFolder
from ghostsync.folder.names import fold, name_for
from ghostsync.model import Kind

DATE = dt.date(2026, 1, 3)


def named(pattern="posts/{slug}.md", *, slug="hello", title="Hello", kind=Kind.POST, date=DATE):
    return name_for(pattern, slug=slug, title=title, kind=kind, date=date)


def test_every_placeholder_is_filled_in():
    pattern = "blog/{kind}/{year}/{month}-{day}/{title} ({slug}).md"
    assert named(pattern, title="A fine day") == "blog/post/2026/01-03/A fine day (hello).md"


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("../../etc/passwd", "-..-etc-passwd"),
        ("/etc/passwd", "-etc-passwd"),
        ("..", "untitled"),
        (".", "untitled"),
        ("", "untitled"),
        (".htaccess", "htaccess"),
        ("a\x00b\x7fc\n", "abc"),
        ("a/b\\c", "a-b-c"),
        ("con", "con_"),
        ("LPT1.x", "LPT1_x"),
        ("console", "console"),
        ("a:b*c?", "a-b-c-"),
        ("trailing. .", "trailing"),
        ("evil\u202egpj", "evilgpj"),
        ("e\u0301", "\u00e9"),
        ("ri-ben-yu", "ri-ben-yu"),
        ("\ud800", "untitled"),
    ],
)
def test_a_slug_cannot_be_more_than_a_name(slug, name):
    assert named(slug=slug) == f"posts/{name}.md"


@pytest.mark.parametrize(
    ("pattern", "title", "path"),
    [
        ("posts/{title}.md", "My notes.conflict", "posts/My notes-conflict.md"),
        ("posts/{title}/index.md", "node_modules", "posts/node_modules_/index.md"),
        ("posts/{title}/index.md", ".git", "posts/git/index.md"),
        ("posts/{title}/index.md", "..", "posts/untitled/index.md"),
    ],
)
def test_a_title_cannot_hide_its_file(pattern, title, path):
    assert named(pattern, title=title) == path


def test_long_names_are_cut_between_characters_with_room_for_a_suffix():
    name = named("posts/{title}.md", title="日本語" * 100).removeprefix("posts/")
    assert len(name.encode()) <= 200
    assert name.endswith(".md")
    assert set(name.removesuffix(".md")) == set("日本語")


def test_fixed_parts_of_a_pattern_are_the_users():
    assert named("My posts: all/v1.0/{slug}.markdown") == "My posts: all/v1.0/hello.markdown"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("posts/A.md", "posts/a.md"),
        ("caf\u00e9", "cafe\u0301"),
        ("\u212bngstr\u00f6m", "\u00c5NGSTRO\u0308M"),
    ],
)
def test_names_that_other_systems_take_for_one_fold_alike(one, other):
    assert fold(one) == fold(other)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "posts").mkdir()
    return LocalFolder(tmp_path, FolderSection())


def test_a_free_name_is_given_as_wanted(folder):
    assert folder.free_path("posts/a.md", []) == "posts/a.md"
    assert folder.free_path("posts/new/dir/a.md", []) == "posts/new/dir/a.md"


@pytest.mark.parametrize(
    ("present", "taken", "wanted", "given"),
    [
        (["posts/a.md"], [], "posts/a.md", "posts/a-2.md"),
        (["posts/A.md"], ["posts/a-2.md"], "posts/a.md", "posts/a-3.md"),
        ([], ["posts/cafe\u0301.md"], "posts/caf\u00e9.md", "posts/caf\u00e9-2.md"),
        (["posts/Sub/x.md"], [], "posts/sub/x.md", "posts/sub/x-2.md"),
        ([], ["pages/a.md"], "posts/a.md", "posts/a.md"),
    ],
)
def test_a_taken_name_gets_a_number(folder, tmp_path, present, taken, wanted, given):
    for path in present:
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("x")
    assert folder.free_path(wanted, taken) == given


def test_names_are_handed_out_once(folder):
    names = folder.free_names(["posts/a.md"])
    assert [names.claim("posts/a.md") for _ in range(3)] == ["posts/a-2.md", "posts/a-3.md", "posts/a-4.md"]
    assert names.claim("posts/A-3.md") == "posts/A-3-2.md"


def test_a_long_name_is_shortened_for_its_number(folder):
    wanted = f"posts/{'é' * 126}.md"
    free = folder.free_path(wanted, [wanted])
    assert free.endswith("-2.md")
    assert len(free.removeprefix("posts/").encode()) <= 255


def test_a_name_that_no_scan_would_see_is_refused(tmp_path):
    folder = LocalFolder(tmp_path, FolderSection(ignore=("private*",)))
    with pytest.raises(FolderError, match="never be looked at"):
        folder.free_path("posts/private-thoughts.md", [])


@pytest.mark.parametrize(
    ("date", "year"),
    [("2024-05-06T23:59:00.000Z", "2024"), ("2024-05-06", "2024"), ("", "1970"), ("soon", "1970")],
)
def test_the_folder_uses_its_own_patterns_and_a_missing_date_is_today(tmp_path, date, year):
    folder = LocalFolder(tmp_path, FolderSection(posts="posts/{year}/{slug}.md"), clock=lambda: 0.0)
    assert folder.name_for(Kind.POST, slug="s", title="t", date=date) == f"posts/{year}/s.md"
    assert folder.name_for(Kind.PAGE, slug="s", title="t", date=date) == "pages/s.md"
