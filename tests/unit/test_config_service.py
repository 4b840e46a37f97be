"""The settings of the service: [webhook], [notify], [sync] watch, and where the key comes from."""

import pytest

from ghostsync.config import listen_address, load_key, parse_config
from ghostsync.errors import ConfigError

FIRST, SECOND, THIRD = (f"{digit * 24}:{digit * 64}" for digit in "123")


def config(text):
    return parse_config(f'[site]\nurl = "https://x.example"\n{text}', source="test", env={})


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8787", ("127.0.0.1", 8787)),
        ("8787", ("127.0.0.1", 8787)),
        ("[::1]:8787", ("::1", 8787)),
        ("localhost:0", ("localhost", 0)),
    ],
)
def test_an_address_to_listen_on_is_on_loopback_unless_it_says_otherwise(text, address):
    assert config(f'[webhook]\nlisten = "{text}"').webhook.listen == text
    assert listen_address(text) == address


def test_a_port_alone_may_be_a_number():
    assert config("[webhook]\nlisten = 8787").webhook.listen == "8787"


@pytest.mark.parametrize("value", ["true", "-1", "65536", "87.87", '["8787"]'])
def test_what_is_no_port_is_refused(value):
    with pytest.raises(ConfigError, match="listen"):
        config(f"[webhook]\nlisten = {value}")


@pytest.mark.parametrize("text", ["", "localhost", "::1:8787", "127.0.0.1:99999", "http://x:1", "a b:1"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ConfigError, match="listen"):
        config(f'[webhook]\nlisten = "{text}"')


@pytest.mark.parametrize("url", ["hooks.example.com", "ftp://x", "https://x/?a=b", "https://x/#y"])
def test_what_ghost_could_not_call_is_refused(url):
    with pytest.raises(ConfigError, match="url"):
        config(f'[webhook]\nurl = "{url}"')


def test_notify_takes_words_and_times():
    section = config(
        '[notify]\ncommand = ["mail", "-s", "blog"]\nurl = "https://ntfy.sh/x"\nafter = "2h"'
    ).notify
    assert (section.command, section.url, section.after) == (
        ("mail", "-s", "blog"),
        "https://ntfy.sh/x",
        7200.0,
    )


def test_a_shells_line_is_no_command():
    with pytest.raises(ConfigError, match="command"):
        config('[notify]\ncommand = "mail -s blog"')


def test_the_ways_of_watching_are_named():
    assert config("").sync.watch == "auto"
    with pytest.raises(ConfigError, match="watch"):
        config('[sync]\nwatch = "sometimes"')


def test_the_environment_goes_before_the_credential_and_the_credential_before_the_file(tmp_path):
    (tmp_path / "ghost_admin_api_key").write_text(SECOND)
    (tmp_path / "key").write_text(THIRD)
    named = config('admin_api_key_file = "key"')
    credentials = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert load_key(named, tmp_path, {"GHOST_ADMIN_API_KEY": FIRST, **credentials}).id == "1" * 24
    assert load_key(named, tmp_path, credentials).id == "2" * 24
    assert load_key(named, tmp_path, {}).id == "3" * 24


def test_a_credential_serves_where_the_file_may_not_be_read(tmp_path):
    (tmp_path / "ghost_admin_api_key").write_text(SECOND)
    (tmp_path / "key").mkdir()  # opening it fails, as it does for another user
    found = load_key(config('admin_api_key_file = "key"'), tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert found.id == "2" * 24
