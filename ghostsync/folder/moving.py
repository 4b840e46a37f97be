"""Width, height and duration of MP4 (ISO 14496-12) and WebM (Matroska) films: a few numbers from their heads.

Libraries that tell these come with all of FFmpeg; those that are small know sound only. Reads what it needs and
skips the rest, however large; any ValueError means that the file is not what it says.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_MOST_BOXES = 100_000


@dataclass(frozen=True, slots=True)
class Moving:
    """0 for what is unknown. duration: seconds."""

    width: int = 0
    height: int = 0
    duration: float = 0.0


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    data = file.read(size)
    if len(data) != size:
        raise ValueError("the file ends too early")
    return data


def _size(file: BinaryIO) -> int:
    return file.seek(0, os.SEEK_END)


# MP4: boxes in boxes, each with its size and a name of four letters


def _boxes(file: BinaryIO, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its content begins, where it ends)."""
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        size, name = struct.unpack(">I4s", _read(file, at, 8))
        head = 8
        if size == 1:
            (size,) = struct.unpack(">Q", _read(file, at + 8, 8))
            head = 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end:
            raise ValueError("a box is larger than what it lies in")
        yield name, at + head, at + size
        at += size


def read_mp4(file: BinaryIO) -> Moving:
    for name, start, stop in _boxes(file, 0, _size(file)):
        if name == b"moov":
            return _movie(file, start, stop)
    return Moving()


def _movie(file: BinaryIO, at: int, end: int) -> Moving:
    width = height = 0
    duration = 0.0
    for name, start, stop in _boxes(file, at, end):
        if name == b"mvhd":
            duration = _movie_header(_read(file, start, min(200, stop - start)))
        elif name == b"trak" and not width:
            for inner, first, last in _boxes(file, start, stop):
                if inner == b"tkhd" and last - first < 200:
                    width, height = _track_header(_read(file, first, last - first))
    return Moving(width, height, duration)


def _movie_header(data: bytes) -> float:
    scale, length = (
        struct.unpack_from(">IQ", data, 20) if data[0] == 1 else struct.unpack_from(">II", data, 12)
    )
    unknown = (1 << 64) - 1 if data[0] == 1 else (1 << 32) - 1
    return length / scale if scale and length != unknown else 0.0


def _track_header(data: bytes) -> tuple[int, int]:
    *matrix, width, height = struct.unpack(">9i2I", data[-44:])  # the last fields of either version
    width, height = width >> 16, height >> 16  # fixed point
    turned = matrix[0] == 0 and matrix[4] == 0  # by a quarter, as phones note it
    return (height, width) if turned else (width, height)


# WebM: elements in elements, each with an id and a size of one to eight bytes

_SEGMENT, _INFO, _TRACKS, _TRACK, _VIDEO, _CLUSTER = (
    0x18538067,
    0x1549A966,
    0x1654AE6B,
    0xAE,
    0xE0,
    0x1F43B675,
)
_SCALE, _DURATION = 0x2AD7B1, 0x4489
_WIDTH, _HEIGHT = 0xB0, 0xBA


def _number(file: BinaryIO, at: int, *, marked: bool) -> tuple[int, int]:
    """(a number of variable length, how many bytes it has). marked: with its leading marker, as ids are written."""
    first = _read(file, at, 1)[0]
    length = 9 - first.bit_length()
    if length > 8:
        raise ValueError("no number of this format")
    value = int.from_bytes(_read(file, at, length), "big")
    return (value if marked else value & ((1 << 7 * length) - 1)), length


def _elements(file: BinaryIO, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(id, where its content begins, where it ends)."""
    for _ in range(_MOST_BOXES):
        if at + 2 > end:
            return
        id, id_length = _number(file, at, marked=True)
        size, length = _number(file, at + id_length, marked=False)
        start = at + id_length + length
        unknown = size == (1 << 7 * length) - 1  # a live recording: up to the end
        stop = end if unknown else start + size
        if stop > end:
            raise ValueError("an element is larger than what it lies in")
        yield id, start, stop
        at = stop


def _whole(file: BinaryIO, start: int, stop: int) -> int:
    return int.from_bytes(_read(file, start, min(stop - start, 8)), "big")


def read_webm(file: BinaryIO) -> Moving:
    width = height = 0
    duration = 0.0
    for outer, segment, segment_end in _elements(file, 0, _size(file)):
        if outer != _SEGMENT:
            continue
        for id, start, stop in _elements(file, segment, segment_end):
            if id == _INFO:
                duration = _play_time(file, start, stop)
            elif id == _TRACKS and not width:
                width, height = _plane(file, start, stop)
            elif id == _CLUSTER:  # from here on there is only the film itself
                break
        break
    return Moving(width, height, duration)


def _play_time(file: BinaryIO, at: int, end: int) -> float:
    scale, length = 1_000_000, 0.0  # nanoseconds
    for id, start, stop in _elements(file, at, end):
        if id == _SCALE:
            scale = _whole(file, start, stop)
        elif id == _DURATION:
            (length,) = struct.unpack(">d" if stop - start == 8 else ">f", _read(file, start, stop - start))
    return length * scale / 1e9


def _plane(file: BinaryIO, at: int, end: int) -> tuple[int, int]:
    for track, start, stop in _elements(file, at, end):
        if track != _TRACK:
            continue
        for id, first, last in _elements(file, start, stop):
            if id == _VIDEO:
                found = {inner: (one, two) for inner, one, two in _elements(file, first, last)}
                if _WIDTH in found and _HEIGHT in found:
                    return _whole(file, *found[_WIDTH]), _whole(file, *found[_HEIGHT])
    return 0, 0
