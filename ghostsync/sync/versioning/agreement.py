"""What both sides agreed on, in a form that travels with the repository: so that a fresh clone starts where others ended.

The state database belongs to one disk. What of it means the same everywhere is kept a second time in a ledger, a text each:

    site.json                        whose agreement it is, and the commit of the branch at which it was made
    documents/<xx>/<id>.json         the document's row; <xx> are the last letters of its id, to keep directories small
    documents/<xx>/<id>.file, .post  the two halves of its base
    media/<xx>/<hash of url>.json    an address in Ghost and the content under it
    journal.json, journal/<sha>      writes whose answer never came, and what a create sent

`plant` puts it into an empty state, `record` brings the ledger up to date, `join` puts two people's ledgers together.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from ghostsync.content.post import post_from_json
from ghostsync.errors import AgreementUnreadable
from ghostsync.model import Kind, MediaKind, RemotePost
from ghostsync.sync.mailing import mark_key
from ghostsync.sync.model import KnownDocument, MediaFacts, MediaRow, Stat
from ghostsync.sync.ports import State
from ghostsync.sync.uncertain import UNCERTAIN
from ghostsync.sync.versioning.earlier import AGREED_AT
from ghostsync.sync.versioning.ports import Ledger
from ghostsync.wording import counted

FORM = 1
"""Of the texts. A ledger in a newer form is left alone."""

_ID = re.compile(r"[0-9a-f]{24}")
_UNSEEN = Stat(0, 0, 0)
_SITE = "site.json"
_JOURNAL = "journal.json"


def plant(
    state: State,
    ledger: Ledger,
    known: Callable[[str, bytes], bool] = lambda _path, _file: True,
    buried: Callable[[str], bool] = lambda _path: True,
) -> set[str]:
    """Put the ledger's agreement into a state that knows nothing. known: whether this branch has, or had, the file so (path,
    content): what others agreed on without it says nothing here, and its absence above all is no deletion. buried: whether
    a file that was deleted counts as such here; where it lies there, it was brought back, or is a file of before. Returns the
    names of the texts that were taken. Raises AgreementUnreadable, and then nothing was put anywhere.
    """
    texts = ledger.listing()
    rows = [name for name in texts if name.startswith("documents/") and name.endswith(".json")]
    try:
        with state.batch():
            _plant_site(state, ledger)
            told = {name: _row(data) for name, data in ledger.read(rows)}
            parts = ledger.read(part for name in rows for part in (f"{name[:-5]}.file", f"{name[:-5]}.post"))
            taken = {name for name in texts if not name.startswith("documents/")}
            for name in rows:
                (_, file), (_, post) = next(parts, ("", b"")), next(parts, ("", b""))
                path = told[name]["path"]
                if buried(path) if told[name]["tombstone"] else known(path, file):
                    _plant_document(state, told[name], file, post)
                    taken |= {name, *_contents(name, _json(told[name]))}
            for _, data in ledger.read(name for name in texts if name.startswith("media/")):
                row = json.loads(data)
                facts, kind = MediaFacts(**row.pop("facts")), MediaKind(row.pop("kind"))
                state.record_media(MediaRow(**row, kind=kind, facts=facts))
            _plant_journal(state, ledger)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise AgreementUnreadable(
            f"the agreement that the repository keeps cannot be understood: {type(error).__name__}",
            subject=_SITE,
            remedy="Nothing was taken from it. Earlier commits of each file are looked at instead; the next sync "
            "writes the agreement anew.",
        ) from None
    return taken


def agreed(ledger: Ledger, id: str) -> tuple[bytes, RemotePost] | None:
    """File and post of one document as the ledger has them; None where it has none, or only what was buried."""
    stem = f"documents/{id[-2:]}/{id}"
    found = dict(ledger.read([f"{stem}.json", f"{stem}.file", f"{stem}.post"]))
    try:
        row = _row(found[f"{stem}.json"])
        post = _post(found[f"{stem}.post"], id, row["kind"], row["updated_at"])
        return None if row["tombstone"] else (found[f"{stem}.file"], post)
    except (ValueError, KeyError, TypeError):
        return None


def _one(ledger: Ledger, name: str) -> bytes:
    found = dict(ledger.read([name]))
    return found[name]


def _newer() -> AgreementUnreadable:
    return AgreementUnreadable(
        "the agreement that the repository keeps was written by a newer ghostsync",
        subject=_SITE,
        remedy="Use that version here, too.",
    )


def _plant_site(state: State, ledger: Ledger) -> None:
    site = json.loads(_one(ledger, _SITE))
    if site["form"] > FORM:
        raise _newer()
    for name in ("uuid", "url"):
        state.set_meta(f"site_{name}", site[name])
    state.set_meta(AGREED_AT, site["commit"])


def _row(data: bytes) -> dict[str, Any]:
    """What is said of a document. Raises ValueError, KeyError, TypeError: whoever may push may have written it."""
    told: dict[str, Any] = json.loads(data)
    if not _ID.fullmatch(told["id"]) or not isinstance(told["path"], str):
        raise ValueError("no row of a document")
    return told


def _post(data: bytes, id: str, kind: str, updated_at: str) -> RemotePost:
    """As `_row`, the half of the base that is Ghost's."""
    post = post_from_json(data, id, Kind(kind), updated_at)
    if not isinstance(post.data, dict):
        raise TypeError("no post")
    return post


def _plant_document(state: State, told: dict[str, Any], file: bytes, post: bytes) -> None:
    row = KnownDocument(
        id=told["id"],
        kind=Kind(told["kind"]),
        path=told["path"],
        disk_sha=told["file"],
        stat=_UNSEEN,
        disk_settled=False,
        base_sha=state.put_blob(file),
        base_post_sha=state.put_blob(post),
        updated_at=told["updated_at"],
        tombstone=told["tombstone"],
        links=told["links"],
    )
    if (row.base_sha, row.base_post_sha) != (told["file"], told["post"]):
        raise ValueError("a half of the base is not what its row says")
    state.record(row)
    # So that a backup which was restored in Ghost meanwhile is noticed, and a post that is gone is asked for.
    state.mirror_posts([(_post(post, row.id, told["kind"], row.updated_at), post, False)])
    if told["e_mail"]:
        state.set_meta(mark_key(row.id), told["e_mail"])


def _plant_journal(state: State, ledger: Ledger) -> None:
    told = dict(ledger.read([_JOURNAL]))
    if not told:
        return
    journal = json.loads(told[_JOURNAL])
    for intent in journal["intents"]:
        for _, data in ledger.read(f"journal/{sha}" for sha in intent["contents"]):
            state.put_blob(data)
        state.intend(
            intent["step"], ghost_id=intent["ghost_id"], path=intent["path"], payload=intent["payload"]
        )
    state.set_meta(UNCERTAIN, journal["uncertain"])


class Recorder:
    """Keeps a ledger up to date with the state. Remembers a digest of what it wrote, so that a cycle that changed nothing
    costs next to nothing.
    """

    def __init__(self, state: State, ledger: Ledger) -> None:
        self._state = state
        self._ledger = ledger
        self._digest = b""
        self._ours: set[str] = set()

    def answer_for(self, names: Iterable[str]) -> None:
        """These texts were taken into the state: from now on they are what it says, and go when it lacks them."""
        self._ours = set(names)

    def record(self, commit: str) -> bool:
        """Write what changed since the last time; returns whether anything did. commit: the branch's, as it is now. Raises
        GitError, StateError.
        """
        texts = dict(_texts(self._state, commit))
        digest = hashlib.sha256(
            repr(sorted((n, d) for n, d in texts.items() if n != _SITE)).encode()
        ).digest()
        if digest == self._digest:
            return False
        held = self._ledger.listing()
        changed = {
            name: data for name, data in texts.items() if held.get(name) != self._ledger.fingerprint(data)
        }
        names = {part for name, data in texts.items() for part in (name, *_contents(name, data))}
        # What this process has not written, others may have: it is theirs to take away.
        gone = (held.keys() & self._ours) - names
        changed = self._less_older(changed)
        if changed.keys() <= {_SITE} and not gone and self._same_site(held, texts[_SITE]):
            changed = {}
        if changed or gone:
            self._check_form(held)
            put: dict[str, bytes | None] = dict.fromkeys(gone)
            put |= changed
            for name, data in changed.items():
                put |= {part: self._state.blob(sha) for part, sha in _contents(name, data).items()}
            rows = {n for n in (*changed, *gone) if n.startswith("documents/") and n.endswith(".json")}
            self._ledger.write(put, _message(len(rows), commit))
        self._digest, self._ours = digest, names
        return bool(changed or gone)

    def _less_older(self, changed: Mapping[str, bytes]) -> dict[str, bytes]:
        """Without the rows of documents on which others have agreed later."""
        theirs = dict(self._ledger.read(name for name in changed if name.startswith("documents/")))
        return {
            name: data
            for name, data in changed.items()
            if name not in theirs or _age(theirs[name]) <= _age(data)
        }

    def _check_form(self, held: Mapping[str, str]) -> None:
        """Raises AgreementUnreadable for a ledger in a newer form, which is others' to write."""
        if _SITE in held:
            try:
                form = json.loads(_one(self._ledger, _SITE)).get("form")
            except (ValueError, AttributeError):
                return  # damaged: it is written anew
            if isinstance(form, int) and form > FORM:
                raise _newer()

    def _same_site(self, held: Mapping[str, str], wanted: bytes) -> bool:
        """Whether only the commit differs, which is worth no text of its own."""
        if _SITE not in held:
            return False
        try:
            old = {**json.loads(_one(self._ledger, _SITE)), "commit": ""}
        except (ValueError, TypeError):
            return False
        return old == {**json.loads(wanted), "commit": ""}


def share(ledger: Ledger, tries: int = 3) -> bool:
    """Send the ledger where the repository goes, with what others put there meanwhile. Returns False where others were
    faster each time. Raises GitError.
    """
    for _ in range(tries):
        if ledger.push():
            return True
        if not (theirs := ledger.theirs()):
            return False
        join(ledger, theirs)
    return False


def join(ledger: Ledger, theirs: str) -> None:
    """Put ours on top of theirs (a commit): of each document the agreement with the newer post counts, and nothing that
    only one of the two has is dropped, since a document that is gone on both sides is found to be so by the next cycle.
    """
    names = [name for name in ledger.listing() if name.endswith(".json")]
    others = dict(ledger.read(names, at=theirs))
    ours: dict[str, bytes | None] = {}
    for name, data in ledger.read(names):
        other = others.get(name)
        if other != data and (other is None or _age(other) <= _age(data)):
            ours[name] = data
            ours |= dict(ledger.read(_contents(name, data)))
    ledger.write(ours, "Join two agreements\n", on=theirs)


def _age(row: bytes) -> str:
    try:
        return str(json.loads(row).get("updated_at", ""))
    except (ValueError, AttributeError):
        return ""  # damaged: whatever else there is counts


def _texts(state: State, commit: str) -> Iterator[tuple[str, bytes]]:
    """All texts but contents."""
    site = {"form": FORM, "uuid": state.meta("site_uuid"), "url": state.meta("site_url"), "commit": commit}
    yield _SITE, _json(site)
    for row in state.documents():
        told = {
            "id": row.id,
            "kind": row.kind.value,
            "path": row.path,
            "file": row.base_sha,
            "post": row.base_post_sha,
            "updated_at": row.updated_at,
            "tombstone": row.tombstone,
            "links": row.links,
            "e_mail": state.meta(mark_key(row.id)) or "",
        }
        yield f"documents/{row.id[-2:]}/{row.id}.json", _json(told)
    for media in state.media().values():
        digest = hashlib.sha256(media.url.encode()).hexdigest()[:32]
        yield f"media/{digest[-2:]}/{digest}.json", _json(asdict(media))
    intents = [
        {
            "step": intent.step,
            "ghost_id": intent.ghost_id,
            "path": intent.path,
            "payload": intent.payload,
            "contents": sorted(_sent(intent.payload)),
        }
        for intent in state.open_intents()
    ]
    if intents or state.meta(UNCERTAIN):
        yield _JOURNAL, _json({"intents": intents, "uncertain": state.meta(UNCERTAIN)})


def _contents(name: str, data: bytes) -> dict[str, str]:
    """The contents that belong to a text: name -> hash under which the state has it."""
    stem, told = name.removesuffix(".json"), json.loads(data)
    if name.startswith("documents/"):
        return {f"{stem}.file": told["file"], f"{stem}.post": told["post"]}
    if name == _JOURNAL:
        return {f"journal/{sha}": sha for intent in told["intents"] for sha in intent["contents"]}
    return {}


def _sent(payload: str) -> set[str]:
    """Hashes of what a create sent, which its intent refers to."""
    try:
        note = json.loads(payload)
    except ValueError:
        return set()
    return {str(note[key]) for key in ("file", "body") if key in note} if isinstance(note, dict) else set()


def _message(documents: int, commit: str) -> str:
    return f"Agree on {counted(documents, 'document')}\n\nAgreed-At: {commit}\n"


def _json(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"
