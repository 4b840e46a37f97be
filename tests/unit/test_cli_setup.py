"""What `ghostsync init` writes."""

import stat

import pytest

from ghostsync.cli.setup import KEY_FILE, as_written, make_folder, store_key, toml_text, write_config
from ghostsync.config import parse_config
from ghostsync.errors import FolderUnusable

KEY = "0123456789abcdef01234567:" + "0123456789abcdef" * 4


@pytest.mark.parametrize("key_file", [None, KEY_FILE, '/etc/it"s here/key\\file'])
def test_the_configuration_reads_back_as_it_was_meant(key_file):
    config = parse_config(toml_text("https://example.com/blog", key_file), source="test", env={})
    assert config.site.url == "https://example.com/blog"
    assert config.site.admin_api_key_file == key_file


def test_a_configuration_that_exists_is_never_overwritten(tmp_path):
    (tmp_path / "ghostsync.toml").write_text("mine")
    with pytest.raises(FolderUnusable, match="exists"):
        write_config(tmp_path, "https://example.com", None)
    assert (tmp_path / "ghostsync.toml").read_text() == "mine"


def test_a_typed_key_is_kept_for_this_user_only_and_out_of_git(tmp_path):
    written = store_key(tmp_path, KEY)
    file = tmp_path / written
    assert file.read_text().strip() == KEY
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (tmp_path / ".ghostsync/.gitignore").read_text() == "*\n"


def test_a_stored_key_is_never_overwritten(tmp_path):
    store_key(tmp_path, KEY)
    with pytest.raises(FolderUnusable):
        store_key(tmp_path, KEY.replace("0", "1"))
    assert (tmp_path / KEY_FILE).read_text().strip() == KEY


def test_a_key_file_in_the_folder_is_written_relative_so_that_both_move_together(tmp_path):
    assert as_written(tmp_path, tmp_path / "secrets/key") == "secrets/key"
    assert as_written(tmp_path / "site", tmp_path / "key") == str(tmp_path / "key")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(FolderUnusable) as raised:
        make_folder(tmp_path / "file" / "site")
    assert str(tmp_path / "file" / "site") in str(raised.value)
