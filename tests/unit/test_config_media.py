"""The settings of [media]."""

import pytest

from ghostsync.config import parse_config
from ghostsync.errors import ConfigError


def media(text=""):
    return parse_config(f'[site]\nurl = "https://x.example"\n[media]\n{text}', source="test", env={}).media


def test_files_go_up_and_nothing_comes_down_unless_it_is_asked_for():
    assert (media().upload, media().pull, media().path) == (True, "link", "media/{name}")


@pytest.mark.parametrize(
    "path", ["media/{name}", "{name}", "assets/{kind}/{year}/{month}/{name}", "a b/{name}"]
)
def test_a_pattern_is_a_path_in_the_folder_that_ends_in_the_name(path):
    assert media(f'path = "{path}"').path == path


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("media", "ends in /{name}"),
        ("{name}/x", "ends in /{name}"),
        ("media/{slug}/{name}", "unknown placeholder {slug}"),
        ("/media/{name}", "inside the folder"),
        ("../{name}", "inside the folder"),
        (".hidden/{name}", "inside the folder"),
        ("media//{name}", "inside the folder"),
    ],
)
def test_any_other_pattern_is_refused_with_the_reason(path, told):
    with pytest.raises(ConfigError, match="path") as caught:
        media(f'path = "{path}"')
    assert told in str(caught.value)


def test_paths_in_documents_that_nobody_would_understand_are_refused():
    with pytest.raises(ConfigError, match="upload = true"):
        media('upload = false\npull = "download"')
