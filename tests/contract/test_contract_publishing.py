"""Themes, routes and redirects: which key may what, and how Ghost says no."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
from contract_world import SANDBOX, on_ghost
from themes import tiny_theme

from ghostsync.config import AdminKey, HttpSection
from ghostsync.content.theme_findings import findings
from ghostsync.errors import InvalidRequest, PermissionDenied
from ghostsync.folder.theme_files import theme_files
from ghostsync.ghost.routing import REDIRECTS, ROUTES, read_routing, write_routing
from ghostsync.ghost.site import GhostSite
from ghostsync.ghost.themes import ThemeRefused, activate_theme, list_themes, upload_theme
from ghostsync.sandbox import SandboxGhost

pytestmark = on_ghost(5, 6)


@pytest.fixture
async def staff(world, request) -> AsyncIterator[GhostSite]:
    """The same site, with the owner's staff access token."""
    if world.name == SANDBOX:
        token = SandboxGhost().staff_access_token
    else:
        token = request.getfixturevalue("ghost_park").get(world.version).staff_access_token()
    async with GhostSite(world.url, AdminKey.parse(token, source="test"), HttpSection()) as site:
        yield site


async def upload(site, root):
    files = theme_files(root)
    archive = io.BytesIO()
    return await upload_theme(site, files.name, archive, files.pack(archive))


async def test_an_integration_may_send_a_theme_and_make_it_active(world, tmp_path):
    theme = await upload(world.site, tiny_theme(tmp_path))
    assert (theme["name"], theme["package"]["version"], theme["active"]) == ("tiny", "1.2.0", False)
    try:
        assert (await activate_theme(world.site, "tiny"))["active"]
        again = await upload(world.site, tmp_path / "tiny")
        assert again["active"]
        assert findings(again.get("errors"), again.get("warnings"), lambda _: None).fatal == ()
    finally:
        await activate_theme(world.site, "source")


async def test_a_template_that_cannot_be_read_is_told_with_its_line(world, tmp_path):
    root = tiny_theme(tmp_path, post_hbs="<body>\n\n{{#post}}\n{{#if x}}\n{{content}}\n{{/post}}\n</body>\n")
    with pytest.raises(ThemeRefused) as refused:
        await upload(world.site, root)
    told = findings(refused.value.errors, refused.value.warnings, theme_files(root).read)
    [error] = told.fatal
    assert (error.subject, error.line) == ("post.hbs", 4)
    assert "Templates must contain valid Handlebars" in error.what
    assert "<" not in f"{error.what}{error.remedy}"


async def test_a_missing_template_is_told_by_its_name(world, tmp_path):
    root = tiny_theme(tmp_path)
    (root / "index.hbs").unlink()
    with pytest.raises(ThemeRefused) as refused:
        await upload(world.site, root)
    told = findings(refused.value.errors, refused.value.warnings, theme_files(root).read)
    assert "index.hbs" in {error.subject for error in told.fatal}


@pytest.mark.ghost
async def test_what_ghost_names_by_its_words_is_found_in_the_file(world, tmp_path):
    if world.name == SANDBOX:
        pytest.skip("the sandbox does not look into templates")
    text = "<html>{{ghost_head}}\n<body class='{{body_class}}'>\n{{> missing}}\n\n{{author.name}}\n{{ghost_foot}}</html>\n"
    root = tiny_theme(tmp_path, index_hbs=text)
    with pytest.raises(ThemeRefused) as refused:
        await upload(world.site, root)
    told = findings(refused.value.errors, refused.value.warnings, theme_files(root).read)
    lines = {(error.subject, error.line) for error in (*told.fatal, *told.errors)}
    assert {("index.hbs", 3), ("index.hbs", 5)} <= lines


async def test_only_staff_may_list_themes(world, staff):
    with pytest.raises(PermissionDenied, match="not list them") as refused:
        await list_themes(world.site)
    assert "staff access token" in refused.value.remedy.lower()
    assert "source" in {theme["name"] for theme in await list_themes(staff)}


async def test_a_theme_that_is_not_there_cannot_be_made_active(world):
    with pytest.raises(InvalidRequest, match="not found in the theme directory"):
        await activate_theme(world.site, "nosuch")


async def test_an_integration_may_read_the_routes_and_not_replace_them(world):
    data, suffix = await read_routing(world.site, ROUTES)
    assert b"collections:" in data
    assert suffix == ".yaml"
    with pytest.raises(PermissionDenied, match="may not replace the site's routes") as refused:
        await write_routing(world.site, ROUTES, data, ".yaml")
    assert "Staff access token" in refused.value.remedy
    assert (await read_routing(world.site, ROUTES))[0] == data


async def test_an_integration_may_do_nothing_with_redirects(world):
    with pytest.raises(PermissionDenied, match="may not read the site's redirects"):
        await read_routing(world.site, REDIRECTS)
    with pytest.raises(PermissionDenied, match="may not replace"):
        await write_routing(world.site, REDIRECTS, b"301: {}\n", ".yaml")


async def test_staff_may_replace_the_routes(world, staff):
    before, suffix = await read_routing(staff, ROUTES)
    wanted = before.replace(b"/tag/{slug}/", b"/topic/{slug}/")
    try:
        await write_routing(staff, ROUTES, wanted, suffix)
        assert b"/topic/{slug}/" in (await read_routing(staff, ROUTES))[0]
    finally:
        await write_routing(staff, ROUTES, before, suffix)


async def test_staff_may_replace_the_redirects(world, staff):
    before, suffix = await read_routing(staff, REDIRECTS)
    try:
        await write_routing(staff, REDIRECTS, b"301:\n  /old/: /new/\n", ".yaml")
        now, _ = await read_routing(staff, REDIRECTS)
        assert b"/old/" in now
        assert b"/new/" in now
    finally:
        await write_routing(staff, REDIRECTS, before, suffix)
