"""How the command begins and ends."""

import json
import re
import subprocess
import sys
from collections import Counter

import pytest
from cli_runner import ghostsync
from typer.main import get_command

from ghostsync import __version__
from ghostsync import errors as every_error
from ghostsync.cli import doctor, main, report
from ghostsync.cli.families import FAMILIES, family
from ghostsync.cli.output import Output
from ghostsync.config import Config
from ghostsync.errors import FolderError, GhostsyncError, Halted
from ghostsync.sync.model import CycleReport, Direction

KEY = "0123456789abcdef01234567:" + "0123456789abcdef" * 4


@pytest.fixture
def cli(monkeypatch, capsys):
    for name in ("GHOST_URL", "GHOST_ADMIN_API_KEY", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    return lambda *arguments: ghostsync(monkeypatch, capsys, *arguments)


@pytest.fixture
def failing(cli, monkeypatch):
    """Run the command with everything inside it replaced by one exception."""

    def run_with(error):
        def app():
            raise error

        monkeypatch.setattr(main, "app", app)
        return cli()

    return run_with


@pytest.mark.parametrize("command", ["sync", "init", "check", "run"])
def test_a_current_directory_that_was_deleted_is_told_as_such(cli, tmp_path, monkeypatch, command):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    ran = cli(command)
    assert ran.code == 2
    assert "the current directory has been deleted" in ran.err


def test_the_version_is_told(cli):
    ran = cli("--version")
    assert (ran.code, ran.out) == (0, f"ghostsync {__version__}\n")


def test_the_version_costs_nothing_that_only_other_commands_need():
    code = (
        "import sys; from ghostsync.cli.main import run; sys.argv = ['ghostsync', '--version']\n"
        "try: run()\nexcept SystemExit: pass\n"
        "print(*sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.splitlines()[-1].split())
    heavy = {
        "httpx",
        "pydantic",
        "rich",
        "asyncio",
        "structlog",
        "yaml",
        "ruamel",
        "jwt",
        "markdown",
        "sqlite3",
    }
    assert sorted(loaded & (heavy | {"json", "hashlib"})) == []
    assert "ghostsync.cli.main" in loaded
    assert not loaded & {f"ghostsync.cli.{module}" for module in FAMILIES}


def test_a_sync_loads_nothing_that_only_some_folders_need():
    code = "import ghostsync.cli.cycles, ghostsync.cli.opening, sys; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert "httpx" in loaded
    rarely = {
        "imagesize",
        "markdown",
        "pathspec",
        "prometheus_client",
        "pygments",
        "rich",
        "ruamel.yaml",
        "starlette",
        "structlog",
        "text_unidecode",
        "tinytag",
        "tomlkit",
        "uvicorn",
        "watchfiles",
        "xml.etree.ElementTree",
    }
    assert sorted(loaded & rarely) == []


def test_the_module_is_the_command():
    ran = subprocess.run(
        [sys.executable, "-m", "ghostsync", "--version"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == f"ghostsync {__version__}\n"


@pytest.mark.parametrize("module", FAMILIES)
def test_each_family_has_the_commands_by_which_it_is_found(module):
    assert tuple(get_command(family(module)).commands) == FAMILIES[module]


def commands():
    """The words of each command, and the command: ("webhook", "install"), ..."""
    found = []

    def walk(words, command):
        found.append((words, command))
        for name in command.list_commands(None) if hasattr(command, "list_commands") else ():
            walk((*words, name), command.get_command(None, name))

    walk((), get_command(main.app))
    return found


EVERY = commands()


@pytest.mark.parametrize("words", [words for words, _ in EVERY], ids=" ".join)
def test_every_command_has_help(cli, words):
    ran = cli(*words, "--help")
    assert ran.code == 0
    assert re.search(rf"Usage: .*{' '.join(('ghostsync', *words))} ", ran.out)


LEAVES = [(words, command) for words, command in EVERY if not hasattr(command, "list_commands")]


@pytest.mark.parametrize("words", [words for words, _ in LEAVES], ids=" ".join)
def test_the_options_for_all_commands_may_stand_after_each(words):
    options = {option for parameter in dict(LEAVES)[words].params for option in parameter.opts}
    # The demo's folder is none to work in, but one to make.
    assert {"-v", "-q", "-C", "--ci"} - options == ({"-C"} if words == ("demo",) else set())


@pytest.mark.parametrize(
    ("arguments", "verbose", "quiet"),
    [
        (("webhook", "list"), False, False),
        (("-v", "webhook", "list"), True, False),
        (("webhook", "list", "-v"), True, False),
        (("-q", "webhook", "list"), False, True),
        (("webhook", "list", "--quiet"), False, True),
        (("-q", "webhook", "list", "-v"), True, True),
    ],
)
def test_how_loud_it_shall_be_is_said_before_or_after_the_command(
    cli, monkeypatch, tmp_path, arguments, verbose, quiet
):
    heard = []
    monkeypatch.setattr(Output, "document", lambda output, _: heard.append((output.verbose, output.quiet)))
    monkeypatch.chdir(tmp_path)
    assert cli(*arguments).code == 0
    assert heard == [(verbose, quiet)]


def bracketed(command):
    """The sections of the configuration that a command's help names, one element for each time."""
    texts = [command.help or "", *(getattr(parameter, "help", None) or "" for parameter in command.params)]
    return [f"[{name}]" for name in re.findall(r"\[(\w+)\]", " ".join(texts)) if name in Config.model_fields]


NAMING = [
    pytest.param(words, bracketed(command), id=" ".join(words))
    for words, command in EVERY
    if bracketed(command)
]


@pytest.mark.parametrize(("words", "sections"), NAMING)
def test_help_shows_the_sections_of_the_configuration_that_it_names(cli, words, sections):
    ran = cli(*words, "--help")
    assert Counter(re.findall(r"\[\w+\]", ran.out)) >= Counter(sections)


def test_help_that_names_sections_is_among_the_tested():
    assert {("run",), ("webhook", "install")} <= {case.values[0] for case in NAMING}


@pytest.mark.parametrize(
    "arguments", [("frobnicate",), ("sync", "--frobnicate"), ("new",), ("sync", "--adopt", "me")]
)
def test_a_command_line_that_makes_no_sense_is_a_usage_error(cli, arguments):
    assert cli(*arguments).code == 2


@pytest.mark.parametrize("arguments", [("-C", "FOLDER", "status"), ("status", "-C", "FOLDER")])
def test_the_folder_may_stand_before_or_after_the_command(cli, tmp_path, arguments):
    ran = cli(*[str(tmp_path) if word == "FOLDER" else word for word in arguments])
    assert ran.code == 2
    assert "there is no ghostsync.toml here" in ran.err
    assert str(tmp_path) in ran.err
    assert "-> Run `ghostsync init`" in ran.err


def test_a_folder_that_is_not_there_is_named(cli, tmp_path):
    ran = cli("-C", tmp_path / "nowhere", "sync")
    assert ran.code == 2
    assert str(tmp_path / "nowhere") in ran.err


def test_a_setting_that_does_not_exist_is_refused_by_name(cli, tmp_path):
    (tmp_path / "ghostsync.toml").write_text('[site]\nurl = "http://127.0.0.1:9"\n[sync]\nintervall = 5\n')
    ran = cli("-C", tmp_path, "sync")
    assert ran.code == 2
    assert "intervall" in ran.err


@pytest.mark.parametrize("switch", [None, "NO_COLOR"])
def test_nothing_is_coloured_where_colours_are_switched_off(cli, monkeypatch, switch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if switch:
        monkeypatch.setenv(switch, "1")

    def show(output):
        found = CycleReport(Direction.BOTH, dry_run=True, outcomes=(), documents=0, warnings=("look",))
        report.show_report(found, output)
        output.line("bold", bold=True)
        raise GhostsyncError("it broke")

    monkeypatch.setattr(doctor, "examine", lambda root: show(Output()))
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    ran = cli("doctor")
    assert [word for word in ("In step", "bold") if word not in ran.out] == []
    assert [word for word in ("look", "it broke") if word not in ran.err] == []
    assert ("\x1b" in ran.out, "\x1b" in ran.err) == ((False, False) if switch else (True, True))


@pytest.mark.parametrize(
    ("key", "told"),
    [("abc", "no colon"), ("0123456789abcdef0123456789", "Content API key"), (":" + "0" * 64, "one half")],
)
def test_a_malformed_key_is_a_configuration_error_that_says_how(cli, tmp_path, monkeypatch, key, told):
    (tmp_path / "ghostsync.toml").write_text('[site]\nurl = "http://127.0.0.1:9"\n')
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", key)
    ran = cli("-C", tmp_path, "sync")
    assert ran.code == 2
    assert told in ran.err


def test_under_json_a_failure_is_one_document_on_stdout(cli, tmp_path):
    ran = cli("-C", tmp_path, "status", "--json")
    document = json.loads(ran.out)
    assert document["error"]["type"] == "ConfigError"
    assert document["exit_code"] == ran.code == 2
    assert ran.err.startswith("error: ")


def test_asking_for_each_document_needs_somebody_to_ask(cli, tmp_path, monkeypatch):
    (tmp_path / "ghostsync.toml").write_text('[site]\nurl = "http://127.0.0.1:9"\n')
    monkeypatch.setenv("GHOST_ADMIN_API_KEY", KEY)
    ran = cli("-C", tmp_path, "sync", "--adopt", "ask", "--json")
    assert ran.code == 2
    assert "--adopt local" in ran.err


EXPECTED = sorted(
    (
        error
        for error in vars(every_error).values()
        if isinstance(error, type) and issubclass(error, GhostsyncError)
    ),
    key=lambda error: error.__name__,
)


@pytest.mark.parametrize("kind", EXPECTED, ids=lambda kind: kind.__name__)
def test_every_expected_failure_ends_with_its_code_and_remedy_and_no_traceback(failing, kind):
    more = {"halt_id": "h-1"} if kind is Halted else {}
    ran = failing(kind("it broke", subject="posts/a.md", remedy="Mend it.", **more))
    assert ran.code == kind.exit_code
    assert ran.err == "error: posts/a.md: it broke\n  -> Mend it.\n"


def test_ctrl_c_is_quiet(failing):
    ran = failing(KeyboardInterrupt())
    assert (ran.code, ran.err) == (130, "")


def test_a_defect_is_told_with_a_traceback_that_holds_no_secret(failing):
    hidden_local = KEY
    token = "eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjF9.c2ln"
    ran = failing(ValueError(f"bad header: Ghost {token} made with {hidden_local}"))
    assert ran.code == 70
    assert "Traceback" in ran.err
    assert "ValueError: bad header" in ran.err
    assert "report" in ran.err
    assert token not in ran.err
    assert KEY.split(":")[1] not in ran.err


def test_an_error_with_an_undecodable_file_name_can_be_told(tmp_path):
    code = (
        "from ghostsync.cli import main\nfrom ghostsync.errors import FolderError\n"
        "def app(): raise FolderError('unreadable', subject='posts/caf\\udce9.md')\n"
        "main.app = app\nmain.run()"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == FolderError.exit_code
    assert "caf\\udce9.md" in ran.stderr


def test_a_reader_that_went_away_makes_no_noise():
    code = "import sys, time\nfrom ghostsync.cli.main import run\nsys.stdin.read()\nsys.argv = ['ghostsync', '--help']\nrun()"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.close()
    process.stdin.close()  # only now does it begin to write
    noise = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1
    assert noise == ""
