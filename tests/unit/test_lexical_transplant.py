"""What was not changed goes home as Ghost had it."""

from __future__ import annotations

from ghostsync.content.lexical import children_of, nodes, root, same, transplant


def paragraph(text, **properties):
    return {**nodes.paragraph([nodes.text(text)]), **properties}


def test_unchanged_nodes_keep_their_exact_json():
    old = root(
        [
            paragraph("a", direction="ltr"),
            {**nodes.horizontal_rule(), "visibility": None},
            paragraph("c", direction="ltr"),
        ]
    )
    new = root([paragraph("a"), paragraph("b"), paragraph("c")])
    sent = children_of(transplant(new, old))
    assert sent[0] is children_of(old)[0]
    assert sent[1] == paragraph("b")
    assert sent[2] is children_of(old)[2]


def test_the_result_means_what_the_new_document_means():
    old = root([paragraph("a"), paragraph("b"), nodes.paragraph([])])
    new = root([paragraph("b"), paragraph("a"), paragraph("c")])
    assert same(transplant(new, old), new)


def test_the_editors_blank_paragraph_at_the_end_stays():
    old = root([paragraph("a"), nodes.paragraph([])])
    sent = children_of(transplant(root([paragraph("b")]), old))
    assert [len(node["children"]) for node in sent] == [1, 0]


def test_the_roots_own_properties_stay():
    old = root([paragraph("a")], custom={"key": 1})
    assert transplant(root([paragraph("b")]), old)["root"]["custom"] == {"key": 1}


def test_addresses_of_the_site_do_not_make_a_block_new():
    old = root([nodes.paragraph([nodes.link("https://b.example/x", [nodes.text("x")], rel="")])])
    new = root([nodes.paragraph([nodes.link("/x", [nodes.text("x")])])])
    assert transplant(new, old, site_url="https://b.example/") == old
