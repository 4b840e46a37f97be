"""Every Ghost document, pulled, given one more paragraph and pushed: everything else is as it was."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest
from fidelity_corpus import EDITORS_ONLY, KNOWN, TO_COME, walk
from fidelity_html import FORMATS, shown
from fidelity_world import (
    Folder,
    add_posts,
    browser_trees,
    editor_nodes,
    editor_saves,
    posts_of,
    without_ghost_id,
)

from ghostsync.content.lexical import children_of, nodes, same
from ghostsync.content.markdown import read_markdown, write_markdown

_LINE_ENDS = "the file of a post that is one Markdown card is that card's text, in which a new line end is a wrapped line"
NOT_FROM_THE_FILE_ALONE = {"markdown in full": _LINE_ENDS}
"""Documents that a file without its ghost_id does not make anew, and why."""

EDITOR_TAKES_AWAY = (
    (r"alignment.*", "the editor takes alignment away"),
    (r".*(to come|new properties|new versions).*", "the editor drops properties that it does not know"),
    (r"zwnj|at-link", "the editor drops its own helpers"),
    (r"lists side by side", "the editor joins neighbouring lists of one kind"),
    (r"list around an own number", "the editor drops a check mark in a numbered list"),
    (r"image with captions of all kinds|toggle with more", "the editor drops HTML that it has no format for"),
    (r"html with the old visibility", "the editor fills in the new form of visibility"),
    (r"(bookmark|embed|gallery|signup) with .*", "the editor fills in what the API had left out"),
)
"""Cases (whole names) whose meaning the editor itself changes when it saves, and what it does."""

MORE = "One more paragraph of the author's."
SLUGS = {name: re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") for name in KNOWN}


@pytest.mark.parametrize("name", [*KNOWN, *TO_COME])
def test_a_ghost_document_comes_back_from_markdown_the_same(name):
    document = nodes.root({**KNOWN, **TO_COME}[name])
    text = write_markdown(document)
    assert same(read_markdown(text), document), text
    assert write_markdown(read_markdown(text)) == text


def _without_blank_end(children):
    blank = children and children[-1]["type"] == "paragraph" and not children[-1]["children"]
    return children[:-1] if blank else children


@pytest.fixture(scope="module")
def went_round(own_ghost, tmp_path_factory):
    """The corpus in Ghost, pulled and pushed back with one more paragraph: (before, pulled files, after)."""
    add_posts(own_ghost, {SLUGS[name]: nodes.root(children) for name, children in KNOWN.items()})
    before = posts_of(own_ghost)
    folder = Folder(own_ghost, tmp_path_factory.mktemp("pulled"))
    ran = folder("pull")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    pulled = {slug: data.decode() for slug, data in folder.files().items()}
    for slug, source in pulled.items():
        folder.post(slug).write_text(f"{source}\n{MORE}\n", encoding="utf-8", newline="")
    ran = folder("push")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return before, pulled, posts_of(own_ghost)


@pytest.mark.slow
def test_one_more_paragraph_leaves_everything_else_in_ghost_to_the_letter(went_round, figure):
    before, _, after = went_round
    changed = {}
    for name, slug in SLUGS.items():
        old, new = (_without_blank_end(children_of(posts[slug]["lexical"])) for posts in (before, after))
        if len(old) == 1 and old[0].keys() == {
            "type",
            "version",
            "markdown",
        }:  # such a post is its card's text
            expected = [
                {**old[0], "markdown": f"{old[0].get('markdown', '').rstrip()}\n\n{MORE}".lstrip("\n")}
            ]
            if [{**node, "markdown": node.get("markdown", "").rstrip("\n")} for node in new] != expected:
                changed[name] = new
        elif new[:-1] != old or MORE not in json.dumps(new[-1]):
            changed[name] = new
    figure(f"Lexical corpus unchanged: {len(KNOWN) - len(changed)} of {len(KNOWN)}")
    assert not changed


@pytest.mark.slow
def test_the_file_alone_makes_the_same_post_and_the_same_page_anew(own_ghost, went_round, tmp_path, figure):
    before, pulled, _ = went_round
    folder = Folder(own_ghost, tmp_path / "copies")
    for slug, source in pulled.items():
        copy = re.sub(
            r"^slug: .*$", f"slug: copy-{slug}", without_ghost_id(source), count=1, flags=re.MULTILINE
        )
        folder.post(f"copy-{slug}").write_text(copy, encoding="utf-8", newline="")
    ran = folder("push")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    copies = posts_of(own_ghost)
    pairs = {name: (before[slug], copies[f"copy-{slug}"]) for name, slug in SLUGS.items()}
    trees = browser_trees([post["html"] or "" for pair in pairs.values() for post in pair])
    pages = [
        shown(tree, forgiving=[FORMATS]) for tree in trees
    ]  # captions nest their formats in another order
    other = {
        name: (old["html"], new["html"])
        for (name, (old, new)), page, its_copy in zip(pairs.items(), pages[::2], pages[1::2], strict=True)
        if not same(new["lexical"], old["lexical"]) or page != its_copy
    }
    right = len(KNOWN) - len(other)
    figure(f"Lexical corpus made anew from the files alone, document and page: {right} of {len(KNOWN)}")
    for name in other:
        figure(f"    {name}: {NOT_FROM_THE_FILE_ALONE.get(name, 'NOT EXPLAINED')}")
    assert other.keys() == NOT_FROM_THE_FILE_ALONE.keys(), other


@pytest.mark.slow
@pytest.mark.ghost
def test_the_corpus_leaves_out_no_node_and_no_property_that_ghost_knows(own_ghost):
    known = editor_nodes()
    everything = list(walk([node for children in KNOWN.values() for node in children]))
    for type, defaults in known.items():
        if type in EDITORS_ONLY:
            continue
        cases = [node for node in everything if node["type"] == type]
        assert cases, type
        for key, default in defaults.items():
            values = [
                value
                for node in cases
                for value in (node.get(key, default), node.get("metadata", {}).get(key, default))
            ]
            assert any(value != default for value in values), (type, key)


@pytest.mark.slow
@pytest.mark.ghost
def test_what_the_editor_saves_is_what_the_canonical_form_takes_for_the_same(own_ghost, figure):
    """Opening and saving is no edit, but for what the editor itself takes away."""
    named = {name: nodes.root(children) for name, children in KNOWN.items()}
    saved = editor_saves([json.dumps(document) for document in named.values()])
    edited = [
        name
        for (name, document), text in zip(named.items(), saved, strict=True)
        if not same(json.loads(text), document)
    ]
    causes = Counter(_what_the_editor_does(name) for name in edited)
    figure(f"Lexical corpus the same after the editor's save: {len(KNOWN) - len(edited)} of {len(KNOWN)}")
    for cause, count in causes.most_common():
        figure(f"    {count:3} {cause or 'NOT EXPLAINED'}")
    assert [name for name in edited if not _what_the_editor_does(name)] == []


def _what_the_editor_does(name):
    return next((cause for names, cause in EDITOR_TAKES_AWAY if re.fullmatch(names, name)), "")
