"""Previews: drafts that show what a document will look like, beside its post. A preview says itself what it is, so that any
clone knows it again: it has the internal tag, and a comment in its head names the document and what was shown.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ghostsync.content.addresses import canonical_url, origin_of
from ghostsync.content.fields import FIELDS, PICTURES
from ghostsync.content.linking import Use
from ghostsync.content.types import Context, Document, FieldValue

TAG = "#ghostsync-preview"
"""Internal: Ghost shows it to no reader. Whoever removes it in Ghost makes an ordinary post of the draft."""

_COMMENT = re.compile(r"<!--ghostsync-preview (\{[^\n]*?\})-->\n?")
_OWN = frozenset({"status", "slug", "published_at"})
"""What a preview does not show: it is a draft at an address of its own."""

_LONGEST_SLUG = FIELDS["slug"].limit
_NOTHING: Mapping[str, Use] = {}


@dataclass(frozen=True, slots=True)
class Mark:
    """of: the post's id, or the file's path while there is no post. file: digest of the document as it was shown. sent:
    digest of all that the preview was made of, what the post has beside the file included.
    """

    of: str
    file: str
    sent: str


def mark_of(post: Mapping[str, Any]) -> Mark | None:
    """What a post of Ghost's is a preview of; None for an ordinary one."""
    head = post.get("codeinjection_head")
    found = _COMMENT.search(head) if isinstance(head, str) else None
    if found is None or not any(_is_tag(tag) for tag in post.get("tags") or ()):
        return None
    try:
        told = json.loads(found[1])
        return Mark(str(told["of"]), str(told["file"]), str(told["sent"]))
    except (ValueError, KeyError, TypeError):
        return None


def is_preview(post: Mapping[str, Any]) -> bool:
    return mark_of(post) is not None


def _is_tag(tag: Any) -> bool:
    return isinstance(tag, dict) and str(tag.get("name") or "").lower() == TAG


def preview_fields(document: Document, held: Mapping[str, FieldValue], mark: Mark) -> dict[str, FieldValue]:
    """The fields of the preview of a document. held: those that its post has."""
    fields = _shown(document, held)
    tags = fields.get("tags")
    fields["tags"] = (
        (*(tag for tag in tags if tag.lower() != TAG), TAG) if isinstance(tags, tuple) else (TAG,)
    )
    head = str(fields.get("codeinjection_head") or "")
    fields["codeinjection_head"] = _spelled(mark) + _COMMENT.sub("", head)
    return fields


def _shown(document: Document, held: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """What the file does not state stays as the post has it."""
    stated = dict(document.fields)
    if not document.title_stated and held.get("title"):
        del stated["title"]
    together = {**held, **stated}
    return {name: together[name] for name in FIELDS if name in together and name not in _OWN}


def _spelled(mark: Mark) -> str:
    # A path may have what ends a comment.
    told = json.dumps(asdict(mark), sort_keys=True).replace("-", r"\u002d").replace(">", r"\u003e")
    return f"<!--ghostsync-preview {told}-->\n"


def preview_slug(document: Document, of: str) -> str:
    """One that no file would be given, the same each time."""
    end = f"-preview-{hashlib.sha256(of.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"
    return document.slug[: _LONGEST_SLUG - len(end)].rstrip("-") + end


def mark_for(document: Document, held: Mapping[str, FieldValue], of: str, context: Context) -> Mark:
    """document: with its links read."""
    file = _digest(document, _shown(document, {}), context, links=False)
    return Mark(of, file, _digest(document, _shown(document, held), context, links=True))


def _digest(document: Document, fields: Mapping[str, FieldValue], context: Context, *, links: bool) -> str:
    """Changes with what is shown. A file of the folder counts by its bytes, wherever in Ghost it is; links: where the text's
    links lead counts, too.
    """
    uses = document.linked.uses if document.linked is not None else _NOTHING
    origin = origin_of(context.site.url)
    contents = {form: use.id for use in uses.values() if use.content for form in _forms(use.address, origin)}
    told = {
        "kind": document.kind,
        "mode": document.mode,
        "fields": {
            name: contents.get(value, value) if name in PICTURES and isinstance(value, str) else value
            for name, value in fields.items()
        },
        "body": document.linked.source if document.linked is not None else document.body,
        "files": {key: use.id for key, use in uses.items() if use.content},
        "links": {key: use.address for key, use in uses.items() if links and not use.content},
    }
    data = json.dumps(told, sort_keys=True).encode()
    return hashlib.sha256(data).hexdigest()[:32]


def _forms(address: str, origin: str) -> tuple[str, str]:
    return address, canonical_url(address, origin)


def preview_address(post: Mapping[str, Any], site_url: str) -> str:
    """Where anybody who has the address can look at a draft."""
    return f"{site_url.rstrip('/')}/p/{post.get('uuid')}/"
