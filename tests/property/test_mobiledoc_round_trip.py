"""Any mobiledoc is the same document after mobiledoc -> Lexical -> mobiledoc."""

from __future__ import annotations

import json
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from ghostsync.content.mobiledoc import lexical_to_mobiledoc, mobiledoc_to_lexical
from ghostsync.content.mobiledoc.document import Atom, CardSection, ListSection, TextSection, parse, render

SAME = {"b": "strong", "i": "em", "del": "s"}
TEXT = st.text(alphabet="ab *_`<&\\\n é\U0001f600", max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from(
    [
        *("hr", "code", "codeblock", "image", "html", "markdown", "card-markdown", "embed", "callout"),
        *("bookmark", "paragraph", "list", "text", "mobiledoc-card", "new-card"),
    ]
)
KEYS = st.sampled_from(
    ["src", "type", "version", "embedType", "children", "cardName", "markdown", "html", "x"]
)
CARDS = st.tuples(NAMES, st.dictionaries(KEYS, JSON, max_size=4)).map(list)
MARKUPS = st.one_of(
    st.sampled_from(["strong", "b", "em", "i", "s", "del", "u", "code", "sub", "sup", "mark", "kbd"]).map(
        lambda tag: [tag]
    ),
    st.lists(
        st.tuples(st.sampled_from(["href", "rel", "title", "target", "id"]), TEXT.filter(bool)),
        max_size=3,
        unique_by=lambda pair: pair[0],
    ).map(lambda pairs: ["a", [part for pair in pairs for part in pair]]),
)
ATOMS = st.one_of(
    st.just(["soft-return", "", {}]), st.tuples(st.sampled_from(["at", "soft-return"]), TEXT, JSON).map(list)
)
TABLE = 5


def markers(kind):
    content = TEXT if kind == 0 else st.integers(0, TABLE - 1)
    return st.tuples(
        st.just(kind), st.lists(st.integers(0, TABLE - 1), max_size=3), st.integers(0, 3), content
    ).map(list)


LINES = st.lists(markers(0) | markers(0) | markers(1), max_size=6)
SECTIONS = st.one_of(
    st.tuples(
        st.just(1), st.sampled_from(["p", "p", "h1", "h6", "blockquote", "aside", "pull-quote", "div"]), LINES
    ),
    st.tuples(
        st.just(1),
        st.just("p"),
        LINES,
        st.sampled_from(
            [["data-md-text-align", "center"], ["data-x", "y"], ["data-md-text-align", "right", "k", "v"]]
        ),
    ),
    st.tuples(st.just(3), st.sampled_from(["ul", "ol", "dl"]), st.lists(LINES, max_size=3)),
    st.tuples(st.just(2), TEXT.filter(bool)),
    st.tuples(st.just(10), st.integers(0, TABLE - 1)),
).map(list)


@st.composite
def documents(draw):
    document = {
        "version": "0.3.2",
        "markups": draw(st.lists(MARKUPS, min_size=TABLE, max_size=TABLE)),
        "atoms": draw(st.lists(ATOMS, min_size=TABLE, max_size=TABLE)),
        "cards": draw(st.lists(CARDS, min_size=TABLE, max_size=TABLE)),
        "sections": draw(st.lists(SECTIONS, max_size=5)),
    }
    if draw(st.booleans()):
        document["ghostVersion"] = "4.0"
    return json.dumps(document)


def said_inline(line):
    """A line as what a reader sees: each stretch with its set of elements and the links it is in.

    Which empty stretches there are, in which order elements lie in each other, and whether a line break is bold
    cannot be seen.
    """
    pieces = []
    for run in line:
        if run.content == "":
            continue
        elements, links = set(), []
        for span in run.spans:
            if span.markup.tag == "a":
                links.append(span)
            else:
                elements.add((SAME.get(span.markup.tag, span.markup.tag), span.markup.attributes))
        content = run.content
        if isinstance(content, Atom):
            if content.name == "soft-return" and not content.value and not content.payload:
                content, elements = "<br>", set()
            else:
                content = json.dumps([content.name, content.value, content.payload])
        pieces.append((isinstance(run.content, Atom), content, frozenset(elements), tuple(links)))
    numbers = {}  # which pieces share a link, whatever the object
    result = []
    for (is_atom, elements, links), group in groupby(pieces, lambda piece: (piece[0], piece[2], piece[3])):
        path = [
            (numbers.setdefault(link, len(numbers)), {"href": "", **dict(link.markup.attributes)})
            for link in links
        ]
        contents = [piece[1] for piece in group]
        result.append((contents if is_atom else "".join(contents), elements, path))
    return result


def said_card(card):
    payload = card.payload
    if isinstance(payload, dict):
        payload = {key: value for key, value in payload.items() if value not in ("", None)}
        if card.name == "bookmark" and payload.get("type") == "bookmark":
            del payload["type"]
        if card.name == "hr":
            payload = {}
    return card.name, payload


def said(text):
    document = parse(text)
    sections = []
    for section in document.sections:
        match section:
            case TextSection(tag, line, attributes):
                sections.append((tag, dict(attributes), said_inline(line)))
            case ListSection(tag, items, attributes):
                sections.append((tag, dict(attributes), [said_inline(item) for item in items]))
            case CardSection():
                sections.append(said_card(section))
            case _:
                sections.append(section)
    if sections and sections[-1] == ("p", {}, []):
        sections.pop()  # the paragraph the editor keeps at the end
    return sections


@settings(deadline=None)  # a busy machine is no defect
@given(documents())
def test_a_document_written_anew_says_the_same(text):
    held = mobiledoc_to_lexical(text)
    assert said(lexical_to_mobiledoc({"root": held["root"]}, major=1000)) == said(text)


@settings(deadline=None)  # a busy machine is no defect
@given(documents())
def test_an_unchanged_document_goes_home_exact(text):
    held = mobiledoc_to_lexical(text)
    again = json.loads(lexical_to_mobiledoc(held, old=held, major=2))
    exact = json.loads(render(parse(text)))
    assert again == {**exact, "version": again["version"]}


@settings(deadline=None)  # a busy machine is no defect
@given(documents())
def test_reading_twice_gives_the_same(text):
    once = mobiledoc_to_lexical(text)["root"]
    assert mobiledoc_to_lexical(lexical_to_mobiledoc({"root": once}, major=1000))["root"] == once
