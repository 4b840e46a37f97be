"""routes.yaml and redirects.yaml are checked before Ghost sees them, with file and line."""

import pytest

from ghostsync.content.routing_check import check_redirects, check_routes
from ghostsync.sandbox.ghost import ROUTES

FULL = """\
routes:
  /about/: about
  /feed/:
    controller: channel
    filter: tag:news
  /team/:
    template: [team, page]
    data: page.team
  /data/:
    template: data
    data:
      posts:
        type: browse
        resource: posts
        limit: all
      topic:
        type: read
        resource: tags
        slug: topic
      short: author.jane
collections:
  /blog/:
    permalink: /blog/{year}/{slug}/
    data: tag.%s
taxonomies:
  tag: /topic/{slug}/
"""


@pytest.mark.parametrize("text", [ROUTES, FULL, "", "routes:\ncollections:\ntaxonomies:\n", "# nothing\n"])
def test_what_ghost_takes_is_fine(text):
    assert check_routes(text.encode(), "routes.yaml") == []


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("routes:\n  - x: [", 2, "not valid YAML"),
        ("- a\n", 1, "the file is not a mapping"),
        ("routes: x\n", 1, "routes is not a mapping"),
        ("routes:\n  about: about\n", 2, "does not begin and end with a slash"),
        ("routes:\n  /about/:\n", 2, "there is no template"),
        ("routes:\n  /about/:\n    rss: true\n", 2, "there is no template"),
        ("routes:\n  /a/: a\n  /a/: b\n", 3, "this key is there twice"),
        ("collections:\n  /:\n    permalink: nope\n", 3, "does not begin and end with a slash"),
        ("collections:\n  /:\n    template: index\n", 2, "there is no permalink"),
        ("collections:\n  /:\n    permalink:\n", 3, "there is no permalink"),
        ("collections:\n  /:\n    permalink: /:slug/\n", 3, "is written with a colon"),
        ("collections:\n  /:\n    permalink: /{slug}/\n    data: recipes\n", 4, "names no tag"),
        ("taxonomies:\n  topic: /topic/{slug}/\n", 2, "is no taxonomy"),
        ("taxonomies:\n  tag: topic\n", 2, "does not begin and end"),
        ("routes:\n  /a/:\n    template: a\n    data:\n      resource: tags\n", 5, "is no name for data"),
        (
            "routes:\n  /a/:\n    template: a\n    data:\n      x:\n        type: red\n        resource: tags\n",
            6,
            "type is 'red'",
        ),
        (
            "routes:\n  /a/:\n    template: a\n    data:\n      x:\n        type: read\n        resource: tags\n",
            5,
            "needs a slug",
        ),
        (
            "routes:\n  /a/:\n    template: a\n    data:\n      x:\n        type: browse\n",
            5,
            "there is no resource",
        ),
        ("colections:\n  /:\n    permalink: /{slug}/\n", 1, "means nothing to Ghost"),
    ],
)
def test_what_ghost_would_dislike_is_told_with_its_line(text, line, told):
    errors = check_routes(text.encode(), "routes.yaml")
    assert any(told in error.what and error.line == line for error in errors), errors
    assert all(error.subject == "routes.yaml" and error.remedy for error in errors)


@pytest.mark.parametrize(
    "text",
    [
        "301:\n  /old/: /new/\n302:\n  ^\\/x\\/([a-z0-9-]+)\\/$: /$1\n",
        "301: {}\n302: {}\n",
        "302:\n",
        '301:\n  "^/(?<slug>[a-z]+)/$": /x/$1\n',
    ],
)
def test_redirects_that_ghost_takes_are_fine(text):
    assert check_redirects(text.encode(), "redirects.yaml") == []


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("301:\n  x: [", 2, "not valid YAML"),
        ("", 1, "the file is empty"),
        ("[]", 1, "the file is not a mapping"),
        ("399:\n  /a: /b\n", 1, "is no kind of redirect"),
        ("301:\n  /a: 3\n", 2, "no address to redirect to"),
        ("301:\n  /a:\n", 2, "no address to redirect to"),
        ('301:\n  /b: /c\n  "(": /x\n', 3, "is no regular expression"),
        ("301:\n  /a: /b\n  /a: /c\n", 3, "twice"),
    ],
)
def test_redirects_that_ghost_would_dislike_are_told_with_their_line(text, line, told):
    errors = check_redirects(text.encode(), "redirects.yaml")
    assert any(told in error.what and error.line == line for error in errors), errors


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not valid JSON"),
        ("{}", "not a list"),
        ('[{"from": "/a"}]', "lacks from or to"),
        ('[{"from": "(", "to": "/a"}]', "is no regular expression"),
    ],
)
def test_redirects_in_json_are_checked_too(text, told):
    [error] = check_redirects(text.encode(), "redirects.json")
    assert told in error.what


def test_good_redirects_in_json_are_fine():
    assert check_redirects(b'[{"from": "/a", "to": "/b", "permanent": true}]', "redirects.json") == []


def test_bytes_that_are_no_text_are_told():
    for check in (check_routes, check_redirects):
        [error] = check(b"\xff\xfe", "x.yaml")
        assert "not UTF-8" in error.what
    assert "not UTF-8" in check_redirects(b"\xff", "x.json")[0].what
