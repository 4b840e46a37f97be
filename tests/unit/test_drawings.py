"""Whether two SVGs are the same drawing."""

import pytest

from ghostsync.content.drawings import same_drawing

DRAWN = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5"></rect><text>a &amp; b</text></svg>'


@pytest.mark.parametrize(
    "other",
    [
        DRAWN,
        b"<?xml version='1.0' encoding='utf-8'?>\n<!-- by hand -->\n" + DRAWN,
        DRAWN.replace(b"></rect>", b"/>"),
        DRAWN.replace(b'width="5" height="5"', b"height='5'   width='5'"),
        DRAWN.replace(b"&amp;", b"&#38;"),
        DRAWN.decode().encode("utf-16"),
    ],
)
def test_what_draws_nothing_makes_no_difference(other):
    assert same_drawing(DRAWN, other)
    assert same_drawing(other, DRAWN)


@pytest.mark.parametrize(
    "other",
    [
        DRAWN.replace(b'width="5"', b'width="6"'),
        DRAWN.replace(b"<text>", b"<text >c"),
        DRAWN.replace(b"<rect", b"<rect/><rect"),
        DRAWN.replace(b"<text>a &amp; b</text>", b""),
        DRAWN.replace(b' xmlns="http://www.w3.org/2000/svg"', b""),
        b"",
        b"no drawing",
        b"<svg",
        b'<svg xmlns="http://www.w3.org/2000/svg"><x:y/></svg>',
        b'<?xml version="1.0" encoding="no-such"?><svg/>',
        b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(
            b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 99 if n else b"&a;" * 99) for n in range(9)
        )
        + b"]><svg>&a8;</svg>",
    ],
)
def test_another_drawing_or_none_is_not_the_same(other):
    assert not same_drawing(DRAWN, other)
    assert not same_drawing(other, DRAWN)
