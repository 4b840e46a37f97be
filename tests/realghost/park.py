"""The real Ghosts of one pytest worker: each is started when it is first asked for, all are stopped at the end."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from .cache import RealGhostError
from .server import RealGhost, launch
from .tools import missing_tools

VERSIONS_ENV = "GHOSTSYNC_TEST_GHOST_VERSIONS"
DEFAULT_VERSIONS = "6.65.0"


def chosen_versions() -> list[str]:
    """The Ghosts that tests run on: a comma list in the environment, by default the newest alone."""
    listed = os.environ.get(VERSIONS_ENV) or DEFAULT_VERSIONS
    return [version.strip() for version in listed.split(",") if version.strip()]


UNDER_CI = os.environ.get("CI") == "true"
"""Read before the suite takes its own CI out of the environment."""


class GhostPark:
    """folder: gives an empty folder for the content of a version."""

    def __init__(self, folder: Callable[[str], Path]) -> None:
        self._folder = folder
        self._running: dict[str, RealGhost] = {}
        self._failed: dict[str, str] = {}
        self._stack = contextlib.ExitStack()

    def get(self, version: str) -> RealGhost:
        """A running Ghost. Skips the test where this version is not among the chosen ones, or where the machine lacks the
        tools, but never for that with CI=true.
        """
        if version not in (chosen := chosen_versions()):
            pytest.skip(f"Ghost {version} is not among the chosen ones ({', '.join(chosen)})")
        if version in self._failed:
            # One try is enough: an installation that fails takes a minute to do so.
            pytest.fail(self._failed[version], pytrace=False)
        if version not in self._running:
            self._running[version] = self._launch(version)
        ghost = self._running[version]
        ghost.start()  # a test may have stopped it
        return ghost

    def _launch(self, version: str) -> RealGhost:
        if (lacks := missing_tools()) and not UNDER_CI:
            pytest.skip(f"needs a real Ghost {version}: {'; '.join(lacks)}")
        try:
            return self._stack.enter_context(launch(version, self._folder(version)))
        except RealGhostError as error:
            self._failed[version] = str(error)
            pytest.fail(str(error), pytrace=False)

    def close(self) -> None:
        self._stack.close()
