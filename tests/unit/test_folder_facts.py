import io
import math
import struct
import wave
import zlib
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ghostsync.folder.facts import facts_of, mime
from ghostsync.sync.model import MediaFacts


def facts(name, data):
    return facts_of(name, io.BytesIO(data))


def png(width=40, height=30):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IEND", b"")


def jpeg(width, height, turn=0):
    """The head of one. turn: EXIF's orientation."""
    exif = (
        b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HH", turn, 0) + b"\0\0\0\0"
    )
    app1 = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif if turn else b""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0"
    return b"\xff\xd8" + app1 + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + b"\xff\xd9"


def box(name, *content):
    data = b"".join(content)
    return struct.pack(">I4s", 8 + len(data), name) + data


def mp4(width=160, height=90, seconds=1.5, *, turned=False, version=0, before=b""):
    matrix = (
        (0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
        if turned
        else (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    )
    times = (
        struct.pack(">QQIQ", 0, 0, 1000, int(seconds * 1000))
        if version
        else struct.pack(">IIII", 0, 0, 1000, int(seconds * 1000))
    )
    mvhd = box(b"mvhd", bytes([version, 0, 0, 0]), times, bytes(80))
    plain = bytes([0, 0, 0, 3]) + bytes(36)
    sound = box(b"trak", box(b"tkhd", plain, struct.pack(">9iII", *matrix, 0, 0)))
    film = box(b"trak", box(b"tkhd", plain, struct.pack(">9iII", *matrix, width << 16, height << 16)))
    return before + box(b"ftyp", b"isom") + box(b"mdat", bytes(1000)) + box(b"moov", mvhd, sound, film)


def element(id, *content):
    data = b"".join(content)
    return bytes.fromhex(id) + bytes([0x10, *len(data).to_bytes(3, "big")]) + data


def webm(width=160, height=90, seconds=1.5, *, live=False):
    info = element(
        "1549A966",
        element("2AD7B1", (1_000_000).to_bytes(3, "big")),
        element("4489", struct.pack(">d", seconds * 1000)),
    )
    video = element("E0", element("B0", width.to_bytes(2, "big")), element("BA", height.to_bytes(2, "big")))
    tracks = element("1654AE6B", element("AE", element("D7", b"\x01")), element("AE", video))
    body = info + tracks + element("1F43B675", bytes(500))
    segment = (
        bytes.fromhex("18538067")
        + (b"\x01" + b"\xff" * 7 if live else bytes([0x10, *len(body).to_bytes(3, "big")]))
        + body
    )
    return element("1A45DFA3", b"") + segment


def wav(seconds):
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(bytes(int(8000 * seconds)))
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.png", png(40, 30), (40, 30, None)),
        ("A.PNG", png(40, 30), (40, 30, None)),
        ("misnamed.jpg", png(40, 30), (40, 30, None)),
        ("a.jpg", jpeg(40, 30), (40, 30, None)),
        ("turned.jpg", jpeg(40, 30, turn=6), (30, 40, None)),
        ("a.mp4", mp4(), (160, 90, 1.5)),
        ("long.mp4", mp4(version=1, seconds=5_000_000), (160, 90, 5_000_000.0)),
        ("phone.mov", mp4(turned=True), (90, 160, 1.5)),
        ("fragmented.mp4", mp4(seconds=0), (160, 90, None)),
        ("a.webm", webm(), (160, 90, 1.5)),
        ("live.webm", webm(live=True), (160, 90, 1.5)),
        ("a.wav", wav(0.25), (None, None, 0.25)),
        ("a.pdf", b"%PDF-1.7", (None, None, None)),
        ("a.ico", b"\0\0\1\0", (None, None, None)),
    ],
)
def test_size_and_duration_are_read_from_the_file(name, data, expected):
    found = facts(name, data)
    assert (found.width, found.height, found.duration) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<svg xmlns="http://www.w3.org/2000/svg" width="24" height="12">', (24, 12)),
        ('<svg xmlns="http://www.w3.org/2000/svg" width="2.5cm" height="1in">', (94, 96)),
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 12"><rect width="5" height="5"/>',
            (24, 12),
        ),
        ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0,0,24.4,12">', (24, 12)),
        ('<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="50" viewBox="-1 -1 24 12">', (24, 12)),
        (
            "<?xml version='1.0'?>\n<!-- " + "licence " * 400 + "-->\n<svg width='24px' height='12px'>",
            (24, 12),
        ),
        ("\ufeff<svg width='24' height='12'>", (24, 12)),
        ("<svg>", (None, None)),
        ("<svg width='-5' height='12'>", (None, None)),
        ("<svg width='24", (None, None)),
        ("not XML", (None, None)),
    ],
)
def test_the_size_of_a_drawing_is_the_one_of_its_own_element(head, expected):
    found = facts("a.svg", head.encode())
    assert (found.width, found.height) == expected


def test_entities_that_grow_without_end_are_not_unfolded():
    names = "abcdefghij"
    entities = f'<!ENTITY a "{"x" * 10}">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names)
    )
    bomb = f'<!DOCTYPE svg [{entities}]><svg width="&j;" height="1">&j;</svg>'
    assert facts("a.svg", bomb.encode()).width is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.JPG", "image/jpeg"),
        ("a.webm", "video/webm"),
        ("a.m4a", "audio/mp4"),
        ("a.avif", "image/avif"),
        ("a.pdf", "application/pdf"),
        ("a.txt", "text/plain"),
        ("a.tar.gz", "application/gzip"),
        ("noext", "application/octet-stream"),
        ("a.unheard-of", "application/octet-stream"),
    ],
)
def test_the_type_goes_by_the_name(name, expected):
    assert mime(name) == expected


NAMES = st.sampled_from(
    [
        "a.png",
        "a.jpg",
        "a.gif",
        "a.webp",
        "a.avif",
        "a.svg",
        "a.tif",
        "a.mp4",
        "a.webm",
        "a.mp3",
        "a.ogg",
        "a.m4a",
        "a.wav",
        "a.flac",
    ]
)
WHOLE = [
    png(),
    jpeg(40, 30, 6),
    mp4(),
    webm(),
    wav(0.1),
    b"GIF89a",
    b"RIFF\0\0\0\0WEBPVP8X",
    b"OggS",
    b"fLaC",
    b"ID3\4",
    b"II*\0",
]


@given(
    NAMES,
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=6)), max_size=6),
    st.integers(0, 2500),
)
@example("a.mp4", box(b"moov", struct.pack(">I4sQ", 1, b"mvhd", 1 << 63)), [], 2500)
@example("a.wav", wav(0.1), [(25, b"\0\x19")], 44)
@example("a.webm", b"\x1a\x45\xdf\xa3\x00", [], 2500)
def test_bytes_made_to_hurt_tell_nothing_and_raise_nothing(name, data, changes, length):
    data = bytearray(data)
    for at, piece in changes:
        data[at : at + len(piece)] = piece
    found = facts(name, bytes(data[:length]))
    assert found.mime == mime(name)
    for number in (found.width, found.height, found.duration):
        assert number is None or (number > 0 and math.isfinite(number))


def test_a_file_may_stand_anywhere():
    file = io.BytesIO(png())
    file.seek(9)
    assert facts_of("a.png", file) == MediaFacts("image/png", 40, 30)
