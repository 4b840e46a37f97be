"""systemd units: what they say, what systemd-analyze thinks of them, and the commands that install them."""

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from cli_runner import ghostsync
from git_helpers import git, use_settings

from ghostsync.cli.units import REPOSITORY, Place, one_shot, service, timer
from ghostsync.errors import UsageError

SYSTEMD = Path(__file__).parents[2] / "systemd"
KEY = "0123456789abcdef01234567:" + "0123456789abcdef" * 4
ROOT = os.geteuid() == 0


@pytest.fixture
def runtime():
    """A user's runtime directory with a short name: sockets of other units lie in it, and those have 108 bytes for theirs."""
    with tempfile.TemporaryDirectory(prefix="gs-", dir="/tmp") as place:
        yield place


@pytest.fixture(scope="session")
def analyze():
    """`systemd-analyze`, on one unit; it needs no running systemd."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        # With CI=true as well: the tool is part of the operating system, and not every one has it.
        pytest.skip(
            "needs systemd-analyze, which this machine does not have (Debian: apt-get install systemd)"
        )

    def run(*arguments, **more):
        return subprocess.run(
            [tool, *map(str, arguments)], capture_output=True, text=True, check=False, **more
        )

    return run


def system_units():
    return [name for name in REPOSITORY if "/" not in name]


@pytest.mark.parametrize("name", REPOSITORY)
def test_the_files_in_systemd_are_what_the_functions_give(name):
    assert (SYSTEMD / name).read_text(encoding="utf-8") == REPOSITORY[name]


def test_there_are_no_other_files_in_systemd():
    assert {str(path.relative_to(SYSTEMD)) for path in SYSTEMD.rglob("*") if path.is_file()} == set(
        REPOSITORY
    )


def runnable(text):
    """The unit with a command that this machine has, since `verify` looks for it."""
    return re.sub(r"(?m)^(ExecStart|ExecReload)=\S+", rf"\1={sys.executable}", text)


@pytest.mark.parametrize("name", system_units())
def test_systemd_finds_nothing_wrong_with_a_unit(analyze, tmp_path, name):
    for other, text in REPOSITORY.items():
        if "/" not in other:
            (tmp_path / other).write_text(runnable(text))
    ran = analyze("verify", tmp_path / name)
    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "")


def test_systemd_finds_nothing_wrong_with_the_units_for_a_users_own_manager(analyze, tmp_path, runtime):
    (tmp_path / "ghostsync.service").write_text(runnable(REPOSITORY["user/ghostsync.service"]))
    ran = analyze(
        "--user",
        "verify",
        tmp_path / "ghostsync.service",
        env={**os.environ, "XDG_RUNTIME_DIR": runtime},
    )
    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "")


@pytest.mark.parametrize("name", [name for name in system_units() if name.endswith(".service")])
def test_a_system_unit_is_rated_two_or_better(analyze, tmp_path, name):
    (tmp_path / name).write_text(runnable(REPOSITORY[name]))
    ran = analyze("security", "--offline=true", "--threshold=20", "--no-pager", tmp_path / name)
    assert ran.returncode == 0, ran.stdout + ran.stderr


HOSTILE = '/home/ann/my 100% "good" blog\'s $HOME'


def test_a_unit_for_a_strange_path_is_sound_and_rated_the_same(analyze, tmp_path):
    place = Place(HOSTILE, (sys.executable, "-m", "ghostsync"), "ann", f"{HOSTILE}/key", (sys.prefix,))
    unit = tmp_path / "ghostsync-strange.service"
    unit.write_text(service(place))
    ran = analyze("verify", unit)
    assert (ran.returncode, ran.stderr, ran.stdout) == (0, "", "")
    assert analyze("security", "--offline=true", "--threshold=20", unit).returncode == 0


def test_percent_and_dollar_mean_themselves():
    text = service(Place("/srv/100% $HOME", ("/usr/bin/ghostsync",), "ann"))
    assert 'ExecStart=/usr/bin/ghostsync -C "/srv/100%% $$HOME" run' in text
    assert 'ReadWritePaths="/srv/100%% $HOME"' in text


def test_a_folder_in_a_home_is_the_only_part_of_it_that_the_service_sees():
    text = service(Place("/home/ann/blog", ("/usr/bin/ghostsync",), "ann", needs=("/home/ann/venv", "/usr")))
    assert "ProtectHome=tmpfs\n" in text
    assert "BindPaths=/home/ann/blog\n" in text
    assert "BindReadOnlyPaths=/home/ann/venv\n" in text
    assert "BindReadOnlyPaths=/usr\n" not in text


def test_a_line_break_in_a_path_cannot_add_a_setting():
    with pytest.raises(UsageError):
        service(Place("/srv/x\nUser=root", ("/usr/bin/ghostsync",), "ann"))


def test_the_timer_starts_the_unit_of_its_name_which_syncs_once():
    place = Place("/srv/blog", ("/usr/bin/ghostsync",), "ann")
    assert "Type=oneshot" in one_shot(place)
    assert "ExecStart=/usr/bin/ghostsync -C /srv/blog sync --quiet\n" in one_shot(place)
    assert "OnUnitActiveSec=" in timer(place)


@pytest.fixture
def blog(tmp_path, monkeypatch, capsys):
    """A configured folder, and the command in it; units go below tmp_path."""
    for name in ("GHOST_URL", "GHOST_ADMIN_API_KEY", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("ghostsync.cli.installing.SYSTEM_UNITS", tmp_path / "system")
    root = tmp_path / "My Blog"
    (root / ".ghostsync").mkdir(parents=True)
    (root / ".ghostsync/key").write_text(KEY)
    (root / "ghostsync.toml").write_text(
        '[site]\nurl = "https://blog.example.com"\nadmin_api_key_file = ".ghostsync/key"\n'
    )

    def run(*arguments):
        return ghostsync(monkeypatch, capsys, "-C", root, "service", *arguments)

    run.root = root
    run.user_unit = tmp_path / "config/systemd/user/ghostsync-my-blog.service"
    run.system_unit = tmp_path / "system/ghostsync-my-blog.service"
    return run


def test_install_writes_a_unit_for_the_user_and_says_how_to_start_it(blog):
    ran = blog("install", "--user")
    assert ran.code == 0
    text = blog.user_unit.read_text()
    assert f'ExecStart={sys.executable} -m ghostsync -C "{blog.root}" run\n' in text
    assert "User=" not in text
    assert "systemctl --user enable --now ghostsync-my-blog.service" in ran.out
    assert "stop" not in ran.out + blog("install", "--user").out
    assert "loginctl enable-linger" in ran.out
    assert KEY not in text


def test_install_for_the_system_runs_as_the_folders_owner_with_the_key_as_a_credential(blog):
    ran = blog("install", "--system")
    assert ran.code == 0
    text = blog.system_unit.read_text()
    assert f"User={pwd.getpwuid(blog.root.stat().st_uid).pw_name}\n" in text
    assert f"LoadCredential=ghost_admin_api_key:{blog.root}/.ghostsync/key\n" in text
    assert "systemctl enable --now ghostsync-my-blog.service" in ran.out
    assert "linger" not in ran.out


@pytest.mark.parametrize("where", ["--user", "--system"])
def test_an_installed_unit_is_sound(analyze, blog, tmp_path, runtime, where):
    blog("install", where)
    unit = blog.user_unit if where == "--user" else blog.system_unit
    ran = analyze(
        *(["--user"] if where == "--user" else []),
        "verify",
        unit,
        env={**os.environ, "XDG_RUNTIME_DIR": runtime, "XDG_CONFIG_HOME": str(tmp_path / "config")},
    )
    told = [
        line for line in ran.stderr.splitlines() if "Special user" not in line and "owned by root" not in line
    ]
    assert (ran.returncode, told, ran.stdout) == (0, [], "")


def test_without_a_choice_root_gets_a_system_unit_and_others_their_own(blog):
    blog("install")
    assert (blog.system_unit if ROOT else blog.user_unit).exists()


def test_show_prints_what_install_would_write_and_a_dry_run_writes_nothing(blog):
    shown = blog("show", "--user").out
    tried = blog("install", "--user", "--dry-run", "--json").json
    assert not blog.user_unit.exists()
    assert tried["files"] == [str(blog.user_unit)]
    blog("install", "--user")
    assert blog.user_unit.read_text() in shown


def test_the_timer_takes_the_daemons_place_and_the_daemon_the_timers(blog):
    blog("install", "--user")
    ran = blog("install", "--user", "--timer")
    assert "stop ghostsync-my-blog.service" in ran.out
    assert "Type=oneshot" in blog.user_unit.read_text()
    assert blog.user_unit.with_suffix(".timer").exists()
    assert "enable --now ghostsync-my-blog.timer" in ran.out
    timer = blog.user_unit.with_suffix(".timer")
    ran = blog("install", "--user")
    assert "Type=notify" in blog.user_unit.read_text()
    assert not timer.exists()
    assert f"Removed {timer}" in ran.out
    assert ran.out.index(f"stop {timer.name}") < ran.out.index("enable --now ghostsync-my-blog.service")


def enabled(unit, target):
    """As `systemctl enable` does it."""
    link = unit.parent / f"{target}.wants" / unit.name
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(unit)
    return link


def test_the_other_forms_links_go_too_and_all_of_it_is_told(blog):
    blog("install", "--user")
    link = enabled(blog.user_unit, "default.target")
    assert blog("install", "--user", "--json").json["removed"] == []
    tried = blog("install", "--user", "--timer", "--dry-run", "--json").json
    assert (tried["removed"], link.is_symlink()) == ([str(link)], True)
    ran = blog("install", "--user", "--timer", "--json").json
    assert (ran["removed"], link.is_symlink()) == ([str(link)], False)
    assert ran["enable"][0] == "systemctl --user stop ghostsync-my-blog.service"
    link = enabled(blog.user_unit.with_suffix(".timer"), "timers.target")
    ran = blog("install", "--user", "--json").json
    assert ran["removed"] == [str(link), str(blog.user_unit.with_suffix(".timer"))]
    assert not link.is_symlink()


def test_another_folder_of_the_same_name_gets_another_unit(blog):
    blog("install", "--user")
    blog.user_unit.write_text(blog.user_unit.read_text().replace(str(blog.root), "/srv/My Blog"))
    blog("install", "--user")
    units = sorted(path.name for path in blog.user_unit.parent.iterdir())
    assert len(units) == 2
    assert re.fullmatch(r"ghostsync-my-blog-[0-9a-f]{6}\.service", units[0])


def test_uninstall_removes_this_folders_units_and_no_others(blog):
    blog("install", "--user", "--timer")
    other = blog.user_unit.with_name("ghostsync-other.service")
    other.write_text("[Unit]\n")
    links = [enabled(blog.user_unit.with_suffix(".timer"), "timers.target"), enabled(other, "default.target")]
    ran = blog("uninstall", "--user", "--json")
    assert ran.code == 0
    assert [path.name for path in blog.user_unit.parent.glob("*.*er*") if path.is_file()] == [other.name]
    assert [link.is_symlink() for link in links] == [False, True]
    assert set(ran.json["removed"]) == {
        str(path) for path in (blog.user_unit, blog.user_unit.with_suffix(".timer"), links[0])
    }
    assert ran.json["stop"] == [
        "systemctl --user stop ghostsync-my-blog.service ghostsync-my-blog.timer",
        "systemctl --user daemon-reload",
    ]
    assert blog("uninstall", "--user").code == 2


def test_a_service_may_write_to_the_repository_that_its_folder_lies_in(blog, tmp_path, monkeypatch):
    use_settings(monkeypatch)
    git(tmp_path, "init", "-q")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # root installs what another user will run
    assert blog("install", "--system").code == 0
    assert f"ReadWritePaths={tmp_path}\n" in blog.system_unit.read_text()
    git(blog.root, "init", "-q")
    assert blog("install", "--system").code == 0
    assert f"ReadWritePaths={tmp_path}\n" not in blog.system_unit.read_text()


def test_a_service_may_write_to_the_repository_of_a_work_tree_of_its_own(blog, tmp_path, monkeypatch):
    use_settings(monkeypatch)
    main = tmp_path / "main"
    main.mkdir()
    git(main, "init", "-q")
    git(main, "commit", "-q", "--allow-empty", "-m", "First")
    git(main, "worktree", "add", "-q", "-b", "live", str(tmp_path / "live"))
    (tmp_path / "live/.git").rename(blog.root / ".git")
    git(blog.root, "worktree", "repair")
    assert blog("install", "--system").code == 0
    assert f"ReadWritePaths={main}/.git\n" in blog.system_unit.read_text()


def test_a_key_that_only_this_shell_knows_is_refused_with_what_to_do(blog, monkeypatch):
    (blog.root / "ghostsync.toml").write_text('[site]\nurl = "https://blog.example.com"\n')
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", KEY)
    ran = blog("install", "--user")
    assert ran.code == 2
    assert "admin_api_key_file" in ran.err
    assert not blog.user_unit.exists()


def test_a_configuration_that_no_daemon_could_use_is_refused(blog):
    (blog.root / "ghostsync.toml").write_text("[site]\n")
    assert blog("install", "--user").code == 2
