"""Pictures, media and files: what goes up, what is refused, what comes down again."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import io
import struct
import zlib

import httpx
import pytest
from contract_world import SANDBOX, on_ghost

from ghostsync.content.media_names import TYPES, candidates, kind_of, mime_of, sources, stored_name
from ghostsync.errors import InvalidRequest, NotFound
from ghostsync.ghost.media import GhostMedia
from ghostsync.ghost.multipart import Part
from ghostsync.model import MediaKind
from ghostsync.sandbox import ManualClock

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="5" height="5"></rect></svg>'


def png(text: str = "") -> bytes:
    """A small picture; text makes it another file, of a part that Ghost 5 and 6 throw away."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    note = chunk(b"tEXt", b"Comment\0" + text.encode() * 20) if text else b""
    pixels = zlib.compress(b"\0\1\2\3")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + note + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.fixture
async def media(world):
    await world.site.info()
    return GhostMedia(world.site)


async def up(media, name, data, kind=None, mime=None):
    kind = kind or kind_of(name)
    return await media.upload(
        kind, name, mime or mime_of(name, kind), io.BytesIO(data), len(data), ref=f"media/{name}"
    )


async def down(media, url):
    into = io.BytesIO()
    told = await media.download(url, into)
    assert told.sha256 == hashlib.sha256(into.getvalue()).hexdigest()
    assert told.size == len(into.getvalue())
    return into.getvalue()


def now(world):
    """Ghost names months in its own zone, which is the machine's."""
    if world.name == SANDBOX:
        return dt.datetime.fromtimestamp(ManualClock().now, dt.UTC)
    return dt.datetime.now(dt.UTC).astimezone()


def today(world):
    return now(world).astimezone(dt.UTC).date()


def place(world, kind, name):
    """Where Ghost must put a file of this name that it has none of yet."""
    return f"{world.url}/{next(candidates(kind, name, now(world).date()))}"


@pytest.mark.parametrize(
    "name",
    [
        "{}.png",
        "{} two words ü 日本.png",
        "{}.UPPER.PNG",
        "{}.with.dots.png",
        "{}'quotes\"&(1)+%20#?.png",
        "{}_original_o.png",
        "{}-" + "long" * 60 + ".png",
        "{} trailing .png",
        "{}@2x_😀.png",
    ],
)
async def test_the_address_of_a_new_picture_is_known_before_it_is_sent(world, media, name):
    name = name.format(world.unique("p"))
    address = await up(media, name, png())
    assert address == place(world, MediaKind.IMAGES, name)
    assert address.rsplit("/", 1)[1] == stored_name(MediaKind.IMAGES, name)


async def test_the_same_name_again_gets_the_next_number(world, media):
    name = f"{world.unique('twin')}.png"
    found = [await up(media, name, png()) for _ in range(3)]
    stem = found[0].removesuffix(".png")
    assert found[1:] == [f"{stem}-1.png", f"{stem}-2.png"]


async def test_namesakes_that_go_up_at_the_same_time_do_not_overwrite_each_other(world, media):
    name = world.unique("same")
    files = [(f"{name}{'-1' if number % 3 == 0 else ''}.png", png(f"{number}" * 9)) for number in range(9)]
    addresses = await asyncio.gather(*(up(media, *file) for file in files))
    assert len(set(addresses)) == len(files)
    for address, (_, data) in zip(addresses, files, strict=True):
        assert await down(media, await media.original(address)) == data


@on_ghost(5, 6)
@pytest.mark.parametrize("suffix", sorted(TYPES[MediaKind.MEDIA]))
async def test_media_are_stored_to_the_byte_under_their_name(world, media, suffix):
    name = f"{world.unique('clip')} ä{suffix}"
    address = await up(media, name, b"never looked at")
    assert address == place(world, MediaKind.MEDIA, name)
    assert await down(media, address) == b"never looked at"


@on_ghost(5, 6)
@pytest.mark.parametrize(
    "suffix", [".pdf", ".txt", ".zip", ".avif", ".heic", ".mov", ".svg", ".tar.gz", ".html"]
)
async def test_other_kinds_are_files_and_stored_to_the_byte(world, media, suffix):
    name = f"{world.unique('file')}{suffix}"
    address = await up(media, name, b"<svg>" + b"0123456789" * 200, MediaKind.FILES)
    assert address == place(world, MediaKind.FILES, name)
    assert await down(media, address) == b"<svg>" + b"0123456789" * 200


@on_ghost(5, 6)
async def test_a_picture_comes_back_as_it_was_sent_though_ghost_shows_a_smaller_one(world, media):
    data = png("metadata")
    address = await up(media, f"{world.unique('big')}.png", data)
    assert await down(media, address) != data
    assert await down(media, await media.original(address)) == data
    resized = address.replace("/content/images/", "/content/images/size/w600/")
    assert await down(media, await media.original(resized)) == data


@on_ghost(2, 3, 4)
async def test_a_ghost_without_an_image_library_keeps_what_was_sent_and_nothing_else(world, media):
    data = png("metadata")
    address = await up(media, f"{world.unique('kept')}.png", data)
    assert await media.original(address) == address
    assert await down(media, address) == data


@on_ghost(5, 6)
async def test_an_svg_is_cleaned_and_a_clean_one_stays_as_it_is(world, media):
    clean = await up(media, f"{world.unique('clean')}.svg", SVG)
    assert sources(clean) == (clean,)
    assert await down(media, clean) == SVG
    wild = b'<?xml version="1.0"?><!-- x -->' + SVG.replace(
        b"<rect", b'<script>alert(1)</script><rect onclick="x()"'
    )
    assert await down(media, await up(media, f"{world.unique('wild')}.svg", wild)) == SVG
    with pytest.raises(InvalidRequest) as refused:
        await up(media, "act.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    assert refused.value.status == 415


@on_ghost(5, 6)
async def test_a_video_brings_its_thumbnail_along(world, media):
    name = world.unique("film")
    thumbnail = Part("any.png", "image/png", io.BytesIO(png()), len(png()))
    address, shown = await media.upload_with_thumbnail(
        f"{name}.mp4", "video/mp4", io.BytesIO(b"film"), 4, thumbnail=thumbnail, ref="film.mp4"
    )
    assert address.endswith(f"/{name}.mp4")
    assert shown.endswith(f"/{name}_thumb.png")
    assert await down(media, shown) == png()
    bad = Part("any.txt", "text/plain", io.BytesIO(b"x"), 1)
    with pytest.raises(InvalidRequest) as refused:
        await media.upload_with_thumbnail(
            f"{name}.mp4", "video/mp4", io.BytesIO(b"film"), 4, thumbnail=bad, ref="film.mp4"
        )
    assert refused.value.status == 415


@pytest.mark.parametrize(
    ("name", "mime"),
    [("photo.avif", "image/avif"), ("scan.bmp", "image/bmp"), ("p.png", "application/octet-stream")],
)
async def test_a_picture_that_ghost_does_not_take_is_refused_by_name(world, media, name, mime):
    with pytest.raises(InvalidRequest) as refused:
        await up(media, name, png(), MediaKind.IMAGES, mime)
    assert (refused.value.status, refused.value.subject, refused.value.sent) == (415, f"media/{name}", False)
    assert "png" in refused.value.remedy


@on_ghost(5, 6)
@pytest.mark.parametrize("data", [b"", b"no picture at all", png()[:40]])
async def test_bytes_that_are_no_picture_are_refused(world, media, data):
    with pytest.raises(InvalidRequest) as refused:
        await up(media, "broken.png", data)
    assert refused.value.status == 400
    assert "cannot read it as a picture" in refused.value.what


@on_ghost(5, 6)
async def test_other_media_are_refused(world, media):
    with pytest.raises(InvalidRequest) as refused:
        await up(media, "clip.mov", b"x", MediaKind.MEDIA, "video/quicktime")
    assert refused.value.status == 415
    assert "mp4" in refused.value.remedy


@on_ghost(6)
async def test_a_program_is_refused_as_a_file(world, media):
    with pytest.raises(InvalidRequest) as refused:
        await up(media, "setup.exe", b"MZ")
    assert refused.value.status == 415
    assert ".zip" in refused.value.remedy


@on_ghost(2, 3)
@pytest.mark.parametrize("name", ["clip.mp4", "paper.pdf"])
async def test_an_old_ghost_says_that_it_takes_no_media_and_files(world, media, name):
    with pytest.raises(InvalidRequest) as refused:
        await up(media, name, b"data")
    assert "too old" in refused.value.what
    assert refused.value.subject == f"media/{name}"


async def test_a_file_is_looked_at_without_its_bytes_and_a_missing_one_is_none(world, media):
    address = await up(media, f"{world.unique('seen')}.png", png())
    seen = await media.head(address)
    assert (seen.size, seen.mime) == (len(png()), "image/png")
    assert seen.validator
    for missing in ("images/2020/01/none.png", "media/2020/01/none.mp4", "files/2020/01/none.pdf"):
        assert await media.head(f"{world.url}/content/{missing}") is None
        with pytest.raises(NotFound):
            await media.download(f"{world.url}/content/{missing}", io.BytesIO())


@on_ghost(5, 6)
async def test_a_download_goes_on_where_it_broke_off(world, media):
    data = bytes(range(256)) * 40
    address = await up(media, f"{world.unique('long')}.mp4", data)
    seen = await media.head(address)
    into = io.BytesIO(data[:1000] + b"rubbish that came after")
    told = []
    whole = await media.download(
        address, into, have=1000, validator=seen.validator, got=lambda *piece: told.append(piece)
    )
    assert into.getvalue() == data
    assert whole.sha256 == hashlib.sha256(data).hexdigest()
    assert whole.validator == seen.validator
    assert told[0][0] > 1000
    assert told[-1] == (len(data), len(data))


@on_ghost(5, 6)
async def test_a_download_begins_again_when_the_file_is_another_or_was_whole(world, media):
    data = bytes(range(256)) * 40
    address = await up(media, f"{world.unique('long')}.mp4", data)
    seen = await media.head(address)
    for have, validator in ((1000, 'W/"of another"'), (len(data), seen.validator), (1000, "")):
        into = io.BytesIO(b"x" * have)
        if validator == seen.validator:
            into = io.BytesIO(data)
        await media.download(address, into, have=have, validator=validator)
        assert into.getvalue() == data


@on_ghost(4, 5, 6)
async def test_an_upload_whose_answer_was_lost_is_found_among_its_namesakes(world, media):
    name = f"{world.unique('lost')}.mp4"
    addresses = [await up(media, name, f"take {number}".encode()) for number in range(6)]
    day = today(world)
    for number, address in enumerate(addresses):
        data = f"take {number}".encode()
        sha = hashlib.sha256(data).hexdigest()
        found = await media.find(MediaKind.MEDIA, name, size=len(data), sha256=sha, since=day, until=day)
        assert found == address
    sha = hashlib.sha256(b"take 9").hexdigest()
    assert await media.find(MediaKind.MEDIA, name, size=6, sha256=sha, since=day, until=day) is None


async def test_a_lost_picture_is_found_by_what_was_sent(world, media):
    data = png("metadata")
    name = f"{world.unique('lost')}.png"
    address = await up(media, name, data)
    day, sha = today(world), hashlib.sha256(data).hexdigest()
    found = await media.find(MediaKind.IMAGES, name, size=len(data), sha256=sha, since=day, until=day)
    assert found == address


async def test_a_lost_drawing_is_found_though_ghost_writes_it_anew(world, media):
    """Other versions of it, smaller and larger ones, lie there under its name, and are not taken for it."""
    name = f"{world.unique('lost')}.svg"
    wild = (
        b"<?xml version='1.0'?>\n<!-- drawn by hand -->\n"
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='5' height='5'/></svg>"
    )
    versions = [
        wild.replace(b"<rect", b"<circle r='1'/><rect"),
        wild,
        wild.replace(b"<rect width='5' height='5'/>", b"<circle r='1'/>"),
    ]
    addresses = [await up(media, name, data) for data in versions]
    day = today(world)

    async def find(data):
        sha = hashlib.sha256(data).hexdigest()
        return await media.find(
            MediaKind.IMAGES, name, size=len(data), sha256=sha, since=day, until=day, drawing=data
        )

    assert [await find(data) for data in versions] == addresses
    assert await find(wild.replace(b"width='5'", b"width='6'")) is None
    assert await find(b"<svg") is None


async def test_a_form_that_breaks_off_leaves_no_file(world, media):
    name = f"{world.unique('cut')}.png"
    form = "XBOUND"
    head = f'--{form}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
    body = head.encode() + png()

    async def half():
        yield body
        raise ConnectionAbortedError

    with pytest.raises((ConnectionAbortedError, httpx.HTTPError)):
        await world.http.post(
            f"{world.api_path}images/upload/",
            content=half(),
            headers={
                "Authorization": f"Ghost {world.token()}",
                "Content-Type": f"multipart/form-data; boundary={form}",
                "Content-Length": str(len(body) + len(f"\r\n--{form}--\r\n")),
            },
        )
    # Ghost sees the end of the connection before it is asked for the next file.
    await up(media, f"{world.unique('next')}.png", png())
    assert await media.head(place(world, MediaKind.IMAGES, name)) is None
