"""Bodies: HTML in, Lexical kept, addresses made absolute, revisions. Mobiledoc has a file of its own."""

from __future__ import annotations

import json

import pytest
from contract_world import lexical, on_ghost, only, paragraph

from ghostsync.model import Kind


async def test_html_without_source_html_is_silently_ignored(world):
    row = only(await world.create(html="<p>Lost</p>", query="?formats=html"))
    if world.major > 2:  # Ghost 2 gives no html with a write
        assert "Lost" not in (row["html"] or "")


async def test_html_with_source_html_is_converted(world):
    post = await world.post(html="<h2>Head</h2><p>One <strong>two</strong></p><ul><li>item</li></ul>")
    (row,) = await world.rows(f"posts/?filter=id:{post.id}&formats=html")
    for piece in ("Head</h2>", "<p>One <strong>two</strong></p>", "<li>item</li>"):
        assert piece in row["html"]


@on_ghost(5, 6)
async def test_lexical_is_stored_with_every_property_it_came_with(world):
    source = lexical(
        {**paragraph('é ☃ "quoted" <b>'), "custom": {"b": 1, "a": [1, None]}}, custom="on the root", version=7
    )
    post = await world.post(lexical=source)
    assert json.loads(post.data["lexical"]) == json.loads(source)


@on_ghost(6)
async def test_lexical_comes_back_spelled_without_spaces(world):
    spaced = json.dumps(json.loads(lexical(paragraph("x"))), indent=1)
    post = await world.post(lexical=spaced)
    assert post.data["lexical"] == lexical(paragraph("x"))


@on_ghost(6)
@pytest.mark.parametrize(
    "source",
    [
        "nope",
        "{}",
        lexical(),
        lexical({"type": "nonesuch", "version": 1}),
        '{"root":{"type":"root"}}',
        '{"root":{"children":[{"type":"paragraph","children":[]}]}}',
    ],
    ids=["no json", "no root", "no children", "unknown node", "children missing", "root without type"],
)
async def test_a_lexical_that_ghost_6_cannot_render_is_refused(world, source):
    answer = await world.create(lexical=source)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["property"] == "lexical"


@on_ghost(5, 6)
async def test_lexical_must_be_a_string(world):
    answer = await world.create(lexical={"root": {}})
    assert answer.status_code == 422


async def test_root_relative_addresses_come_back_absolute(world):
    fields = {"feature_image": "/content/images/a.png", "canonical_url": "/over/here/"}
    row = only(await world.create(**fields))
    assert row["feature_image"] == f"{world.url}/content/images/a.png"
    assert row["canonical_url"] == f"{world.url}/over/here/"


@on_ghost(6)
async def test_root_relative_addresses_in_a_body_come_back_absolute(world):
    source = lexical(
        {"type": "image", "version": 1, "src": "/content/images/a.png"},
        {"type": "html", "version": 1, "html": "<a href=\"/x/\">x</a> <a href='//host/'>y</a>"},
        {"type": "markdown", "version": 1, "markdown": "[a](/b/) `[a](/b/)`"},
        {"type": "codeblock", "version": 1, "code": '<a href="/x/">'},
    )
    row = only(await world.create(lexical=source))
    image, html, markdown, code = json.loads(row["lexical"])["root"]["children"]
    assert image["src"] == f"{world.url}/content/images/a.png"
    assert html["html"] == f"<a href=\"{world.url}/x/\">x</a> <a href='//host/'>y</a>"
    assert markdown["markdown"] == f"[a]({world.url}/b/) `[a](/b/)`"
    assert code["code"] == '<a href="/x/">'


@on_ghost(5, 6)
async def test_a_saved_revision_can_be_read_back(world):
    post = await world.old_post(lexical=lexical(paragraph("old")))
    await world.site.update(
        Kind.POST,
        post.id,
        {"lexical": lexical(paragraph("new"))},
        updated_at=post.updated_at,
        save_revision=True,
    )
    answer = await world.raw("GET", f"posts/{post.id}/?include=post_revisions")
    revisions = only(answer)["post_revisions"]
    assert {"old", "new"} <= {word for r in revisions for word in ("old", "new") if word in r["lexical"]}
