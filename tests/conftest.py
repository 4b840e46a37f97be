"""Real Ghosts as fixtures, and the order that keeps each of them on one worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from realghost import RealGhost
from realghost.park import GhostPark


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    # All tests of one Ghost must run on one worker, or each worker would start that Ghost anew.
    if getattr(config.option, "dist", "no") == "load":
        config.option.dist = "loadgroup"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for name in _FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.ghost)
            item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(scope="session")
def ghost_park(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GhostPark]:
    park = GhostPark(lambda version: tmp_path_factory.mktemp(f"ghost-{version}-"))
    try:
        yield park
    finally:
        park.close()


def _ghost_fixture(major: int):
    @pytest.fixture(scope="session", name=f"ghost{major}")
    def running(ghost_park: GhostPark) -> RealGhost:
        return ghost_park.newest_of(major)

    return running


_FIXTURES = frozenset({"ghost2", "ghost3", "ghost4", "ghost5", "ghost6"})

ghost6 = _ghost_fixture(6)
ghost5 = _ghost_fixture(5)
ghost4 = _ghost_fixture(4)
ghost3 = _ghost_fixture(3)
ghost2 = _ghost_fixture(2)
