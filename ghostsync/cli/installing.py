"""service install, show and uninstall: the right systemd unit for this folder, user and Python.

Longer than other modules: its commands tell a person each step, and the words stand where the step is.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ghostsync.cli.options import DryRunOption, FolderOption, JsonOption, folder_of, output_of
from ghostsync.errors import UsageError

if TYPE_CHECKING:
    from ghostsync.cli.output import Output
    from ghostsync.config import Config

group = typer.Typer(help="Run it as a systemd service.", no_args_is_help=True)
SYSTEM_UNITS = Path("/etc/systemd/system")

SystemOption = Annotated[
    bool | None,
    typer.Option(
        "--system/--user",
        help="For the whole machine (needs root), or for your own service manager. Without either: as you are.",
        show_default=False,
    ),
]
TimerOption = Annotated[
    bool, typer.Option("--timer", help="One `sync` every quarter of an hour instead of the daemon.")
]


def register(app: typer.Typer) -> None:
    app.add_typer(group, name="service")


@dataclass(frozen=True, slots=True)
class Units:
    """What is to be installed: name (without suffix), directory, and the text of each file."""

    name: str
    directory: Path
    files: Mapping[str, str]
    system: bool
    timer: bool

    @property
    def replaced(self) -> str:
        """The unit whose place this takes: the timer's or, the other way round, the daemon's."""
        return f"{self.name}.service" if self.timer else f"{self.name}.timer"

    def replaces(self) -> bool:
        """Whether the other form is installed."""
        service, timer = (self.directory / f"{self.name}.{kind}" for kind in ("service", "timer"))
        return service.exists() and timer.exists() is not self.timer

    def superseded(self) -> list[Path]:
        """What an earlier installation of the other form left: its links, and a timer's file."""
        old = self.directory / self.replaced
        left = _links(old)
        return left if self.timer else [*left, *([old] if old.exists() else [])]

    @property
    def enabled(self) -> str:
        """The unit that is enabled and started."""
        return f"{self.name}.timer" if self.timer else f"{self.name}.service"

    def control(self, *words: str) -> str:
        return " ".join(
            ["sudo systemctl" if self.system and os.geteuid() else "systemctl", *self._scope, *words]
        )

    @property
    def _scope(self) -> list[str]:
        return [] if self.system else ["--user"]

    def commands(self) -> list[str]:
        """What to type, once it is written, to start it now and at every boot instead of what ran before."""
        lines = [self.control("stop", self.replaced)] if self.replaces() else []
        lines += [self.control("daemon-reload"), self.control("enable", "--now", self.enabled)]
        return lines if self.system else [*lines, "loginctl enable-linger"]

    def watch(self) -> list[str]:
        journal = " ".join(["journalctl", *self._scope, "-f", "-u", f"{self.name}.service"])
        return [self.control("status", self.enabled), journal]


@group.command()
def install(
    context: typer.Context,
    folder: FolderOption = None,
    system: SystemOption = None,
    timer: TimerOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Write the unit for this folder, and say how to enable it."""
    output = output_of(context, json=json)
    with output.guard():
        units = units_for(folder_of(context, folder), system=system, timer=timer)
        superseded, commands = units.superseded(), units.commands()
        if not dry_run:
            for path in superseded:
                _unlink(path)
            _write(units)
    _tell(units, superseded, commands, output, written=not dry_run)


@group.command()
def show(
    context: typer.Context,
    folder: FolderOption = None,
    system: SystemOption = None,
    timer: TimerOption = False,
) -> None:
    """Print the unit that `install` would write."""
    units = units_for(folder_of(context, folder), system=system, timer=timer)
    for name, text in units.files.items():
        typer.echo(f"# {units.directory / name}\n{text}")


@group.command()
def uninstall(
    context: typer.Context,
    folder: FolderOption = None,
    system: SystemOption = None,
    json: JsonOption = False,
) -> None:
    """Disable and remove the units of this folder, and say how to stop what still runs."""
    output = output_of(context, json=json)
    root = folder_of(context, folder)
    as_root = os.geteuid() == 0 if system is None else system
    with output.guard():
        found = [
            path
            for name in _names(root)
            for path in sorted(_directory(system=as_root).glob(f"{name}.*"))
            if path.suffix in {".service", ".timer"} and _is_for(path, root, name)
        ]
        if not found:
            raise UsageError(
                "there is no unit for this folder",
                subject=str(_directory(system=as_root)),
                remedy="`--system` or `--user` looks in the other place.",
            )
        # With a link to a file that is gone `systemctl disable` can do nothing any more: the links go first.
        removed = [path for file in found for path in (*_links(file), file)]
        for path in removed:
            _unlink(path)
    units = Units("", _directory(system=as_root), {}, as_root, timer=False)
    stop = [units.control("stop", *(path.name for path in found)), units.control("daemon-reload")]
    output.document(
        {"command": "service uninstall", "removed": [str(path) for path in removed], "stop": stop}
    )
    for path in removed:
        output.line(f"Removed {path}")
    output.line("\nIt is not started any more. To stop what still runs:")
    for line in stop:
        output.line(f"  {line}")


def units_for(root: Path, *, system: bool | None, timer: bool) -> Units:
    """The units of this folder. Raises ConfigError or UsageError when a service could not work."""
    from ghostsync.cli.units import Place, one_shot, service
    from ghostsync.cli.units import timer as timer_unit
    from ghostsync.config import load_config, load_key

    root = root.resolve()
    as_root = os.geteuid() == 0 if system is None else system
    # A service sees nothing of this shell's environment.
    config = load_config(root, {})
    key_file = config.site.admin_api_key_file
    if key_file is None:
        raise UsageError(
            "no file with the key is named, and a service has none of this shell's variables",
            subject="[site] admin_api_key_file",
            remedy="Write the key into .ghostsync/admin_api_key (mode 0600), and put "
            'admin_api_key_file = ".ghostsync/admin_api_key" under [site] in ghostsync.toml.',
        )
    load_key(config, root, {})
    place = Place(
        folder=str(root),
        command=(sys.executable, "-m", "ghostsync"),
        user=_owner(root) if as_root else "",
        key_file=str((root / Path(key_file).expanduser()).resolve()),
        needs=_installation(),
        writes=_repository(root, config),
    )
    directory = _directory(system=as_root)
    name = next((one for one in _names(root) if _is_free(directory / f"{one}.service", root, one)), "")
    if timer:
        files = {f"{name}.service": one_shot(place), f"{name}.timer": timer_unit(place)}
    else:
        files = {f"{name}.service": service(place)}
    return Units(name, directory, files, as_root, timer)


def _repository(root: Path, config: Config) -> tuple[str, ...]:
    """The directories of the git repository that the folder lies in, beside the folder itself: commits go there, and a
    pull writes to the whole work tree.
    """
    from ghostsync.errors import GitError
    from ghostsync.git.repository import find_repository

    # Whoever installs the unit need not be the owner, as whom the service will run.
    trusting = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
    }
    try:
        repository = find_repository(root, config.git, {**os.environ, **trusting})
    except GitError:
        return ()  # the service says so when it starts
    if repository is None:
        return ()
    found: list[Path] = [root]
    for path in (repository.top, repository.common):
        if not any(path.is_relative_to(other) for other in found):
            found.append(path)
    return tuple(map(str, found[1:]))


def _installation() -> tuple[str, ...]:
    """The directories that Python and ghostsync live in, none inside another."""
    import ghostsync

    package = Path(ghostsync.__file__).resolve().parent.parent
    found = {Path(sys.prefix), Path(sys.base_prefix), package, Path(sys.executable).resolve().parent.parent}
    return tuple(
        sorted(
            str(path) for path in found if not any(other != path and other in path.parents for other in found)
        )
    )


def _owner(root: Path) -> str:
    import pwd

    number = root.stat().st_uid
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _directory(*, system: bool) -> Path:
    if system:
        return SYSTEM_UNITS
    home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(home) / "systemd" / "user"


def _names(root: Path) -> list[str]:
    """The names that this folder's unit may have: the short one, and one that no other folder shares."""
    import hashlib

    root = root.resolve()
    short = re.sub(r"[^a-z0-9]+", "-", root.name.lower()).strip("-") or "site"
    return [f"ghostsync-{short}", f"ghostsync-{short}-{hashlib.sha256(os.fsencode(root)).hexdigest()[:6]}"]


def _is_for(path: Path, root: Path, name: str) -> bool:
    """Whether an installed file is this folder's."""
    if name == _names(root)[1]:
        return True
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return False
    return f"ghostsync: {root.resolve()} and its Ghost blog".replace("%", "%%") in text


def _is_free(path: Path, root: Path, name: str) -> bool:
    return not path.exists() or _is_for(path, root, name)


def _write(units: Units) -> None:
    try:
        units.directory.mkdir(parents=True, exist_ok=True)
        for name, text in units.files.items():
            draft = units.directory / f".{name}.new"
            draft.write_text(text, encoding="utf-8")
            draft.chmod(0o644)
            draft.replace(units.directory / name)
    except OSError as error:
        raise _refused(units.directory, error) from error


def _links(file: Path) -> list[Path]:
    """The links by which a unit is enabled, as `systemctl enable` makes them."""
    return sorted(file.parent.glob(f"*.wants/{file.name}"))


def _unlink(path: Path) -> None:
    try:
        path.unlink()
    except OSError as error:
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"cannot be written: {error.strerror}",
        subject=str(path),
        remedy="Use sudo for a system unit, or --user for one of your own; `ghostsync service show` prints it.",
    )


def _tell(
    units: Units, superseded: Sequence[Path], commands: Sequence[str], output: Output, *, written: bool
) -> None:
    output.document(
        {
            "command": "service install",
            "dry_run": not written,
            "unit": units.enabled,
            "files": [str(units.directory / name) for name in units.files],
            "removed": [str(path) for path in superseded],
            "enable": list(commands),
        }
    )
    for path in superseded:
        output.line(f"{'Removed' if written else 'Would remove'} {path}, whose place this takes")
    for name in units.files:
        output.line(f"{'Wrote' if written else 'Would write'} {units.directory / name}")
    output.line("\nStart it now and at every boot:")
    for line in commands:
        output.line(f"  {line}")
    output.line("\nSee how it does:")
    for line in (*units.watch(), "ghostsync status"):
        output.line(f"  {line}")
