"""Cards that lack what their files tell: an image without a size is the same as one with its file's size."""

import pytest

from ghostsync.content.linking import dressed

FACTS = {
    "/a.png": {"width": 40, "height": 30, "fileSize": 9},
    "/t.mp3": {"mimeType": "audio/mpeg", "duration": 12.5},
    "/r.pdf": {"fileName": "r.pdf", "fileSize": 77},
}


def facts(address):
    return FACTS.get(address, {})


def root(*children):
    return {"root": {"children": list(children), "type": "root", "version": 1}}


@pytest.mark.parametrize(
    ("node", "made"),
    [
        (
            {"type": "image", "src": "/a.png", "width": None},
            {"type": "image", "src": "/a.png", "width": 40, "height": 30},
        ),
        (
            {"type": "gallery", "images": [{"src": "/a.png"}, {"src": "/b.png"}]},
            {"type": "gallery", "images": [{"src": "/a.png", "width": 40, "height": 30}, {"src": "/b.png"}]},
        ),
        (
            {"type": "audio", "src": "/t.mp3", "duration": 0, "mimeType": ""},
            {"type": "audio", "src": "/t.mp3", "duration": 12.5, "mimeType": "audio/mpeg"},
        ),
        (
            {"type": "file", "src": "/r.pdf", "fileName": "own name", "fileSize": 0},
            {"type": "file", "src": "/r.pdf", "fileName": "own name", "fileSize": 77},
        ),
    ],
)
def test_a_card_gets_what_it_lacks_and_keeps_what_it_says(node, made):
    assert dressed(root(node), facts) == root(made)


@pytest.mark.parametrize(
    "node",
    [
        {"type": "image", "src": "/a.png", "width": 4, "height": 3},
        {"type": "image", "src": "/a.png", "width": 4},
        {"type": "image", "src": "/unknown.png"},
        {"type": "image", "src": None},
        {"type": "image"},
        {"type": "gallery", "images": None},
        {"type": "paragraph", "src": "/a.png"},
        "no node",
    ],
)
def test_what_says_its_size_or_is_not_known_stays_the_very_same(node):
    body = root(node)
    assert dressed(body, facts) is body


def test_a_body_without_children_stays():
    assert dressed({"root": {}}, facts) == {"root": {}}
