"""Real Ghosts as fixtures: `ghost6`, `ghost5`, `ghost4`, `ghost3`, `ghost2`; each runs on one worker only."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import amounts
import pytest
from hypothesis import HealthCheck, settings
from realghost import RealGhost
from realghost.park import GhostPark, chosen_versions

EXAMPLES = "GHOSTSYNC_EXAMPLES"
"""How many examples each property is tried with in a long run; see docs/fidelity.md."""

settings.register_profile("everyday", deadline=None)  # a busy machine is no defect
settings.register_profile(
    "long",
    max_examples=int(os.environ.get(EXAMPLES, "10000")),
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)
settings.load_profile("long" if EXAMPLES in os.environ else "everyday")

_IN_ID = re.compile(r"\[[^\]]*?\b(\d+\.\d+\.\d+)\b")
_LONGEST = ("tests/faults/", "tests/property/test_machine.py", "tests/system/")
_MEMORY = Path("/dev/shm")  # noqa: S108  # a place in memory, where the machine has one
_ENOUGH = 2 * 1024**3


def pytest_configure() -> None:
    """Temporary folders lie in memory, where there is room: what no test looks for there, a disk that keeps what was
    synced to it, is waited for thousands of times.
    """
    if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, in random order as before, so that no worker is left with it at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Many tests wait: for a Ghost, a time-out, the start of a process. One worker more than there are processors."""
    return (os.cpu_count() or 1) + 1 if config.option.numprocesses == "auto" else None


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell what the long runs have tried."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, ())]
    if figures := amounts.sums(reports):
        terminalreporter.section("what was tried")
        for name, count in figures.items():
            terminalreporter.line(f"{count:>8,} {name}")


@pytest.fixture(scope="session", autouse=True)
def _no_ci() -> Iterator[None]:
    """What ghostsync does in CI depends on the environment, and the suite may itself run in some CI. Tests of it set what
    they need.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name == "CI" or name.startswith(("CI_", "GITHUB_", "GITLAB_")):
                patch.delenv(name)
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep all tests of one Ghost on one worker, or each worker would start that Ghost anew.

    The version in a test's id tells: pytest-xdist's own groups (`xdist_group`) do not work with pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByGhost(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            version = _IN_ID.search(nodeid)
            return f"Ghost {version[1]}" if version else nodeid

    return ByGhost(config, log) if config.getoption("dist") == "load" else None


@pytest.fixture(scope="session")
def ghost_park(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GhostPark]:
    park = GhostPark(lambda version: tmp_path_factory.mktemp(f"ghost-{version}-"))
    try:
        yield park
    finally:
        park.close()


def _ghost_fixture(major: int):
    chosen = [version for version in chosen_versions() if version.startswith(f"{major}.")]
    reason = f"no Ghost {major} among the chosen ones ({', '.join(chosen_versions())})"
    skipped = pytest.param("", id=f"ghost{major}", marks=pytest.mark.skip(reason=reason))
    params = [pytest.param(version, id=version, marks=pytest.mark.ghost) for version in chosen]

    @pytest.fixture(scope="session", name=f"ghost{major}", params=params or [skipped])
    def running(request: pytest.FixtureRequest, ghost_park: GhostPark) -> RealGhost:
        return ghost_park.get(request.param)

    return running


ghost6 = _ghost_fixture(6)
ghost5 = _ghost_fixture(5)
ghost4 = _ghost_fixture(4)
ghost3 = _ghost_fixture(3)
ghost2 = _ghost_fixture(2)
