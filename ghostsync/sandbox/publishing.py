"""themes/, settings/routes/yaml/ and redirects/: what may be sent with which key, and the shape of the answers.

The check of a theme knows the two rules that any theme can break: a template that is missing, and blocks that do not match.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import yaml
from starlette.requests import Request

from ghostsync.sandbox import forms
from ghostsync.sandbox.documents import Handler
from ghostsync.sandbox.ghost import SandboxGhost
from ghostsync.sandbox.problems import ApiError, forbidden, unsupported_media

_BLOCK = re.compile(r"\{\{(?P<open>[#/])\s*(?P<name>[\w-]+)")
_NO_TEMPLATE = "A template file called <code>{name}</code> must be present"
_DETAILS = (
    '{what}<br>Find more information in the <a href="https://ghost.org/docs/themes/">documentation</a>.'
)
EMPTY_REDIRECTS = "# See https://docs.ghost.org/themes/routing/#redirects\n301: {}\n302: {}\n"


@dataclass(frozen=True, slots=True)
class Plain:
    """An answer that is no JSON, sent as a file."""

    text: str
    name: str


class Publishing:
    def __init__(self, ghost: SandboxGhost) -> None:
        self._ghost = ghost

    def route(self, method: str, name: str, argument: str) -> Handler | None:
        found: Handler | None = None
        match (method, name, argument):
            case ("POST", "themes", "upload"):
                found = self.upload_theme
            case ("PUT", "themes", _) if argument.endswith("/activate"):
                found = self.activate
            case ("GET", "themes", ""):
                found = self.themes
            case ("GET" | "POST", "settings", "routes/yaml"):
                found = self.routes if method == "GET" else self.put_routes
            case ("GET", "redirects", "download"):
                found = self.redirects
            case ("POST", "redirects", "upload"):
                found = self.put_redirects
            case _:
                pass
        return found

    async def themes(self, request: Request, _argument: str) -> tuple[int, Any]:
        _staff(request)
        return 200, {"themes": [self._theme(name) for name in sorted(self._ghost.themes)]}

    async def upload_theme(self, request: Request, _argument: str) -> tuple[int, Any]:
        part = await _file(request, "file")
        if part is None or not part.filename.endswith(".zip"):
            raise unsupported_media("Please select a valid zip file.")
        name = part.filename.removesuffix(".zip").lower()
        if name in {"casper", "source"}:
            words = "Please rename your zip, it's not allowed to override the default theme."
            raise ApiError(422, "ValidationError", words)
        files = _unzipped(part.filename, part.data)
        errors = [*_missing(files), *_mismatched(files)]
        if errors:
            words = f'Theme "{name}" is not compatible or contains errors.'
            details = {"checkedVersion": "6.x", "name": name, "errors": errors, "warnings": []}
            raise ApiError(422, "ThemeValidationError", words, details=details)
        self._ghost.themes[name] = files
        return 200, {"themes": [self._theme(name)]}

    async def activate(self, _request: Request, argument: str) -> tuple[int, Any]:
        name = argument.removesuffix("/activate")
        if name not in self._ghost.themes:
            words = f"{name} cannot be activated because it was not found in the theme directory."
            raise ApiError(422, "ValidationError", words, details=name)
        self._ghost.settings["active_theme"] = name
        return 200, {"themes": [self._theme(name)]}

    def _theme(self, name: str) -> dict[str, Any]:
        package = self._ghost.themes[name].get("package.json")
        active = self._ghost.settings.get("active_theme") == name
        return {"name": name, "package": json.loads(package) if package else False, "active": active}

    async def routes(self, _request: Request, _argument: str) -> tuple[int, Any]:
        return 200, Plain(self._ghost.routes, "routes.yaml")

    async def put_routes(self, request: Request, _argument: str) -> tuple[int, Any]:
        _staff(request)
        part = await _file(request, "routes")
        if part is None or PurePosixPath(part.filename).suffix not in {".yaml", ".yml"}:
            raise unsupported_media("Please select a valid YAML file to import.")
        _loaded(part.data)
        self._ghost.routes = part.data.decode()
        return 200, {}

    async def redirects(self, request: Request, _argument: str) -> tuple[int, Any]:
        _staff(request)
        return 200, Plain(self._ghost.redirects, "redirects.yaml")

    async def put_redirects(self, request: Request, _argument: str) -> tuple[int, Any]:
        """Ghost 6 keeps the pairs and writes them anew: comments and order are its own."""
        _staff(request)
        part = await _file(request, "redirects")
        if part is None:
            raise unsupported_media("Please select a valid YAML or JSON file to import.")
        if part.filename.endswith(".json"):
            told: dict[str, dict[str, str]] = {"301": {}, "302": {}}
            for row in json.loads(part.data):
                told["301" if row.get("permanent") else "302"][row["from"]] = row["to"]
        else:
            told = {str(code): pairs or {} for code, pairs in (_loaded(part.data) or {}).items()}
        sections = [
            f"{code}:\n{yaml.safe_dump(told[code], sort_keys=False, width=10_000, indent=2)}"
            for code in ("301", "302")
            if told.get(code)
        ]
        self._ghost.redirects = "\n".join(sections).replace("\n/", "\n  /") or EMPTY_REDIRECTS
        return 200, {}


def _staff(request: Request) -> None:
    """What an integration's key may not do."""
    if not request.state.staff:
        raise forbidden()


async def _file(request: Request, name: str) -> forms.Part | None:
    form = forms.parts(request.headers.get("content-type", ""), await request.body(), frozenset({name}))
    return next((part for part in form if part.name == name and part.filename), None)


def _loaded(data: bytes) -> Any:
    try:
        return yaml.safe_load(data)
    except yaml.YAMLError as error:
        words = f"Could not parse provided YAML file: {error}"
        raise ApiError(400, "IncorrectUsageError", words, code="YAML_PARSER_ERROR") from None


def _unzipped(name: str, data: bytes) -> dict[str, str]:
    """Path in the theme -> text. The one directory that holds everything is not a part of it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = {path: archive.read(path).decode("utf-8", "replace") for path in archive.namelist()}
    except zipfile.BadZipFile:
        raise ApiError(422, "ValidationError", "Failed to read zip file", context=name) from None
    tops = {path.partition("/")[0] for path in found}
    top = f"{tops.pop()}/" if len(tops) == 1 else ""
    return {path.removeprefix(top): text for path, text in found.items()}


def _missing(files: dict[str, str]) -> list[dict[str, Any]]:
    return [
        _error(f"GS020-{name[:-4].upper()}-REQ", _NO_TEMPLATE.format(name=name), {"ref": name})
        for name in ("index.hbs", "post.hbs")
        if name not in files
    ]


def _mismatched(files: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    for path, text in files.items():
        if not path.endswith(".hbs"):
            continue
        open_blocks: list[tuple[str, int, int]] = []
        for match in _BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            column = match.start() - (text.rfind("\n", 0, match.start()) + 1)
            if match["open"] == "#":
                open_blocks.append((match["name"], line, column + 3))
            elif open_blocks and (last := open_blocks.pop())[0] != match["name"]:
                said = f"{last[0]} doesn't match {match['name']} - {last[1]}:{last[2]}"
                rule = "Templates must contain valid Handlebars"
                found.append(_error("GS005-TPL-ERR", rule, {"ref": path, "message": said}))
                break
    return found


def _error(code: str, rule: str, failure: dict[str, str]) -> dict[str, Any]:
    details = _DETAILS.format(what="Oops! Something is wrong with a template.")
    return {
        "fatal": True,
        "level": "error",
        "rule": rule,
        "details": details,
        "failures": [failure],
        "code": code,
    }
