"""Whatever the folders are like: a file's links survive the way to Ghost and back, and edits on the way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ghostsync.content.linking import Book, Place, in_files, linked
from ghostsync.content.markdown import read_markdown, write_markdown

SITE = "https://blog.example.com/"

names = st.text("aB é(%#[]&'!.-_~+,;=:@ß日", min_size=1, max_size=8).map(lambda name: name.strip(" .") or "x")
paths = st.builds(
    lambda folders, name, suffix: "/".join([*folders, name + suffix]),
    st.lists(names, max_size=3),
    names,
    st.sampled_from([".md", ".markdown"]),
)
words = st.text("ab *_`[]()!<>\\&#\n", max_size=10)


@st.composite
def folders(draw):
    found = draw(st.lists(paths, min_size=1, max_size=8, unique_by=lambda path: path.casefold()))
    places = [
        Place(path, str(number), f"{SITE}{number}/", public=draw(st.booleans()) or number == 0)
        for number, path in enumerate(found)
    ]
    return Book(places, site_url=SITE), places


@st.composite
def links(draw, book, places, near):
    place = draw(st.sampled_from(places))
    way = book.way(place, near)
    fragment = draw(st.sampled_from(["", "#part", "#a-b"]))
    stem = place.path.rpartition("/")[2].rpartition(".")[0]
    wiki = f"[[{stem}]]" if not set(stem) & set("[]|#\\") else "x"
    return draw(
        st.sampled_from(
            [
                f"[text]({way}{fragment})",
                f"[text](./{way}{fragment})" if ":" not in way and not way.startswith(".") else "x",
                f"[text]({SITE}{place.id}/{fragment})",
                f'<a href="{way}">x</a>' if not set(way) & set("&'") else "x",
                wiki,
                f"\n\n[r{place.id}]: {way}\n\n",
            ]
        )
    )


@st.composite
def texts(draw, book, places, near):
    pieces = draw(st.lists(st.one_of(words, links(book, places, near), st.just("\n\n")), max_size=12))
    return "".join(pieces)


@settings(deadline=None)  # a busy machine is no defect
@given(st.data())
def test_every_document_can_be_linked_from_every_other_one(data):
    book, places = data.draw(folders())
    place, near = data.draw(st.sampled_from(places)), data.draw(st.sampled_from(places)).path
    made = linked(f"[a]({book.way(place, near)})", near, book)
    assert made.text == f"[a]({place.address})"


@settings(deadline=None)  # a busy machine is no defect
@given(st.data())
def test_a_body_that_comes_back_unchanged_is_the_file_to_the_byte(data):
    book, places = data.draw(folders())
    near = data.draw(st.sampled_from(places)).path
    text = data.draw(texts(book, places, near))
    made = linked(text, near, book)
    assert in_files(made.text, near, book, made) == text


@settings(deadline=None)  # a busy machine is no defect
@given(st.data())
def test_a_body_edited_in_ghost_reads_as_it_was_edited(data):
    """Lines come, go and move; what is written into the file leads to the very same addresses."""
    book, places = data.draw(folders())
    near = data.draw(st.sampled_from(places)).path
    made = linked(data.draw(texts(book, places, near)), near, book)
    lines = made.text.split("\n") + data.draw(texts(book, places, near)).split("\n")
    edited = "\n".join(data.draw(st.lists(st.sampled_from(lines), max_size=12)))
    edited = linked(edited, near, book, made.uses).text
    spelled = in_files(edited, near, book, made)
    assert linked(spelled, near, book, made.uses).text == edited


@settings(deadline=None)  # a busy machine is no defect
@given(st.data())
def test_a_document_written_anew_has_no_address_of_a_public_one_in_its_links(data):
    book, places = data.draw(folders())
    near = data.draw(st.sampled_from(places)).path
    public = [place for place in places if place.public]
    targets = data.draw(st.lists(st.sampled_from(public), min_size=1, max_size=4))
    body = write_markdown(read_markdown(" ".join(f"[text]({place.address})" for place in targets)))
    spelled = in_files(body, near, book)
    assert SITE not in spelled
    assert linked(spelled, near, book).text == body
