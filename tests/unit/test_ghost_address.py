import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghostsync.errors import AddressWrong
from ghostsync.ghost.address import address_from_redirect, is_local, parse_address

API = "/ghost/api/admin/site/"


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://example.com", "https://example.com"),
        ("  https://example.com/ ", "https://example.com"),
        ("<https://example.com>", "https://example.com"),
        ("HTTPS://Example.COM/", "https://example.com"),
        ("https://example.com:443/", "https://example.com"),
        ("https://example.com:8443", "https://example.com:8443"),
        ("example.com", "https://example.com"),
        ("example.com/blog/", "https://example.com/blog"),
        ("//example.com", "https://example.com"),
        ("localhost:2368", "http://localhost:2368"),
        ("127.0.0.1:2368/ghost", "http://127.0.0.1:2368"),
        ("[::1]:2368", "http://[::1]:2368"),
        ("192.168.1.5", "http://192.168.1.5"),
        ("https://example.com/ghost", "https://example.com"),
        ("https://example.com/ghost/", "https://example.com"),
        ("https://example.com/ghost/#/settings/integrations", "https://example.com"),
        ("https://example.com/blog/ghost/api/admin/site/", "https://example.com/blog"),
        ("https://example.com/ghost/api/admin", "https://example.com"),
        ("https://example.com/ghost-town", "https://example.com/ghost-town"),
        ("https://example.com//blog//", "https://example.com/blog"),
        ("https://example.com/?utm_source=x#top", "https://example.com"),
        ("https://example.com/a%20b/", "https://example.com/a%20b"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example"),
    ],
)
def test_what_people_paste_becomes_the_base_of_the_api(typed, url):
    assert parse_address(typed).url == url


@pytest.mark.parametrize("typed", ["example.com", "https://example.com/ghost/", "https://example.com/?a=b"])
def test_what_was_put_right_is_said(typed):
    assert parse_address(typed).notes


def test_a_good_address_has_no_notes():
    assert parse_address("https://example.com/blog").notes == ()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "ftp://example.com",
        "file:///etc/passwd",
        "https://",
        "https:///blog",
        "https://exa mple.com",
        "https://example.com\\blog",
        "https://example.com:port",
        "https://example.com/../x",
        "https://xn--\u0000",
    ],
)
def test_what_is_no_address_is_refused_with_a_remedy(typed):
    with pytest.raises(AddressWrong) as caught:
        parse_address(typed)
    assert caught.value.remedy
    assert caught.value.sent is False


@pytest.mark.parametrize(
    "typed", ["https://me:hunter2@example.com", "me:hunter2@example.com/x", "http://hunter2@h"]
)
def test_a_password_in_the_address_is_refused_and_not_repeated(typed):
    with pytest.raises(AddressWrong) as caught:
        parse_address(typed)
    assert "hunter2" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_gives_an_address_that_stays_itself_or_the_one_typed_error(text):
    try:
        url = parse_address(text).url
    except AddressWrong:
        return
    assert parse_address(url).url == url
    assert not url.endswith("/")


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (f"https://example.com{API}", "https://example.com"),
        (f"https://www.example.com{API}", "https://www.example.com"),
        (f"https://example.com/blog{API}", "https://example.com/blog"),
        (API, "http://example.com"),
        ("https://example.com/", "https://example.com"),
        ("https://login.example.net/sign-in?next=x", "https://login.example.net"),
        ("mailto:me@example.com", ""),
        ("http://[", ""),
    ],
)
def test_a_redirect_names_the_address_to_configure(location, target):
    assert address_from_redirect(f"http://example.com{API}", location, API) == target


def test_public_names_are_not_local():
    assert not is_local("example.com")
    assert not is_local("8.8.8.8")
    assert is_local("[::1]")
