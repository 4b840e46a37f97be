"""ghostsync.toml and the environment -> one frozen `Config`. The only module that knows their names.

`[site] url` alone is a whole configuration. Unknown keys are refused by name. The Admin API key is never
read from the file itself: `GHOST_ADMIN_API_KEY`, a systemd credential called `ghost_admin_api_key`, or the file named by
`[site] admin_api_key_file` hold it, in this order.

Longer than other modules: whoever looks for a setting finds all of them here, each section a few lines.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ghostsync.errors import ConfigError, KeyFormError
from ghostsync.model import Mode

CONFIG_NAME = "ghostsync.toml"
CREDENTIAL = "ghost_admin_api_key"
"""What a systemd unit calls the key in LoadCredential."""
_KEY = re.compile(r"([0-9a-fA-F]{24}):([0-9a-fA-F]{64})")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|)")
_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class AdminKey:
    """The Admin API key, split. Its secret shows in no repr, str, traceback or pickle."""

    __slots__ = ("_secret", "id")

    def __init__(self, id: str, secret: bytes) -> None:
        self.id = id
        self._secret = secret

    @property
    def secret(self) -> bytes:
        """The hex-decoded signing secret."""
        return self._secret

    @classmethod
    def parse(cls, text: str, *, source: str) -> AdminKey:
        """`id:secret` as Ghost shows it; source names where it came from, for the error."""
        text = text.strip()
        where = "In Ghost Admin: Settings -> Integrations -> your custom integration -> Admin API key"
        if match := _KEY.fullmatch(text):
            return cls(match[1].lower(), bytes.fromhex(match[2]))
        if not text:
            what = "the Admin API key is empty"
        elif re.fullmatch(r"[0-9a-fA-F]{26}", text):
            what = "this is a Content API key (26 characters, no colon); the Admin API key is needed"
        elif ":" not in text:
            what = "the Admin API key has no colon: one of its halves is missing (id:secret)"
        else:
            id, secret = text.split(":", 1)
            if not id or not secret:
                what = "one half of the Admin API key is missing (id:secret)"
            elif not re.fullmatch(r"[0-9a-fA-F]*", id) or not re.fullmatch(r"[0-9a-fA-F]*", secret):
                what = "the Admin API key has characters that are not hexadecimal (0-9, a-f)"
            else:
                what = (
                    "the Admin API key has the wrong length: 24 characters, a colon, 64 characters are expected, "
                    f"these are {len(id)} and {len(secret)}"
                )
        raise KeyFormError(what, subject=source, remedy=f"{where}; copy it whole.")

    def __repr__(self) -> str:
        return f"AdminKey({self.id[:6]}…:hidden)"

    def __reduce__(self) -> str:
        raise TypeError("an AdminKey is not pickled")


def _duration(value: object) -> object:
    if isinstance(value, str) and (match := _DURATION.fullmatch(value.strip())):
        return float(match[1]) * _UNITS[match[2]]
    return value


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SiteSection(_Section):
    """timezone: the site's IANA zone, for Ghost 2 to 4, which do not tell it to integrations."""

    url: str
    admin_api_key_file: str | None = None
    timezone: str | None = None

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                ZoneInfo(value)
            except (ZoneInfoNotFoundError, ValueError):
                raise ValueError(f'{value!r} is no time zone; write it as "Europe/Berlin"') from None
        return value


class FolderSection(_Section):
    """posts, pages: where a *new* file goes ({slug}, {year}, {month}, {day}, {kind}, {title}); everything below
    the fixed first part of the pattern is scanned.
    """

    posts: str = "posts/{slug}.md"
    pages: str = "pages/{slug}.md"
    ignore: tuple[str, ...] = ()

    @field_validator("posts", "pages")
    @classmethod
    def _pattern(cls, value: str) -> str:
        known = {"slug", "year", "month", "day", "kind", "title"}
        if unknown := set(re.findall(r"\{(.*?)\}", value)) - known:
            raise ValueError(f"unknown placeholder {{{min(unknown)}}}; known: {', '.join(sorted(known))}")
        if "{slug}" not in value and "{title}" not in value:
            raise ValueError("the pattern needs {slug} or {title}, or all files would share one name")
        if value.startswith("/") or ".." in value.split("/") or not value.endswith((".md", ".markdown")):
            raise ValueError("the pattern is a path inside the folder and ends in .md or .markdown")
        if "{" in value.split("/", maxsplit=1)[0]:
            raise ValueError("the first part of the pattern is a fixed directory name, such as posts/")
        return value


class SyncSection(_Section):
    """interval, settle: seconds ("60s", "5m" work too). watch: how `run` learns of changed files."""

    interval: Annotated[float, Field(ge=1)] = 60.0
    settle: Annotated[float, Field(ge=0)] = 10.0
    prefer: Literal["none", "local", "remote"] = "none"
    on_local_delete: Literal["retire", "draft", "leave"] = "retire"
    watch: Literal["auto", "events", "watchfiles", "poll"] = "auto"

    _durations = field_validator("interval", "settle", mode="before")(_duration)


class ContentSection(_Section):
    """mode: overrides the default of the Ghost version. keys: your front-matter key -> Ghost's field. link_cards:
    whether Ghost is asked for the card of a link that stands alone.
    """

    mode: Mode | None = None
    link_cards: Literal["ask", "never"] = "ask"
    html_extensions: tuple[str, ...] = ("extra", "sane_lists")
    keys: dict[str, str] = Field(default_factory=dict)


class HttpSection(_Section):
    timeout: Annotated[float, Field(gt=0)] = 30.0
    max_in_flight: Annotated[int, Field(ge=1, le=32)] = 4
    retries: Annotated[int, Field(ge=0, le=20)] = 4
    token_lifetime: Annotated[float, Field(ge=10, le=300)] = 290.0

    _durations = field_validator("timeout", "token_lifetime", mode="before")(_duration)


class SafetySection(_Section):
    """max_deletes: share of all documents ("10%") or a number, per cycle; never below 5."""

    max_deletes: str = "10%"

    @field_validator("max_deletes", mode="before")
    @classmethod
    def _limit(cls, value: object) -> str:
        text = str(value).strip()
        if not re.fullmatch(r"\d+%?", text):
            raise ValueError('a number of documents, or a share such as "10%"')
        return text

    def limit(self, documents: int) -> int:
        """How many deletions one cycle may make with this many documents."""
        if self.max_deletes.endswith("%"):
            return max(5, documents * int(self.max_deletes[:-1]) // 100)
        return int(self.max_deletes)


class HistorySection(_Section):
    """keep: seconds ("90d"); max_bytes: of all versions together."""

    keep: Annotated[float, Field(gt=0)] = 90 * 86400.0
    max_bytes: Annotated[int, Field(gt=0)] = 1_000_000_000

    _durations = field_validator("keep", mode="before")(_duration)


class MediaSection(_Section):
    """upload: send the files of the folder that documents show or link to. pull: what becomes of those that posts of the
    site show; "download" keeps them in the folder, where `path` says. max_in_flight: transfers at a time.
    """

    upload: bool = True
    pull: Literal["link", "download"] = "link"
    path: str = "media/{name}"
    max_in_flight: Annotated[int, Field(ge=1, le=16)] = 3

    @field_validator("path")
    @classmethod
    def _pattern(cls, value: str) -> str:
        known = {"name", "year", "month", "kind"}
        if unknown := set(re.findall(r"\{(.*?)\}", value)) - known:
            raise ValueError(f"unknown placeholder {{{min(unknown)}}}; known: {', '.join(sorted(known))}")
        parts = value.split("/")
        if parts[-1] != "{name}":
            raise ValueError("the pattern ends in /{name}, the name that the file has on the site")
        if value.startswith("/") or any(part in {"", ".."} or part.startswith(".") for part in parts):
            raise ValueError("the pattern is a path inside the folder, and no part of it begins with a dot")
        return value

    @property
    def home(self) -> str:
        """The directory in which all downloads lie ("media/"), "" where the pattern begins otherwise."""
        first = self.path.partition("/")[0]
        return "" if "{" in first else f"{first}/"

    @model_validator(mode="after")
    def _both_ways(self) -> Self:
        if self.pull == "download" and not self.upload:
            raise ValueError(
                'pull = "download" puts paths into documents, which need upload = true to work in Ghost'
            )
        return self


class SiteFilesSection(_Section):
    """tags, authors, settings: under which path the folder has them; "" where it has not. `true` stands for the usual
    name.
    """

    tags: str = ""
    authors: str = ""
    settings: str = ""

    @field_validator("tags", "authors", "settings", mode="before")
    @classmethod
    def _path(cls, value: object, about: ValidationInfo) -> object:
        if isinstance(value, bool):
            return f"{about.field_name}.yaml" if value else ""
        if isinstance(value, str):
            parts = value.split("/")
            if not value.endswith((".yaml", ".yml")):
                raise ValueError("true, false, or a path that ends in .yaml or .yml")
            if any(part in {"", ".."} or part.startswith(".") for part in parts):
                raise ValueError("a path inside the folder, and no part of it begins with a dot")
        return value

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.tags, self.authors, self.settings)))

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if len({path.casefold() for path in self.paths}) < len(self.paths):
            raise ValueError("two of them have the same path")
        return self


class NewsletterSection(_Section):
    """allow: slugs of the newsletters that a file may be sent with; none unless the site's owner names them."""

    allow: tuple[str, ...] = ()


class WebhookSection(_Section):
    """listen: "host:port" where `run` hears Ghost's webhooks and tells its health; none unless it is set.
    url: how Ghost reaches that address, through the user's proxy.
    """

    listen: str | None = None
    url: str | None = None

    @field_validator("listen", mode="before")
    @classmethod
    def _address(cls, value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)  # a port alone
        if isinstance(value, str):
            listen_address(value)
        return value

    @field_validator("url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", value):
            raise ValueError('an address such as "https://hooks.example.com/ghostsync"')
        return value


def listen_address(text: str) -> tuple[str, int]:
    """Host and port of "127.0.0.1:8787", "[::1]:8787" or "8787" (loopback)."""
    match = re.fullmatch(r"(?:(?:\[([0-9a-fA-F:.%]+)\]|([^\s:\[\]/]+)):)?(\d{1,5})", text.strip())
    if match is None or int(match[3]) > 65535:
        raise ValueError('an address such as "127.0.0.1:8787"')
    return match[1] or match[2] or "127.0.0.1", int(match[3])


class GitSection(_Section):
    """mode: "auto" keeps to git where the folder lies in a work tree. commit: what one commit holds. branch: the only one
    that is synced; None: the one of the first sync. remote: None: the branch's own, else origin. authors: how an editor is
    named in a commit: with an address that is nobody's, with the one that Ghost knows, or not at all. timeout: seconds
    for a command that uses the network; commit_timeout: for a commit with its hooks and its signature.
    """

    mode: Literal["auto", "off"] = "auto"
    commit: Literal["cycle", "document", "off"] = "cycle"
    authors: Literal["noreply", "email", "off"] = "noreply"
    branch: str | None = None
    remote: str | None = None
    push: bool = False
    pull: Literal["off", "fast-forward", "rebase"] = "off"
    timeout: Annotated[float, Field(gt=0)] = 60.0
    commit_timeout: Annotated[float, Field(gt=0)] = 120.0

    _durations = field_validator("timeout", "commit_timeout", mode="before")(_duration)

    @field_validator("branch", "remote")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        # Both end up as arguments of git and parts of reference names.
        if value is not None and (
            not re.fullmatch(r"[^\s~^:?*\[\\\x00-\x1f\x7f-][^\s~^:?*\[\\\x00-\x1f\x7f]*", value)
            or ".." in value
            or "//" in value
            or "@{" in value
            or value.startswith(("refs/", "/", "."))
            or value.endswith(("/", ".", ".lock"))
        ):
            raise ValueError('a plain name such as "main" or "origin"')
        return value


class NotifySection(_Section):
    """command: program and arguments, never a shell's line. url: gets a POST with JSON. after: seconds without a sync."""

    command: tuple[str, ...] = ()
    url: str | None = None
    after: Annotated[float, Field(ge=60)] = 1800.0

    _durations = field_validator("after", mode="before")(_duration)

    @field_validator("url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://\S+", value):
            raise ValueError('an address such as "https://ntfy.sh/my-blog"')
        return value


class Config(_Section):
    site: SiteSection
    folder: FolderSection = FolderSection()
    sync: SyncSection = SyncSection()
    content: ContentSection = ContentSection()
    http: HttpSection = HttpSection()
    safety: SafetySection = SafetySection()
    history: HistorySection = HistorySection()
    media: MediaSection = MediaSection()
    site_files: SiteFilesSection = SiteFilesSection()
    newsletter: NewsletterSection = NewsletterSection()
    webhook: WebhookSection = WebhookSection()
    notify: NotifySection = NotifySection()
    git: GitSection = GitSection()


def _explain(error: ValidationError) -> str:
    lines = []
    for item in error.errors():
        parts = [str(part) for part in item["loc"]]
        name = f"[{parts[0]}] {'.'.join(parts[1:])}".rstrip() if parts else "the file"
        if item["type"] == "extra_forbidden":
            lines.append(f"{name} is not a setting of ghostsync")
        elif item["type"] == "missing":
            lines.append(f"{name} is missing")
        else:
            lines.append(f"{name}: {item['msg'].removeprefix('Value error, ')}")
    return "; ".join(lines)


def parse_config(text: str, *, source: str, env: Mapping[str, str]) -> Config:
    """The configuration in TOML text, with GHOST_URL put over `[site] url`. Raises ConfigError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            f"not valid TOML: {error}", subject=source, remedy="Correct the named line."
        ) from None
    site = table.get("site")
    if isinstance(site, dict):
        for name in ("admin_api_key", "key", "api_key"):
            if name in site:
                raise ConfigError(
                    f"[site] {name} holds the key itself, and this file is meant to be shared",
                    subject=source,
                    remedy="Remove that line, make a new key in Ghost if the file was ever committed, and use "
                    "GHOST_ADMIN_API_KEY or [site] admin_api_key_file.",
                )
    if url := env.get("GHOST_URL"):
        table.setdefault("site", {})["url"] = url
    try:
        return Config.model_validate(table)
    except ValidationError as error:
        # hide_input: a value may be a key somebody pasted into the wrong line.
        raise ConfigError(
            _explain(error), subject=source, remedy="docs/configuration.md lists every setting."
        ) from None


Settings = tuple[Config, AdminKey]
"""What a session is made of."""


def load_settings(folder: Path, env: Mapping[str, str] | None = None) -> Settings:
    """Configuration and key of a folder. Raises ConfigError, KeyFormError."""
    config = load_config(folder, env)
    return config, load_key(config, folder, env)


def load_config(folder: Path, env: Mapping[str, str] | None = None) -> Config:
    """The configuration of a folder; GHOST_URL alone is enough where there is no file."""
    env = os.environ if env is None else env
    path = folder / CONFIG_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if env.get("GHOST_URL"):
            return parse_config("", source="GHOST_URL", env=env)
        raise ConfigError(
            f"there is no {CONFIG_NAME} here",
            subject=str(folder),
            remedy="Run `ghostsync init` in the folder, or name the folder with -C.",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"cannot be read: {error}", subject=str(path), remedy="It is a UTF-8 text file."
        ) from None
    return parse_config(text, source=str(path), env=env)


def key_files(config: Config, folder: Path, env: Mapping[str, str] | None = None) -> list[Path]:
    """The files that may hold the Admin API key, in the order in which they are looked for."""
    env = os.environ if env is None else env
    found = []
    # The credential first: a sandboxed service may not even see the file.
    if directory := env.get("CREDENTIALS_DIRECTORY"):
        found.append(Path(directory) / CREDENTIAL)
    if config.site.admin_api_key_file:
        found.append(folder / Path(config.site.admin_api_key_file).expanduser())
    return found


def load_key(config: Config, folder: Path, env: Mapping[str, str] | None = None) -> AdminKey:
    """The Admin API key from the environment, a systemd credential or the named file. Raises KeyFormError."""
    env = os.environ if env is None else env
    if text := env.get("GHOST_ADMIN_API_KEY"):
        return AdminKey.parse(text, source="GHOST_ADMIN_API_KEY")
    candidates = key_files(config, folder, env)
    for path in candidates:
        try:
            return AdminKey.parse(path.read_text(encoding="utf-8"), source=str(path))
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not a text file"
            raise KeyFormError(
                f"cannot be read: {reason}",
                subject=str(path),
                remedy="Make it readable for this user only (0600).",
            ) from None
    looked = "; looked for " + ", ".join(map(str, candidates)) if candidates else ""
    raise KeyFormError(
        f"no Admin API key was given{looked}",
        remedy="Set GHOST_ADMIN_API_KEY, or write the key into a file (mode 0600) and name it in [site] "
        "admin_api_key_file. In Ghost Admin: Settings -> Integrations -> Add custom integration -> Admin API key.",
    )
