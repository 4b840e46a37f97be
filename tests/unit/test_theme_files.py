"""A theme is packed the same way each time, and only what belongs to it."""

import io
import os
import zipfile

import pytest
from themes import tiny_theme

from ghostsync.errors import ContentError, FolderError, UsageError
from ghostsync.folder.theme_files import theme_files


def packed(files):
    archive = io.BytesIO()
    size = files.pack(archive)
    assert size == len(archive.getvalue())
    return archive.getvalue()


def test_the_same_files_give_the_same_bytes_whenever_they_were_written(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, two = tiny_theme(tmp_path / "a"), tiny_theme(tmp_path / "b")
    for path in two.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    assert packed(theme_files(one)) == packed(theme_files(two))


def test_everything_lies_in_a_directory_with_the_name_of_the_theme(tmp_path):
    files = theme_files(tiny_theme(tmp_path))
    assert (files.name, files.version) == ("tiny", "1.2.0")
    with zipfile.ZipFile(io.BytesIO(packed(files))) as archive:
        assert archive.namelist() == [
            "tiny/assets/screen.css",
            "tiny/index.hbs",
            "tiny/package.json",
            "tiny/partials/card.hbs",
            "tiny/post.hbs",
        ]
        assert archive.testzip() is None


def test_what_does_not_belong_to_it_is_left_out(tmp_path):
    root = tiny_theme(tmp_path)
    before = theme_files(root).paths
    (root / ".git").mkdir()
    (root / ".git" / "config").write_text("x")
    (root / "node_modules" / "gulp").mkdir(parents=True)
    (root / "node_modules" / "gulp" / "index.js").write_text("x")
    for name in (".env", "tiny.zip", "npm-debug.log", "index.hbs~"):
        (root / name).write_text("x")
    (root / "link.hbs").symlink_to("/etc/passwd")
    (root / "linked").symlink_to(tmp_path)
    assert theme_files(root).paths == before
    (root / "src").mkdir()
    (root / "src" / "a.scss").write_text("x")
    (root / "assets" / "a.map").write_text("x")
    assert theme_files(root, ["/src/", "*.map"]).paths == before


@pytest.mark.parametrize(
    ("package", "line", "told"),
    [
        ('{"name": "tiny",\n "version": }', 2, "is not valid JSON"),
        ('{"name": "Source"}', 1, "cannot be replaced"),
        ('{"version": "1.0.0"}', 1, "None is no name for a theme"),
        ('{"name": "../x"}', 1, "is no name for a theme"),
        ("[]", 1, "is no name for a theme"),
    ],
)
def test_a_wrong_package_json_is_told_before_anything_is_sent(tmp_path, package, line, told):
    root = tiny_theme(tmp_path, package_json=package)
    with pytest.raises(ContentError, match=told) as error:
        theme_files(root)
    assert (error.value.line, error.value.subject) == (line, str(root / "package.json"))


def test_a_directory_that_is_no_theme_is_told(tmp_path):
    with pytest.raises(ContentError, match=r"there is no package\.json"):
        theme_files(tmp_path)
    with pytest.raises(UsageError, match="is not a directory"):
        theme_files(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="not a gitignore pattern"):
        theme_files(tiny_theme(tmp_path), ["!"])


def test_a_file_that_goes_away_meanwhile_ends_it(tmp_path):
    files = theme_files(tiny_theme(tmp_path))
    (files.root / "post.hbs").unlink()
    with pytest.raises(FolderError, match="cannot be read"):
        files.pack(io.BytesIO())
    assert files.read("post.hbs") is None
    assert files.read("nowhere.hbs") is None
