"""routes and redirects come as files with a name; a page that something in front of Ghost shows is none."""

import httpx
import pytest
from ghost_fakes import Script, answer, key

from ghostsync.config import HttpSection
from ghostsync.errors import AnswerUnreadable
from ghostsync.ghost.routing import REDIRECTS, read_routing
from ghostsync.ghost.site import GhostSite


def site(response):
    script = Script(lambda _: response)
    return GhostSite("https://blog.example.com", key(), HttpSection(retries=0), transport=script.transport)


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
async def test_the_name_tells_the_form_whatever_the_type_says(suffix):
    response = httpx.Response(
        200,
        text="301: {}",
        headers={
            "Content-Type": "text/html",
            "Content-Disposition": f'Attachment; filename="redirects{suffix}"',
        },
    )
    async with site(response) as ghost:
        assert await read_routing(ghost, REDIRECTS) == (b"301: {}", suffix)


async def test_a_page_without_a_name_is_not_taken_for_the_sites_redirects():
    async with site(answer(200, "<h1>Sign in</h1>")) as ghost:
        with pytest.raises(AnswerUnreadable, match="not the site's redirects"):
            await read_routing(ghost, REDIRECTS)
