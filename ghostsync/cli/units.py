"""systemd units as text. The files in systemd/ are what these functions give for the usual places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ghostsync.config import CREDENTIAL
from ghostsync.errors import UsageError

# What a service may not see. A folder or a Python in there is bound in again, and nothing else of it.
_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108 - these are named, not used

_SANDBOX = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome={home}
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
PrivateUsers=yes
PrivateMounts=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
UMask=0027
"""
# A user's own manager has no power over mounts, devices and users, so this is what it can do.
_USER_SANDBOX = """\
NoNewPrivileges=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Whom and what a unit is for.

    command: the words that start ghostsync. user: of a system unit; "" for a user's own manager. key_file: handed over as
    a credential; "" where the service reads it itself. needs: directories of the Python installation. writes: what it writes to
    beside the folder: the git work tree and repository that it lies in. Values may hold systemd's own specifiers (%i, %h)
    when raw is set; else every % means itself.
    """

    folder: str
    command: Sequence[str]
    user: str = ""
    key_file: str = ""
    needs: Sequence[str] = ()
    writes: Sequence[str] = ()
    raw: bool = False

    def word(self, text: str) -> str:
        """As one word of a unit's line (systemd.syntax(7))."""
        if any(not character.isprintable() for character in text):
            raise UsageError(
                f"a unit cannot name {text!r}",
                remedy="Choose a path without line breaks and control characters.",
            )
        text = text if self.raw else text.replace("%", "%%")
        if text and not set(text) & set(" \t'\"\\;"):
            return text
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'

    def words(self, *more: str) -> str:
        """A command line, in which $ is not a variable either."""
        return " ".join(self.word(word).replace("$", "$$") for word in (*self.command, *more))


def service(place: Place) -> str:
    """The daemon."""
    return f"""\
[Unit]
Description={_description(place)}
{_NETWORK if place.user else ""}
[Service]
Type=notify
ExecStart={place.words("-C", place.folder, "run")}
ExecReload={place.words("-C", place.folder, "reload")}
Restart=on-failure
RestartSec=10
# A wrong configuration is not mended by starting again.
RestartPreventExitStatus=2
WatchdogSec=120
TimeoutStopSec=15
{_identity(place)}
[Install]
WantedBy={"multi-user.target" if place.user else "default.target"}
"""


def one_shot(place: Place) -> str:
    """One sync, for a timer."""
    return f"""\
[Unit]
Description={_description(place)}, once
{_NETWORK if place.user else ""}
[Service]
Type=oneshot
ExecStart={place.words("-C", place.folder, "sync", "--quiet")}
TimeoutStartSec=30min
{_identity(place)}"""


def timer(place: Place) -> str:
    return f"""\
[Unit]
Description={_description(place)}, every quarter of an hour

[Timer]
OnBootSec=2min
OnUnitActiveSec=15min
RandomizedDelaySec=1min

[Install]
WantedBy=timers.target
"""


_NETWORK = "Wants=network-online.target\nAfter=network-online.target\n"


def _description(place: Place) -> str:
    folder = place.folder if place.raw else place.folder.replace("%", "%%")
    return f"ghostsync: {folder} and its Ghost blog in step"


def _identity(place: Place) -> str:
    if not place.user:
        return _USER_SANDBOX
    lines = [f"User={place.word(place.user)}"]
    if place.key_file:
        lines.append(
            f"LoadCredential={CREDENTIAL}:{place.key_file if place.raw else place.key_file.replace('%', '%%')}"
        )
    written = (place.folder, *place.writes)
    hidden = [path for path in (*written, *place.needs) if _is_hidden(path)]
    sandbox = _SANDBOX.format(home="tmpfs" if hidden else "yes")
    lines += [f"ReadWritePaths={place.word(path)}" for path in written]
    lines += [f"BindPaths={place.word(path)}" for path in written if _is_hidden(path)]
    lines += [f"BindReadOnlyPaths={place.word(path)}" for path in place.needs if _is_hidden(path)]
    return "\n".join([*lines, sandbox])


def _is_hidden(path: str) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in _HIDDEN)


_SYSTEM = ("/usr/local/bin/ghostsync",)
REPOSITORY = {
    "ghostsync.service": service(
        Place("/var/lib/ghostsync/site", _SYSTEM, "ghostsync", "/etc/ghostsync/admin_api_key", raw=True)
    ),
    "ghostsync@.service": service(
        Place("/var/lib/ghostsync/%i", _SYSTEM, "ghostsync", "/etc/ghostsync/%i.key", raw=True)
    ),
    "user/ghostsync.service": service(Place("%h/blog", ("%h/.local/bin/ghostsync",), raw=True)),
    "ghostsync-sync.service": one_shot(
        Place("/var/lib/ghostsync/site", _SYSTEM, "ghostsync", "/etc/ghostsync/admin_api_key", raw=True)
    ),
    "ghostsync-sync.timer": timer(Place("/var/lib/ghostsync/site", _SYSTEM, "ghostsync", raw=True)),
}
"""The files of systemd/, by name."""
