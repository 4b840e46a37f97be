import datetime as dt
import unicodedata
from itertools import islice

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ghostsync.content.media_names import (
    MAX_NAME,
    candidates,
    family,
    kind_of,
    mime_of,
    name_before,
    sources,
    stored_name,
)
from ghostsync.model import MediaKind

NAMES = st.text(min_size=1, max_size=300) | st.from_regex(r"[\w .@_-]{0,9}(_o){0,3}\.[a-zA-Z0-9]{0,5}")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.png", MediaKind.IMAGES),
        ("A.JPEG", MediaKind.IMAGES),
        ("a.svg", MediaKind.IMAGES),
        ("a.mp4", MediaKind.MEDIA),
        ("a.m4a", MediaKind.MEDIA),
        ("a.avif", MediaKind.FILES),
        ("a.pdf", MediaKind.FILES),
        ("png", MediaKind.FILES),
    ],
)
def test_the_name_tells_the_endpoint(name, kind):
    assert kind_of(name) is kind


def test_the_announced_type_is_one_that_the_endpoint_takes():
    assert mime_of("a.JPG", MediaKind.IMAGES) == "image/jpeg"
    assert mime_of("only-sound.webm", MediaKind.MEDIA) == "video/webm"
    assert mime_of("a.pdf", MediaKind.FILES, other="application/pdf") == "application/pdf"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("photo.png", "photo.png"),
        ("Two  Words.PNG", "Two-Words.PNG"),
        ("Übersicht.png", "Ubersicht.png"),
        ("日本.png", "Ri-Ben.png"),
        ("u\u0308ber.png", "uber.png"),
        ("original_o.png", "original.png"),
        ("a_o_o.png", "a.png"),
        ("_o.png", "image.png"),
        ("😀.png", "image.png"),
        ("...png", "image.png"),
        ("dir/with\\name.png", "name.png"),
        ("a.tar.gz", "a.tar.gz"),
        ("noext", "noext"),
        ("half½.png", "half1-2.png"),
    ],
)
def test_names_become_plain(name, plain):
    assert stored_name(MediaKind.IMAGES, name) == plain


def test_an_o_at_the_end_is_an_original_among_pictures_only():
    assert stored_name(MediaKind.MEDIA, "video_o.mp4") == "video_o.mp4"


def test_a_name_that_is_cut_to_its_length_does_not_become_an_original():
    assert stored_name(MediaKind.IMAGES, "a" * 194 + "_o" + "b" * 50 + ".png") == "a" * 194 + ".png"


@given(st.sampled_from(list(MediaKind)), NAMES)
@example(MediaKind.IMAGES, "0:.0.")
def test_a_plain_name_is_one_that_ghost_does_not_change(kind, name):
    plain = stored_name(kind, name)
    assert stored_name(kind, plain) == plain
    assert plain.isascii()
    assert len(plain) <= MAX_NAME
    assert all(char.isalnum() or char in "_@.-" for char in plain)
    assert not plain.startswith(".")
    assert kind is not MediaKind.IMAGES or not plain.rpartition(".")[0].endswith("_o")


def test_numbered_names_are_of_one_family():
    assert len({family(name) for name in ("x.png", "x-1.png", "X-1-2.PNG")}) == 1
    assert len({family(name) for name in ("x.png", "x.jpg", "x-y.png", "x1.png")}) == 4


def test_candidates_are_numbered_before_the_suffix():
    day = dt.date(2026, 3, 9)
    assert list(islice(candidates(MediaKind.MEDIA, "My film.mp4", day), 3)) == [
        "content/media/2026/03/My-film.mp4",
        "content/media/2026/03/My-film-1.mp4",
        "content/media/2026/03/My-film-2.mp4",
    ]


def test_a_number_is_no_suffix_to_ghost():
    assert list(islice(candidates(MediaKind.FILES, "data.1", dt.date(2026, 3, 9)), 2)) == [
        "content/files/2026/03/data.1",
        "content/files/2026/03/data.1-1",
    ]


@pytest.mark.parametrize(
    "shown",
    [
        "https://a.example/content/images/2026/01/x.y.PNG",
        "https://a.example/content/images/size/w600/2026/01/x.y.PNG",
        "https://a.example/content/images/size/w600h300/format/webp/2026/01/x.y.PNG",
    ],
)
def test_a_picture_is_looked_for_in_full_and_as_it_was_sent(shown):
    place = "https://a.example/content/images/2026/01/x.y"
    assert sources(shown) == (f"{place}_o.PNG", f"{place}.PNG")


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/content/images/2026/01/x.svg",
        "https://a.example/content/images/2026/01/x.ico",
        "https://a.example/content/media/2026/01/x.mp4",
        "https://a.example/content/files/2026/01/x.png",
    ],
)
def test_what_ghost_stores_as_it_is_has_one_address(address):
    assert sources(address) == (address,)


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        ("Ubersicht-2.pdf", "Übersicht 2.pdf"),  # as ghostsync sends it
        ("Ubersicht-2-1.pdf", "Übersicht 2.pdf"),
        ("--bersicht-2.pdf", "Übersicht 2.pdf"),  # as Ghost's editor does
        ("big-photo.jpg", "big photo.jpg"),
        ("plan.pdf", "plan.pdf"),
        ("plan-3.pdf", "plan.pdf"),
        ("Ri-Ben-.mp4", "日本.mp4"),
        ("---.pdf", "日.pdf"),
    ],
)
def test_the_name_that_a_card_tells_is_believed_where_ghost_can_have_made_the_other_of_it(stored, told):
    assert name_before(MediaKind.FILES, stored, told) == told
    assert name_before(MediaKind.FILES, stored, unicodedata.normalize("NFD", told)) == told


@pytest.mark.parametrize(
    "told",
    [
        "",
        "other.pdf",
        "plan.exe",
        "plan",
        "../plan.pdf",
        "a/plan.pdf",
        "a\\plan.pdf",
        ".plan.pdf",
        "plan:x.pdf",
        "plan\n.pdf",
        "plan.pdf ",
        "plan.pdf.",
        "plan" + " " * 300 + ".pdf",
    ],
)
def test_another_name_than_that_is_not_believed(told):
    assert name_before(MediaKind.FILES, "plan.pdf", told) == "plan.pdf"


@given(st.sampled_from(list(MediaKind)), NAMES)
def test_a_name_comes_back_from_what_it_became_or_not_at_all(kind, name):
    stored = stored_name(kind, name)
    assert name_before(kind, stored, name) in {unicodedata.normalize("NFC", name), stored}
