"""One sandbox and one folder for all tests of a module; `begin` empties both."""

import pytest
from fault_world import sandbox_world


@pytest.fixture(scope="module")
def module_world():
    with sandbox_world() as world:
        yield world
