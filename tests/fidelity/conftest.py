"""A Ghost for each module of measurements, and their figures at the end of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fidelity_world import VERSION
from realghost import RealGhost
from realghost.park import GhostPark

_KEY = "fidelity"


@pytest.fixture(scope="module", params=[pytest.param(VERSION, id=VERSION, marks=pytest.mark.ghost)])
def own_ghost(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealGhost]:
    """A Ghost that no other module writes to: some of them fill it with hundreds of posts."""
    park = GhostPark(lambda version: tmp_path_factory.mktemp(f"fidelity-{version}-"))
    try:
        yield park.get(request.param)
    finally:
        park.close()


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Note a line for the report at the end."""
    return lambda line: record_property(_KEY, line)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for group in ("passed", "failed") for report in terminalreporter.getreports(group)]
    lines = [str(value) for report in reports for name, value in report.user_properties if name == _KEY]
    if lines:
        terminalreporter.section("fidelity")
        for line in lines:
            terminalreporter.write_line(line)
