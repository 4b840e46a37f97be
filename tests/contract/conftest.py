"""One suite, several Ghosts: each test of this folder runs on the sandbox and on every chosen real Ghost.

What the sandbox is asked here is what real Ghost is asked, so a green suite means that the two agree.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from contract_world import SANDBOX, World, worlds
from realghost.park import GhostPark

from ghostsync.config import AdminKey, HttpSection
from ghostsync.ghost.site import GhostSite
from ghostsync.sandbox import ManualClock, SandboxGhost, serve


@pytest.fixture(params=worlds())
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == SANDBOX:
        clock = ManualClock()
        ghost = SandboxGhost(clock=clock)
        async with serve(ghost) as url:
            facts = ("6.65.0", url, ghost.admin_api_key, "/ghost/api/admin/", "/admin/")
            async for made in _open(SANDBOX, *facts, lambda: clock.advance(1)):
                yield made
        return
    park: GhostPark = request.getfixturevalue("ghost_park")
    real = park.get(request.param)
    facts = (real.version, real.url, real.key, real.recipe.api, real.recipe.audience)
    # The server's clock is the machine's; nothing else makes a second pass.
    async for made in _open(real.version, *facts, lambda: time.sleep(0.1)):
        yield made


async def _open(
    name: str, version: str, url: str, key: str, api: str, audience: str, pass_a_second: Callable[[], None]
) -> AsyncIterator[World]:
    async with (
        GhostSite(url, AdminKey.parse(key, source="test"), HttpSection()) as site,
        httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, verify=False) as http,  # noqa: S501  # plain http
    ):
        yield World(
            name=name,
            version=version,
            url=url,
            key=key,
            api_path=api,
            audience=audience,
            site=site,
            http=http,
            pass_a_second=pass_a_second,
        )
