"""`GhostMedia`: pictures, media and files of one site, sent through its Admin API and fetched from where all read them.

Measured on 6.65.0, 5.130.6, 4.48.9 and, images alone, 3.42.9 and 2.38.3 (older Ghosts have no media/ and files/: 404):

- The answer is 201 with an absolute address; the same bytes sent twice are two files (x.png, x-1.png).
- images/ takes jpg, png, gif, webp (from 4 on), svg and ico, and wants the type that belongs to the extension: else 415
  "Please select a valid image." 5 and 6 answer 400 "Image processing failed" for bytes that are no such picture; older
  ones without sharp keep anything. They keep a picture rotated and without metadata where that makes it smaller, and
  what was sent as NAME_o.EXT beside it. **SVG is cleaned on 5 and 6** (scripts, comments, the XML declaration go,
  `<rect/>` becomes `<rect></rect>`), and nothing keeps what was sent; one with nothing left is a 415.
- media/ takes mp4, webm, ogv, mp3, wav, ogg and m4a (from 5 on), never looks inside, and stores to the byte. A second
  part `thumbnail` (a picture) is stored as NAME_thumb.EXT; a bad one refuses both. media/thumbnail/upload is closed to
  integrations (404).
- files/ takes anything on 4 and 5, a list of extensions on 6 (avif, heic, mov, pdf, zip ... but not exe, ico, vtt).
- **Two uploads of one name at the same time overwrite each other**: Ghost looks for a free name and takes it later. Of
  40 that went up four at a time, 30 were lost on 6 (on 5 some were a 500). So namesakes wait for each other here.
- Ghost itself has no limit of size; proxies have (413, with nginx from 1 MB on).
- A form that breaks off leaves no file on any of them. One that arrived whole while nobody waits for the answer is
  kept by 6 and 4 always and by 5 sometimes, under the next free name: `find` looks for it.
- `/content/...` serves ranges, If-Range and HEAD, with weak ETags made of size and date; a missing file is a 404 (on 2
  and 3, for media and files, behind a redirect). files/ on 6 announces avif as application/octet-stream.

Longer than other modules for what is told above.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import io
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import islice
from typing import BinaryIO
from weakref import WeakValueDictionary

import httpx

from ghostsync.content.drawings import same_drawing
from ghostsync.content.media_names import candidates, family, sources, stored_name
from ghostsync.errors import (
    AnswerUnreadable,
    GhostError,
    NotFound,
    RedirectRefused,
)
from ghostsync.ghost.answers import read_answer
from ghostsync.ghost.errors_map import clean
from ghostsync.ghost.landing import Landing
from ghostsync.ghost.media_errors import explained, refused
from ghostsync.ghost.multipart import Form, Part
from ghostsync.ghost.retry import attempts
from ghostsync.ghost.site import GhostSite
from ghostsync.model import Downloaded, MediaKind, RemoteFile
from ghostsync.sync.ports import Got

_HOPS = 3
_SAME_NAMES = 2000
_LOOK_BACK = 40
_GONE = frozenset({404, 410})


class GhostMedia:
    """Implements the port `Media` beside a GhostSite, whose connections and limits it shares."""

    def __init__(self, site: GhostSite) -> None:
        self._site = site
        self._client = site.client
        self._names: WeakValueDictionary[tuple[MediaKind, str], asyncio.Lock] = WeakValueDictionary()

    # Up

    async def upload(
        self,
        kind: MediaKind,
        name: str,
        mime: str,
        file: BinaryIO,
        size: int,
        *,
        ref: str,
        sent: Callable[[int], None] | None = None,
    ) -> str:
        """Send a file and give back its address. name: the local one; it is made plain as `stored_name` does. ref: the
        local path, for errors, which Ghost is told as well. sent: told of the bytes so far, which fall back to 0 when
        the upload begins again. Whoever gets an error with `sent` must look with `find` before the next try.
        """
        address, _ = await self._upload(kind, {"file": _part(kind, name, mime, file, size)}, ref, sent)
        return address

    async def upload_with_thumbnail(
        self,
        name: str,
        mime: str,
        file: BinaryIO,
        size: int,
        *,
        thumbnail: Part,
        ref: str,
        sent: Callable[[int], None] | None = None,
    ) -> tuple[str, str]:
        """As `upload` to media/; (address, address of the thumbnail)."""
        files = {"file": _part(MediaKind.MEDIA, name, mime, file, size), "thumbnail": thumbnail}
        address, row = await self._upload(MediaKind.MEDIA, files, ref, sent)
        return address, _address(row.get("thumbnail_url"), ref)

    async def _upload(
        self, kind: MediaKind, files: dict[str, Part], ref: str, sent: Callable[[int], None] | None
    ) -> tuple[str, Mapping[str, object]]:
        form = Form(files, {"ref": ref}, subject=ref, progress=sent)
        turn = self._names.setdefault((kind, family(files["file"].name)), asyncio.Lock())
        try:
            async with turn:
                answer = await self._client.upload(f"{kind}/upload/", form, subject=ref)
        except GhostError as error:
            told = explained(error, kind, ref, form)
            if told is error:
                raise
            raise told from error
        rows = answer.json.get(kind.value) if isinstance(answer.json, dict) else None
        row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
        return _address(row.get("url"), ref), row

    # Down

    async def head(self, url: str) -> RemoteFile | None:
        """What the site serves under an address of its own, without its bytes; None for nothing."""
        async for attempt in attempts(self._client.retries, repeatable=True):
            with attempt:
                try:
                    async with self._open("HEAD", url, {}) as response:
                        return _remote(response)
                except NotFound:
                    return None
        raise AssertionError("the attempts end with an answer or an error")

    async def original(self, url: str) -> str:
        """The address of the file as it was sent, where Ghost serves another form of it under `url`."""
        first, *others = sources(url)
        if not others:
            return first
        kept, shown = await self.head(first), await self.head(others[0])
        # Ghost never keeps a picture that grew, so a smaller one beside it is somebody else's.
        if kept is not None and (shown is None or (kept.size or 0) >= (shown.size or 0)):
            return first
        return others[0]

    async def download(
        self,
        url: str,
        into: BinaryIO,
        *,
        have: int = 0,
        validator: str = "",
        begun: Callable[[str], None] | None = None,
        limit: int | None = None,
        got: Got | None = None,
    ) -> Downloaded:
        """Fetch a file of the site's own into `into` (open for reading and writing), from its beginning.

        have, validator: so many bytes are there already, from a download that told this validator; they are kept if the
        site still serves the same. begun: told the validator before the first byte is written. limit: more bytes are an
        error. got: told of each piece. Raises NotFound; after an error `into` holds what came, for another try.
        """
        landing = Landing(
            into, have=have, validator=validator, begun=begun, limit=limit, subject=url, got=got
        )
        async for attempt in attempts(self._client.retries, repeatable=True):
            with attempt:
                async with self._open("GET", url, landing.asks()) as response:
                    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                        landing.restart()
                    else:
                        await landing.take(response)
                        return landing.finished(str(response.url), _remote(response).mime)
                async with self._open("GET", url, landing.asks()) as response:
                    await landing.take(response)
                    return landing.finished(str(response.url), _remote(response).mime)
        raise AssertionError("the attempts end with an answer or an error")

    async def find(
        self,
        kind: MediaKind,
        name: str,
        *,
        size: int,
        sha256: str,
        since: dt.date,
        until: dt.date,
        drawing: bytes = b"",
        got: Got | None = None,
    ) -> str | None:
        """The address of an upload whose answer was lost: the same bytes under a name that Ghost would have given it
        between two days (UTC). drawing: the bytes of an SVG, which is known again after it was cleaned unless there was more
        to clean than its comments. None: it is not there.
        """
        day = dt.timedelta(days=1)  # the server's time zone is unknown
        for month in _months(since - day, until + day):
            places = list(islice(candidates(kind, name, month), _SAME_NAMES))
            for path in reversed(places[: await self._taken(places)][-_LOOK_BACK:]):
                address = self._site.public_url + path
                for source in sources(address):
                    found = (
                        self._draws(source, drawing) if drawing else self.holds(source, size, sha256, got=got)
                    )
                    if await found:
                        return address
        return None

    async def _taken(self, places: list[str]) -> int:
        """How many of these exist, if Ghost filled them from the first on: by doubling and halving, not one by one."""

        async def exists(number: int) -> bool:
            return await self.head(self._site.public_url + places[number]) is not None

        if not await exists(0):
            return 0
        low, high = 0, 1  # low exists
        while high < len(places) and await exists(high):
            low, high = high, high * 2
        high = min(high, len(places))
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if await exists(middle) else (low, middle)
        return low + 1

    async def holds(self, url: str, size: int, sha256: str, *, got: Got | None = None) -> bool:
        """Whether exactly these bytes are served under an address of the site."""
        seen = await self.head(url)
        if seen is None or (seen.size is not None and seen.size != size):
            return False
        landing = Landing(None, limit=size, subject=url, got=got)
        try:
            async with self._open("GET", url, {}) as response:
                await landing.take(response)
        except NotFound:
            return False
        return landing.finished(url, "").sha256 == sha256

    async def _draws(self, url: str, drawing: bytes) -> bool:
        """Whether this SVG is served there, maybe cleaned."""
        served = io.BytesIO()
        # Cleaning takes away; but <a/> may become <a></a>, and a quote &quot;.
        landing = Landing(served, limit=4 * len(drawing) + 1000, subject=url)
        try:
            async with self._open("GET", url, {}) as response:
                await landing.take(response)
        except (NotFound, AnswerUnreadable):
            return False
        return same_drawing(drawing, served.getvalue())

    @asynccontextmanager
    async def _open(self, method: str, url: str, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        """A successful answer (or a 416) from the site's own host, redirects within it followed. Never with the key."""
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", **headers}
        for _ in range(_HOPS):
            self._check_own(url)
            async with self._client.stream(method, url, headers, subject=url) as response:
                status = response.status_code
                if response.has_redirect_location:
                    url = str(response.url.join(response.headers["location"]))
                    continue
                if status in _GONE:
                    raise NotFound(
                        "the site has no such file (any more)",
                        subject=url,
                        remedy="Remove the reference, or put the file back on the server.",
                        status=status,
                    )
                if status not in {200, 206, 416}:
                    answer = await read_answer(response, server_time=0, subject=url)
                    raise refused(answer, url, self._site.address.url)
                yield response
                return
        raise RedirectRefused("the site sends round in circles", subject=url, remedy="Look at its redirects.")

    def _check_own(self, url: str) -> None:
        """The key's host is not asked for strangers' addresses, nor is a stranger (in the same network, perhaps)."""
        try:
            asked = httpx.URL(url)
        except httpx.InvalidURL:
            asked = httpx.URL("")
        homes = [httpx.URL(self._site.address.url), httpx.URL(self._site.public_url)]
        if not asked.userinfo and any(_serves(home, asked) for home in homes):
            return
        raise RedirectRefused(
            "this file is not on the site's own host",
            subject=clean(url),
            remedy="ghostsync fetches files from the site alone; what lies elsewhere stays a link.",
            sent=False,
        )


def _serves(home: httpx.URL, asked: httpx.URL) -> bool:
    """Whether an address belongs to a site: the same host and port, or the same host over https."""
    if home.host != asked.host:
        return False
    same = (home.scheme, home.port) == (asked.scheme, asked.port)
    return same or (
        home.scheme == "http" and home.port is None and asked.scheme == "https" and asked.port is None
    )


def _part(kind: MediaKind, name: str, mime: str, file: BinaryIO, size: int) -> Part:
    return Part(stored_name(kind, name), mime, file, size)


def _remote(response: httpx.Response) -> RemoteFile:
    length = response.headers.get("content-length", "")
    plain = "content-encoding" not in response.headers
    return RemoteFile(
        size=int(length) if plain and length.isdigit() else None,
        mime=response.headers.get("content-type", "").partition(";")[0].strip(),
        validator=response.headers.get("etag") or response.headers.get("last-modified") or "",
    )


def _months(first: dt.date, last: dt.date) -> list[dt.date]:
    found = [first.replace(day=1)]
    while (following := (found[-1] + dt.timedelta(days=32)).replace(day=1)) <= last:
        found.append(following)
    return found


def _address(value: object, ref: str) -> str:
    if isinstance(value, str) and value.startswith(("http://", "https://")):
        return value
    raise AnswerUnreadable(
        "the answer holds no address of the uploaded file",
        subject=ref,
        remedy="Run `ghostsync doctor`; something between ghostsync and Ghost may change answers.",
    )
