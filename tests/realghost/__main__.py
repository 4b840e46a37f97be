"""`python -m tests.realghost install VERSION...` and `run VERSION`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from pathlib import Path

from . import RECIPES, Cache, RealGhostError, install, launch, recipe


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.realghost", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("install", help="install Ghosts into the cache")
    one.add_argument("versions", nargs="*", default=list(RECIPES), metavar="VERSION")
    two = commands.add_parser("run", help="run a throw-away Ghost until Ctrl-C; prints its address and keys")
    two.add_argument("version", metavar="VERSION")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that an installed Ghost is stopped, too
    try:
        if arguments.command == "install":
            _install(arguments.versions)
        else:
            _run(arguments.version)
    except RealGhostError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _install(versions: list[str]) -> None:
    cache = Cache()
    for version in versions:
        began = time.monotonic()
        home = install(cache, recipe(version))
        _say(f"Ghost {version}: {home} ({time.monotonic() - began:.0f} s)")


def _run(version: str) -> None:
    with tempfile.TemporaryDirectory(prefix="ghost-") as folder, launch(version, Path(folder)) as ghost:
        keys = {"admin_api_key": ghost.key, "content_api_key": ghost.content_key}
        _say(json.dumps({"url": ghost.url, "version": ghost.version, **keys}))
        signal.pause()


if __name__ == "__main__":
    sys.exit(main())
