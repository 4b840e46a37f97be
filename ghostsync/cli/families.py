"""The commands by name. A command's module is loaded when it is called: whoever calls one does not wait for all others."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Literal, cast

import typer
from typer.core import TyperGroup
from typer.main import get_command

from ghostsync.cli.options import loudness

FAMILIES = {
    "initialise": ("init",),
    "cycles": ("sync", "pull", "push", "status"),
    "checking": ("check",),
    "resolving": ("resolve",),
    "history": ("history", "diff", "restore"),
    "media": ("media",),
    "themes": ("theme",),
    "routing": ("routes", "redirects"),
    "service": ("run", "reload", "resume"),
    "installing": ("service",),
    "hooking": ("webhook",),
    "doctor": ("doctor",),
    "writing": ("new",),
    "demo": ("demo",),
}
"""Module of this package -> the commands that its `register` adds, in the order in which help shows them."""

HELP_FORM: Literal["markdown"] = "markdown"
"""Help texts name sections of the configuration in brackets; typer's own default takes `[sync]` for a colour."""


def family(module: str) -> typer.Typer:
    """The commands of one module, as an app."""
    app = typer.Typer(add_completion=False, rich_markup_mode=HELP_FORM)
    # With a callback it stays a group, even with one command.
    app.callback()(lambda: None)
    import_module(f"ghostsync.cli.{module}").register(app)
    return app


class Families(TyperGroup):
    """The main command's group: it knows all names, and loads a command when somebody wants it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._homes = {name: module for module, names in FAMILIES.items() for name in names}
        self._loaded: dict[str, Any] = {}
        # click looks into this one for names to suggest.
        self.commands = cast("dict[str, Any]", dict.fromkeys(self._homes))

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self._homes)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name in self._homes and cmd_name not in self._loaded:
            group: Any = get_command(family(self._homes[cmd_name]))
            alone = typer.Typer(add_completion=False)
            alone.command()(loudness)
            _add(get_command(alone).params, group)
            self._loaded |= group.commands
        return self._loaded.get(cmd_name)


def _add(options: Sequence[Any], group: Any) -> None:
    """Give every command of the group, and of the groups in it, these options. `media` is both."""
    for command in group.commands.values():
        if hasattr(command, "commands"):
            _add(options, command)
        if not hasattr(command, "commands") or command.invoke_without_command:
            command.params.extend(options)
