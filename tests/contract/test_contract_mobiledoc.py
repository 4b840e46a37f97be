"""Mobiledoc: the only body before Ghost 5, one of two in Ghost 5, converted at the door by Ghost 6."""

from __future__ import annotations

import json

import pytest
from contract_world import lexical, on_ghost, paragraph

from ghostsync.errors import InvalidRequest
from ghostsync.model import Kind


def markdown_card(source):
    shell = {"version": "0.3.1", "markups": [], "atoms": [], "sections": [[10, 0]]}
    return json.dumps({**shell, "cards": [["markdown", {"markdown": source}]]})


async def stored(world, post):
    """(mobiledoc, lexical) as Ghost has them now."""
    again = await world.site.get(Kind.POST, post.id)
    assert again is not None
    return again.data.get("mobiledoc"), again.data.get("lexical")


async def html(world, post):
    (row,) = await world.rows(f"posts/?filter=id:{post.id}&formats=html")
    return row["html"] or ""


async def test_a_mobiledoc_post_is_kept_before_ghost_6_and_converted_by_it(world):
    post = await world.post(mobiledoc=markdown_card("one *two*"))
    mobiledoc, body = await stored(world, post)
    if world.major >= 6:
        assert mobiledoc is None
        assert [n["type"] for n in json.loads(body)["root"]["children"]] == ["markdown"]
        assert json.loads(body)["root"]["children"][0]["markdown"] == "one *two*"
    else:
        assert json.loads(mobiledoc)["cards"] == [["markdown", {"markdown": "one *two*"}]]
        assert not body
    assert "<em>two</em>" in await html(world, post)


async def test_a_newline_in_a_markdown_card_is_a_line_break(world):
    post = await world.post(mobiledoc=markdown_card("one\ntwo"))
    assert "<br" in await html(world, post)


@on_ghost(6)
async def test_paragraphs_headings_and_lists_of_a_mobiledoc_become_nodes_in_ghost_6(world):
    document = {
        "version": "0.3.1",
        "markups": [["strong"], ["a", ["href", "/x/"]]],
        "atoms": [["soft-return", "", {}]],
        "cards": [["hr", {}], ["code", {"code": "x", "language": "py"}]],
        "sections": [
            [1, "p", [[0, [0], 1, "bold"], [0, [], 0, " and "], [0, [1], 1, "link"], [1, [], 0, 0]]],
            [10, 0],
            [10, 1],
            [1, "h2", [[0, [], 0, "Head"]]],
            [3, "ul", [[[0, [], 0, "one"]], [[0, [], 0, "two"]]]],
        ],
    }
    post = await world.post(mobiledoc=json.dumps(document))
    nodes = json.loads(post.data["lexical"])["root"]["children"]
    assert [n["type"] for n in nodes] == ["paragraph", "horizontalrule", "codeblock", "heading", "list"]
    first = nodes[0]["children"]
    assert [n["type"] for n in first] == ["text", "text", "link", "linebreak"]
    assert (first[0]["format"], first[2]["url"]) == (1, f"{world.url}/x/")
    assert [item["value"] for item in nodes[4]["children"]] == [1, 2]


async def test_a_mobiledoc_that_is_no_json_is_refused(world):
    answer = await world.raw("POST", "posts/", {"posts": [{"title": world.unique(), "mobiledoc": "nope"}]})
    assert answer.status_code == (422 if world.major > 2 else 500)


@on_ghost(5, 6)
async def test_a_body_in_both_formats_is_refused(world):
    both = {"mobiledoc": markdown_card("x"), "lexical": lexical(paragraph("x"))}
    answer = await world.raw("POST", "posts/", {"posts": [{"title": world.unique(), **both}]})
    assert answer.status_code == 422


async def test_a_body_is_changed_in_the_format_it_is_stored_in(world):
    post = await world.old_post(**world.body("before"))
    await world.site.update(Kind.POST, post.id, world.body("after"), updated_at=post.updated_at)
    assert "after" in await html(world, post)


@on_ghost(5)
async def test_lexical_for_a_mobiledoc_post_is_ignored_by_ghost_5_and_the_client_says_so(world):
    post = await world.old_post(mobiledoc=markdown_card("old"))
    with pytest.raises(InvalidRequest, match="ignored"):
        await world.site.update(
            Kind.POST, post.id, {"lexical": lexical(paragraph("new"))}, updated_at=post.updated_at
        )
    assert "old" in await html(world, post)


@on_ghost(5)
async def test_lexical_with_a_null_mobiledoc_wipes_a_mobiledoc_post_on_ghost_5_and_is_never_sent(world):
    post = await world.old_post(mobiledoc=markdown_card("old"))
    wiping = {"lexical": lexical(paragraph("new")), "mobiledoc": None}
    with pytest.raises(InvalidRequest):
        await world.site.update(Kind.POST, post.id, wiping, updated_at=post.updated_at)
    assert "old" in await html(world, post)
    await world.raw("PUT", f"posts/{post.id}/", {"posts": [{**wiping, "updated_at": post.updated_at}]})
    assert await html(world, post) == ""


@on_ghost(5)
async def test_a_mobiledoc_post_is_converted_by_ghost_5_on_request_and_takes_lexical_then(world):
    post = await world.old_post(mobiledoc=markdown_card("old"))
    body = {"posts": [{"updated_at": post.updated_at}]}
    converted = await world.raw("PUT", f"posts/{post.id}/?convert_to_lexical=true", body)
    assert converted.status_code == 200
    post = await world.settled(post)
    assert post.data["mobiledoc"] is None
    await world.site.update(
        Kind.POST, post.id, {"lexical": lexical(paragraph("new"))}, updated_at=post.updated_at
    )
    assert "new" in await html(world, post)


@on_ghost(5)
async def test_mobiledoc_for_a_lexical_post_is_ignored_by_ghost_5(world):
    post = await world.old_post(lexical=lexical(paragraph("old")))
    body = {"posts": [{"updated_at": post.updated_at, "mobiledoc": markdown_card("new")}]}
    assert (await world.raw("PUT", f"posts/{post.id}/", body)).status_code == 200
    assert "old" in await html(world, post)
