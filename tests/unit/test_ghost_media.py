"""Uploads and downloads through bad weather, against the sandbox and against scripted servers."""

import asyncio
import hashlib
import io
import tracemalloc

import httpx
import pytest
import stamina
from ghost_fakes import SITE, URL, Script, answer, key, says

from ghostsync.config import AdminKey, HttpSection
from ghostsync.errors import (
    AnswerUnreadable,
    GhostError,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    RedirectRefused,
    Refused,
    Unavailable,
    Unreachable,
)
from ghostsync.ghost.landing import Landing
from ghostsync.ghost.media import GhostMedia
from ghostsync.ghost.multipart import Form, Part
from ghostsync.ghost.site import GhostSite
from ghostsync.model import MediaKind
from ghostsync.sandbox import Fault, SandboxGhost, When, serve

FILM = bytes(range(256)) * 4000  # a megabyte
SHA = hashlib.sha256(FILM).hexdigest()
PLACE = "/content/media/2026/05/film.mp4"


@pytest.fixture(autouse=True)
def _no_waiting():
    with stamina.set_testing(True, attempts=99, cap=True):
        yield


@pytest.fixture
def ghost():
    return SandboxGhost()


@pytest.fixture
async def media(ghost):
    async with (
        serve(ghost) as url,
        GhostSite(url, AdminKey.parse(ghost.admin_api_key, source="t"), HttpSection()) as site,
    ):
        await site.info()
        ghost.requests.clear()
        yield GhostMedia(site)


async def up(media, data=FILM, name="film.mp4", **more):
    kind = more.pop("kind", MediaKind.MEDIA)
    file = more.pop("file", None) or io.BytesIO(data)
    return await media.upload(kind, name, "video/mp4", file, len(data), ref=f"media/{name}", **more)


def stored(ghost):
    return list(ghost.store.files)


async def test_progress_counts_the_bytes_of_the_file_up_to_its_size(media):
    told = []
    await up(media, sent=told.append)
    assert told == sorted(told)
    assert told[-1] == len(FILM)


async def test_an_upload_that_breaks_off_in_the_middle_is_begun_again_and_leaves_one_file(media, ghost):
    ghost.faults.append(Fault(method="POST", path="upload", when=When.DURING, upto=300_000))
    told = []
    address = await up(media, sent=told.append)
    assert ghost.count("POST", "upload") == 2
    assert len(stored(ghost)) == 1
    assert address.endswith(stored(ghost)[0])
    assert told != sorted(told)


async def test_an_upload_that_breaks_each_time_says_how_far_it_came_and_names_the_file(ghost):
    async with (
        serve(ghost) as url,
        GhostSite(url, AdminKey.parse(ghost.admin_api_key, source="t"), HttpSection(retries=1)) as site,
    ):
        ghost.faults.append(Fault(method="POST", path="upload", when=When.DURING, upto=300_000, times=9))
        big = FILM * 20  # more than the buffers of a connection hold
        with pytest.raises(Unreachable) as broken:
            await up(GhostMedia(site), big)
    assert not broken.value.sent
    assert broken.value.subject == "media/film.mp4"
    assert "Ghost keeps nothing" in broken.value.what
    assert "client_max_body_size" in broken.value.remedy
    assert stored(ghost) == []


async def test_an_upload_whose_answer_is_lost_is_never_repeated(media, ghost):
    ghost.faults.append(Fault(method="POST", path="upload", when=When.AFTER))
    with pytest.raises(Unreachable) as lost:
        await up(media)
    assert lost.value.sent
    assert lost.value.subject == "media/film.mp4"
    assert ghost.count("POST", "upload") == 1
    assert len(stored(ghost)) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_an_error_that_may_come_after_the_file_was_kept_is_not_answered_by_a_second_one(
    media, ghost, status
):
    ghost.faults.append(Fault(status, "<html>", method="POST", path="upload", when=When.AFTER))
    with pytest.raises(GhostError) as failed:
        await up(media)
    assert failed.value.sent
    assert len(stored(ghost)) == 1


async def test_while_ghost_boots_an_upload_waits_and_goes_up_once(media, ghost):
    page = "We'll be right back. We're busy updating our site"
    ghost.faults.append(Fault(503, page, method="POST", path="upload", times=2))
    await up(media)
    assert ghost.count("POST", "upload") == 3
    assert len(stored(ghost)) == 1


async def test_a_proxy_that_finds_a_file_too_large_is_told_with_its_size(media, ghost):
    ghost.max_upload = 100_000
    with pytest.raises(InvalidRequest) as refused:
        await up(media)
    assert (refused.value.status, refused.value.sent) == (413, False)
    assert refused.value.subject == "media/film.mp4"
    assert "1.0 MB" in refused.value.what
    assert "client_max_body_size" in refused.value.remedy


@pytest.mark.parametrize("change", [-1, +1])
async def test_a_file_that_changes_its_size_meanwhile_never_arrives(media, ghost, change):
    now = FILM[:-1] if change < 0 else FILM + b"x"
    with pytest.raises(InvalidRequest, match="changed while it was sent") as changed:
        await up(media, file=io.BytesIO(now))
    assert not changed.value.sent
    assert stored(ghost) == []


async def test_what_the_file_itself_says_while_it_is_read_ends_the_upload(media, ghost):
    class Bad(io.BytesIO):
        def read(self, size=-1):
            if self.tell() > 100_000:
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(OSError, match="Input/output"):
        await up(media, file=Bad(FILM))
    assert stored(ghost) == []


async def test_cancelling_an_upload_leaves_no_file(media, ghost):
    began = asyncio.Event()
    task = asyncio.create_task(up(media, FILM * 40, sent=lambda _: began.set()))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await up(media, b"next", "next.mp4")
    assert len(stored(ghost)) == 1


def scripted(handler, **http):
    script = Script(handler)
    return script, GhostMedia(GhostSite(URL, key(), HttpSection(**http), transport=script.transport))


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, says("NoPermissionError", "No."), PermissionDenied),
        (501, says("NotImplementedError", "No."), PermissionDenied),
        (422, says("ValidationError", "No."), InvalidRequest),
        (403, "<html>firewall</html>", Refused),
    ],
)
async def test_refusals_of_an_upload_are_not_repeated(status, body, error):
    script, media = scripted(lambda _: answer(status, body))
    with pytest.raises(error) as refused:
        await up(media, b"x")
    assert len(script.requests) == 1
    assert not refused.value.sent


@pytest.mark.parametrize("body", [{}, {"media": []}, {"media": [{}]}, {"media": [{"url": "/content/x"}]}])
async def test_an_answer_without_an_address_is_unreadable_and_may_have_kept_the_file(body):
    _, media = scripted(lambda _: answer(201, body))
    with pytest.raises(AnswerUnreadable) as bad:
        await up(media, b"x")
    assert bad.value.sent


async def test_too_many_requests_are_waited_for():
    steps = [
        answer(429, says("TooManyRequestsError"), Retry_After="1"),
        answer(201, {"media": [{"url": f"{URL}/x"}]}),
    ]
    _, media = scripted(lambda _: steps.pop(0))
    assert await up(media, b"x") == f"{URL}/x"


async def test_only_namesakes_wait_for_each_other():
    arrived, began, release = [], asyncio.Event(), asyncio.Event()

    async def respond(request):
        if request.url.path.endswith("/site/"):
            return answer(200, {"site": SITE})
        name = (await request.aread()).split(b'filename="')[1].split(b'"')[0].decode()
        arrived.append(name)
        if name != "b.mp4":
            began.set()
            await release.wait()
        return answer(201, {"media": [{"url": f"{URL}/{name}"}]})

    media = GhostMedia(GhostSite(URL, key(), HttpSection(), transport=httpx.MockTransport(respond)))
    namesakes = [asyncio.create_task(up(media, b"x", name)) for name in ("a.mp4", "a-1.mp4", "A.mp4")]
    await began.wait()
    for _ in range(5):
        await up(media, b"x", "b.mp4")  # goes through while the others stand still
    assert arrived == ["a.mp4", *["b.mp4"] * 5]
    release.set()
    assert await asyncio.gather(*namesakes) == [f"{URL}/{name}" for name in ("a.mp4", "a-1.mp4", "A.mp4")]


# Down


async def fetch(media, ghost, data=FILM, **more):
    ghost.store.files[PLACE[1:]] = data
    into = io.BytesIO()
    found = await media.download(ghost.url + PLACE[1:], into, **more)
    return found, into.getvalue()


@pytest.mark.parametrize("upto", [0, 1, 70_000, len(FILM) - 1])
async def test_a_download_that_breaks_off_goes_on_from_there(media, ghost, upto):
    ghost.faults.append(Fault(method="GET", path=PLACE, when=When.DURING, upto=upto))
    found, data = await fetch(media, ghost)
    assert data == FILM
    assert (found.size, found.sha256) == (len(FILM), SHA)
    assert [seen.status for seen in ghost.requests if seen.path == PLACE] == [200, 206 if upto else 200]


async def test_a_file_that_is_exchanged_between_two_tries_arrives_in_its_new_form_alone(media, ghost):
    class Exchanged(io.BytesIO):
        def write(self, chunk):
            ghost.store.files[PLACE[1:]] = b"new" * 9
            return super().write(chunk)

    ghost.store.files[PLACE[1:]] = FILM
    ghost.faults.append(Fault(method="GET", path=PLACE, when=When.DURING, upto=70_000))
    into = Exchanged()
    found = await media.download(ghost.url + PLACE[1:], into)
    assert into.getvalue() == b"new" * 9
    assert found.sha256 == hashlib.sha256(b"new" * 9).hexdigest()


async def test_a_download_larger_than_allowed_is_refused_before_it_begins(media, ghost):
    told = []
    with pytest.raises(AnswerUnreadable, match="larger than"):
        await fetch(media, ghost, limit=1000, got=lambda *piece: told.append(piece))
    assert told == []


def file(data=b"film", status=200, headers=None):
    return httpx.Response(status, stream=httpx.ByteStream(data), headers=headers)


def serving(*responses):
    """A site whose static files answer in turn."""
    return (
        scripted(lambda _: left.pop(0) if len(left) > 1 else left[0])[1]
        if (left := list(responses))
        else None
    )


async def got(media, url=f"{URL}{PLACE}", **more):
    into = io.BytesIO()
    await media.download(url, into, **more)
    return into.getvalue()


async def test_the_key_is_never_sent_for_a_file_that_everybody_may_read():
    script, media = scripted(lambda _: file())
    assert await got(media) == b"film"
    assert await media.head(f"{URL}{PLACE}") is not None
    assert all("authorization" not in request.headers for request in script.requests)


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.org/content/images/x.png",
        "http://blog.example.com/content/images/x.png",
        "https://blog.example.com:8443/content/images/x.png",
        "https://key:secret@blog.example.com/content/images/x.png",
        "file:///etc/passwd",
        "https://[bad",
        "",
    ],
)
async def test_only_the_sites_own_files_are_fetched(url):
    script, media = scripted(lambda _: file(b"secret"))
    with pytest.raises(RedirectRefused):
        await got(media, url)
    with pytest.raises(RedirectRefused):
        await media.head(url)
    assert script.requests == []


async def test_a_redirect_to_another_host_is_refused_with_its_name():
    moved = httpx.Response(302, headers={"Location": "http://169.254.169.254/latest/"})
    with pytest.raises(RedirectRefused, match="not on the site's own host") as refused:
        await got(serving(moved, file(b"secret")))
    assert "169.254.169.254" in refused.value.subject


async def test_a_redirect_within_the_site_is_followed_but_not_for_ever():
    moved = httpx.Response(301, headers={"Location": "/content/media/new.mp4"})
    assert await got(serving(moved, file())) == b"film"
    with pytest.raises(RedirectRefused, match="in circles"):
        await got(serving(moved))


@pytest.mark.parametrize("status", [404, 410])
async def test_a_missing_file_is_not_found_whatever_page_says_so(status):
    media = serving(httpx.Response(status, text="<html>nothing here</html>"))
    with pytest.raises(NotFound):
        await got(media)
    assert await media.head(f"{URL}{PLACE}") is None


@pytest.mark.parametrize(
    ("status", "error"), [(401, Refused), (403, Refused), (500, GhostError), (503, Unavailable)]
)
async def test_other_answers_are_errors_and_never_taken_for_the_file(status, error):
    media = serving(httpx.Response(status, text="<html>"))
    with pytest.raises(error):
        await got(media)
    with pytest.raises(error):
        await media.head(f"{URL}{PLACE}")


async def test_a_part_that_was_not_asked_for_is_not_glued_to_what_is_there():
    wrong = file(b"cd", 206, {"Content-Range": "bytes 2-3/4", "ETag": '"1"'})
    with pytest.raises(AnswerUnreadable, match="another part"):
        await serving(wrong).download(f"{URL}{PLACE}", io.BytesIO(b"a"), have=1, validator='"1"')


async def test_a_packed_answer_is_unpacked_and_counted_as_the_file():
    import gzip

    packed = file(gzip.compress(b"<svg/>"), 200, {"Content-Encoding": "gzip"})
    assert await got(serving(packed)) == b"<svg/>"


async def test_the_https_address_of_an_http_site_is_its_own():
    script = Script(lambda _: file())
    site = GhostSite("http://blog.example.com", key(), HttpSection(), transport=script.transport)
    assert await got(GhostMedia(site), f"{URL}{PLACE}") == b"film"


@pytest.mark.parametrize("count", [1, 2, 5, 9])
async def test_a_lost_upload_is_found_with_few_questions(media, ghost, count):
    for number in range(count):
        await up(media, f"film {number:04}".encode())
    ghost.requests.clear()
    import datetime as dt

    day = dt.datetime.now(dt.UTC).date()
    sha = hashlib.sha256(f"film {count - 1:04}".encode()).hexdigest()
    found = await media.find(MediaKind.MEDIA, "film.mp4", size=9, sha256=sha, since=day, until=day)
    assert found == ghost.url + stored(ghost)[-1]
    assert len(ghost.requests) <= 12


async def test_a_lost_upload_that_is_not_there_is_none(media):
    import datetime as dt

    day = dt.date(2026, 1, 1)
    assert await media.find(MediaKind.MEDIA, "film.mp4", size=9, sha256=SHA, since=day, until=day) is None


class Endless(io.RawIOBase):
    """A file of so many bytes that takes no room."""

    def __init__(self, size):
        self.size, self.at = size, 0

    def read(self, size=-1):
        size = min(size, self.size - self.at)
        self.at += size
        return bytes(size)

    def seek(self, offset, whence=0):
        self.at = offset
        return offset


HUGE = 200_000_000


async def memory_of(work):
    tracemalloc.start()
    try:
        await work
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def test_memory_does_not_grow_with_the_file_that_goes_up():
    form = Form({"file": Part("film.mp4", "video/mp4", Endless(HUGE), HUGE)}, {"ref": "x"}, subject="x")

    async def consume():
        assert sum([len(chunk) async for chunk in form.chunks()]) == form.length

    assert await memory_of(consume()) < 5_000_000


async def test_memory_does_not_grow_with_the_file_that_comes_down():
    async def pieces():
        for _ in range(HUGE // 100_000):
            yield bytes(100_000)

    class Sink(io.BytesIO):
        def write(self, data):
            return len(data)

    response = httpx.Response(200, stream=Stream(pieces()), headers={"Content-Length": str(HUGE)})
    landing = Landing(Sink(), subject="x")
    assert await memory_of(landing.take(response)) < 5_000_000
    assert landing.have == HUGE


class Stream(httpx.AsyncByteStream):
    def __init__(self, pieces):
        self._pieces = pieces

    def __aiter__(self):
        return self._pieces
