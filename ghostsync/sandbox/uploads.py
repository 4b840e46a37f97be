"""images/, media/ and files/upload: a form in, a public address out. Bytes stay in memory."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Any

from ghostsync.sandbox import pictures
from ghostsync.sandbox.clock import iso
from ghostsync.sandbox.forms import Part
from ghostsync.sandbox.problems import ApiError, unsupported_media
from ghostsync.sandbox.store import Store

# core/shared/config/overrides.json, "uploads": an extension and a type are each looked up in a list of their own.
_IMAGES = frozenset([".jpg", ".jpeg", ".gif", ".png", ".svg", ".svgz", ".ico", ".webp"])
_IMAGE_TYPES = frozenset({"jpeg", "png", "gif", "svg+xml", "x-icon", "vnd.microsoft.icon", "webp"})
_MEDIA = frozenset([".mp4", ".webm", ".ogv", ".mp3", ".wav", ".ogg", ".m4a"])
_MEDIA_TYPES = frozenset(
    [
        "video/mp4",
        "video/webm",
        "video/ogg",
        "audio/mpeg",
        "audio/vnd.wav",
        "audio/wave",
        "audio/wav",
        "audio/x-wav",
        "audio/ogg",
        "application/ogg",
        "audio/mp4",
        "audio/x-m4a",
    ]
)
_FILES = frozenset(
    [
        ".7z",
        ".aac",
        ".ai",
        ".aif",
        ".aiff",
        ".apkg",
        ".arw",
        ".avif",
        ".avi",
        ".blend",
        ".bmp",
        ".bz2",
        ".cr2",
        ".cr3",
        ".css",
        ".csv",
        ".deb",
        ".dng",
        ".doc",
        ".docx",
        ".eot",
        ".epub",
        ".eps",
        ".fb2",
        ".fbx",
        ".flac",
        ".geojson",
        ".gif",
        ".glb",
        ".gltf",
        ".gpx",
        ".gz",
        ".heic",
        ".heif",
        ".html",
        ".ics",
        ".ipynb",
        ".jpeg",
        ".jpg",
        ".js",
        ".json",
        ".jsonld",
        ".key",
        ".kml",
        ".m4a",
        ".m4v",
        ".md",
        ".mid",
        ".midi",
        ".mkv",
        ".mobi",
        ".mov",
        ".mp3",
        ".mp4",
        ".nef",
        ".np3",
        ".numbers",
        ".obj",
        ".odp",
        ".ods",
        ".odt",
        ".ogv",
        ".opus",
        ".orf",
        ".otf",
        ".pages",
        ".paprikarecipes",
        ".pdf",
        ".png",
        ".ppt",
        ".pptx",
        ".psd",
        ".py",
        ".raf",
        ".rar",
        ".rpm",
        ".rtf",
        ".rw2",
        ".skp",
        ".stl",
        ".svg",
        ".tar",
        ".tgz",
        ".tif",
        ".tiff",
        ".toml",
        ".tsv",
        ".ttf",
        ".txt",
        ".vcf",
        ".wav",
        ".webm",
        ".webp",
        ".woff",
        ".woff2",
        ".xcf",
        ".xls",
        ".xlsb",
        ".xlsm",
        ".xlsx",
        ".xml",
        ".yaml",
        ".zip",
    ]
)
_MISSING = {"images": "an image", "media": "a media file", "files": "a file"}
_NOT_FILE = "The file type you uploaded is not supported. You can zip your file and upload it as a .zip."

EXPECTED = {
    "images": frozenset({"file"}),
    "media": frozenset({"file", "thumbnail"}),
    "files": frozenset({"file"}),
}
"""Under which names each endpoint takes files."""


def receive(store: Store, url: str, resource: str, form: list[Part]) -> dict[str, Any]:
    """Keep the file of a form and answer as Ghost does; raises ApiError for what Ghost refuses."""
    file = next((part for part in form if part.name == "file" and part.filename), None)
    thumbnail = next((part for part in form if part.name == "thumbnail" and part.filename), None)
    if file is None:
        raise ApiError(422, "ValidationError", f"Please select {_MISSING[resource]}.")
    _check(resource, file)
    if thumbnail is not None and not _is_image(thumbnail):
        raise unsupported_media("Please select a valid thumbnail.")
    ref = next((part.data.decode("utf-8", "replace") for part in form if part.name == "ref"), None)
    answer: dict[str, Any] = {"ref": ref or None}
    if resource == "media":
        answer["thumbnail_url"] = None
        if thumbnail is not None:
            name = f"{PurePosixPath(file.filename).stem}_thumb{_suffix(thumbnail.filename).lower()}"
            answer["thumbnail_url"] = url + _keep(store, resource, name, thumbnail.data)
    place = (
        _keep_image(store, file) if resource == "images" else _keep(store, resource, file.filename, file.data)
    )
    return {resource: [{"url": url + place, **answer}]}


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix


def _is_image(part: Part) -> bool:
    kind, _, subtype = part.mime.partition("/")
    return _suffix(part.filename).lower() in _IMAGES and kind == "image" and subtype in _IMAGE_TYPES


def _check(resource: str, file: Part) -> None:
    suffix = _suffix(file.filename).lower()
    if resource == "images" and not _is_image(file):
        raise unsupported_media("Please select a valid image.")
    if resource == "media" and not (suffix in _MEDIA and file.mime in _MEDIA_TYPES):
        raise unsupported_media("Please select a valid media file.")
    if resource == "files" and suffix not in _FILES:
        raise unsupported_media(_NOT_FILE)


def _keep_image(store: Store, file: Part) -> str:
    name = re.sub(r"_o(\.\w+)$", r"\1", file.filename)
    suffix = _suffix(file.filename).lower()
    if suffix == ".svg":
        clean = pictures.cleaned(file.data)
        if clean is None:
            raise unsupported_media("Please select a valid SVG image")
        return _keep(store, "images", name, clean)
    if suffix in {".ico", ".svgz"}:
        return _keep(store, "images", name, file.data)
    small = pictures.optimised(file.data)
    if small is None:
        raise ApiError(
            400,
            "BadRequestError",
            "Request not understood error, cannot upload image.",
            context="Image processing failed Unable to manipulate image.",
            help="Please verify that the image is valid",
        )
    place = _keep(store, "images", name, small)
    pure = PurePosixPath(place)
    _keep(store, "images", f"{pure.stem}_o{pure.suffix}", file.data)
    return place


def _keep(store: Store, resource: str, name: str, data: bytes) -> str:
    """Store under the first free name, as ghost-storage-base finds it."""
    suffix = _suffix(name)
    stem = name.removesuffix(suffix)
    if re.fullmatch(r"\.\d+", suffix):
        stem, suffix = name, ""
    stem = re.sub(r"[^\w@.]", "-", stem, flags=re.ASCII)
    today = iso(store.clock())
    base = f"content/{resource}/{today[:4]}/{today[5:7]}/"
    path, count = f"{base}{stem}{suffix}", 0
    while path in store.files:
        count += 1
        path = f"{base}{stem}-{count}{suffix}"
    if len(PurePosixPath(path).name) > 255:
        raise ApiError(
            400, "BadRequestError", "Request not understood error, cannot upload image.", code="ENAMETOOLONG"
        )
    store.files[path] = data
    return path
