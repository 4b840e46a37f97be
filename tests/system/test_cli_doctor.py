"""doctor from the command line, on the sandbox."""

import pytest
from cli_runner import sandbox_blog

from ghostsync.state import FolderLock


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    with sandbox_blog(tmp_path, monkeypatch, capsys) as blog:
        yield blog


def checks(ran):
    return {check["name"]: check for check in ran.json["checks"]}


def test_all_is_well(blog):
    ran = blog("doctor")
    assert ran.code == 0, ran
    assert "FAIL" not in ran.out
    assert ran.out.endswith("All is well.\n")


def test_the_tokens_header_and_claims_are_shown_but_neither_secret_nor_signature(blog):
    ran = blog("doctor")
    assert "token header:" in ran.out
    assert '"aud"' in ran.out
    secret = blog.ghost.admin_api_key.split(":")[1]
    assert secret not in ran.out + ran.err
    data = checks(blog("doctor", "--json"))["token"]["data"]
    assert sorted(data) == ["claims", "header"]


def test_nothing_is_written_to_ghost(blog):
    blog("doctor")
    assert [seen for seen in blog.ghost.requests if seen.method != "GET" and seen.status < 400] == []


def test_without_a_configuration_the_rest_is_not_guessed(blog):
    (blog.root / "ghostsync.toml").unlink()
    ran = blog("doctor", "--json")
    assert ran.code == 2
    [check] = ran.json["checks"]
    assert check["name"] == "configuration"
    assert "ghostsync init" in check["remedy"]


@pytest.mark.parametrize(
    ("key", "code", "check", "told"),
    [
        ("0123456789abcdef0123456789", 2, "key", "Content API key"),
        ("ID", 2, "key", "no colon"),
        ("ID:zz", 2, "key", "not hexadecimal"),
        (f"{'0' * 24}:{'0' * 64}", 3, "token", "knows no key"),
        (f"ID:{'0' * 64}", 3, "token", "secret"),
    ],
)
def test_each_wrong_key_is_told_apart(blog, monkeypatch, key, code, check, told):
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", key.replace("ID", blog.ghost.key_id))
    ran = blog("doctor", "--json")
    assert ran.code == code == ran.json["exit_code"]
    assert checks(ran)[check]["ok"] is False
    assert told in checks(ran)[check]["detail"]
    assert checks(ran)[check]["remedy"]


def test_a_missing_key_says_where_it_may_be_put(blog, monkeypatch):
    monkeypatch.delenv("GHOST_ADMIN_API_KEY")
    ran = blog("doctor", "--json")
    assert ran.code == 2
    assert "GHOST_ADMIN_API_KEY" in checks(ran)["key"]["remedy"]
    assert checks(ran)["ghost"]["ok"] is True  # the address is checked all the same


def test_an_address_where_nobody_answers_is_unreachable(blog):
    blog.write("ghostsync.toml", '[site]\nurl = "http://127.0.0.1:9"\n')
    ran = blog("doctor", "--json")
    assert ran.code == 4
    assert checks(ran)["connection"]["ok"] is False
    assert checks(ran)["token"]["ok"] is None


def test_a_daemon_at_work_is_told_and_is_no_failure(blog):
    with FolderLock(blog.root):
        ran = blog("doctor", "--json")
    assert ran.code == 0
    assert "works in this folder" in checks(ran)["daemon"]["detail"]


def test_a_damaged_state_database_is_a_failed_check(blog):
    blog("sync")
    (blog.root / ".ghostsync/state.db").write_bytes(b"not a database at all" * 100)
    for more in (".ghostsync/state.db-wal", ".ghostsync/state.db-shm"):
        (blog.root / more).unlink(missing_ok=True)
    ran = blog("doctor", "--json")
    assert ran.code == 2
    assert checks(ran)["state"]["ok"] is False
    assert checks(ran)["token"]["ok"] is True


def test_a_key_file_that_others_can_read_is_advised_against(blog, monkeypatch, tmp_path):
    monkeypatch.delenv("GHOST_ADMIN_API_KEY")
    file = tmp_path / "key"
    file.write_text(blog.ghost.admin_api_key)
    file.chmod(0o644)
    blog.write("ghostsync.toml", f'[site]\nurl = "{blog.url}"\nadmin_api_key_file = "{file}"\n')
    ran = blog("doctor", "--json")
    assert ran.code == 0
    assert checks(ran)["key file"]["remedy"].startswith("chmod 600")


def test_quiet_shows_only_what_failed(blog, monkeypatch):
    assert blog("doctor", "-q").out == ""
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", f"{'0' * 24}:{'0' * 64}")
    out = blog("doctor", "-q").out
    assert out.count("FAIL") == 1
    assert "ok " not in out
