"""What a file's front matter says about e-mail: `newsletter`, `email_segment`, `email_only`.

An e-mail cannot be taken back, so a file may ask for one only in words that `[newsletter] allow` in ghostsync.toml
knows too. Whether this is the moment to send it, the sync decides; here is only what the file wants.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ghostsync.content.fields import ASKS_FOR_EMAIL
from ghostsync.content.front_matter.values import Type, Value
from ghostsync.content.types import Context
from ghostsync.content.value_reader import Report, is_true, shown
from ghostsync.model import EmailRequest, Kind

NEWSLETTERS_SINCE = 5
_STATUS = re.compile(r"status:(-?)(free|paid|comped)")
_LABEL = re.compile(r"label:(-?)([a-z0-9-]+)")
_SEGMENTS = "all, status:free, status:-free, status:paid, status:comped, label:NAME, or several with commas"
_STATUS_WORDS = {
    "free": "free members",
    "-free": "paid members",  # what Ghost's editor calls this segment
    "paid": "members with a subscription",
    "-paid": "members without a subscription",
    "comped": "complimentary members",
    "-comped": "members who are not complimentary",
}


def read_email(
    entries: Mapping[str, Value], kind: Kind, context: Context, report: Report
) -> EmailRequest | None:
    """The e-mail that a file asks for; None when it asks for none, or for one that it cannot have (reported)."""
    asked = {key: entries[key] for key in ASKS_FOR_EMAIL if _asks(key, entries.get(key), context)}
    if not asked:
        return None
    if refusal := _refused(kind, context):
        for key, value in asked.items():
            report(value, key, *refusal)
        return None
    name, segment, only = asked.get("newsletter"), asked.get("email_segment"), asked.get("email_only")
    if name is None:
        for key, value in asked.items():
            report(value, key, *_NO_NEWSLETTER)
        return None
    slug = name.text.strip() if name.scalar else ""
    good = True
    if fault := _fault_of(slug, name, context):
        report(name, "newsletter", *fault)
        good = False
    words = segment.text.strip() if segment is not None and segment.scalar else "all"
    if segment is not None and (not segment.scalar or segment_words(words) is None):
        report(
            segment,
            "email_segment",
            f"{shown(segment)} is no part of the members that can be written to",
            f"Write one of: {_SEGMENTS}.",
        )
        good = False
    if only is not None and only.type is not Type.FLAG:
        report(only, "email_only", f"{shown(only)} is neither true nor false", "Write true or false.")
        good = False
    if not good:
        return None
    known = [letter.name for letter in context.newsletters or () if letter.slug == slug]
    return EmailRequest(slug, words, only is not None, known[0] if known else "")


def segment_words(segment: str) -> str | None:
    """The members that Ghost means by a segment ("status:-free,label:vip"), in words; None for no segment."""
    if segment == "all":
        return "all members"
    words = []
    for term in segment.split(","):
        if match := _STATUS.fullmatch(term):
            words.append(_STATUS_WORDS[match[1] + match[2]])
        elif match := _LABEL.fullmatch(term):
            words.append(f"members {'without' if match[1] else 'with'} the label {match[2]}")
        else:
            return None
    return " and ".join(words)


def _asks(key: str, value: Value | None, context: Context) -> bool:
    if value is None or value.blank or key in context.keys:
        return False
    return value.type is not Type.FLAG or is_true(value)


def _refused(kind: Kind, context: Context) -> tuple[str, str] | None:
    """Why no file of this kind can ask this Ghost for an e-mail under this configuration."""
    if kind is not Kind.POST:
        return f"only posts can be sent by e-mail, not {kind.plural}", "Remove the key."
    if context.site.major < NEWSLETTERS_SINCE:
        return (
            f"Ghost {context.site.major} has no newsletters (they came with Ghost {NEWSLETTERS_SINCE}): no e-mail can be sent",
            "Remove the key.",
        )
    if not context.allowed_newsletters:
        return _NOTHING_ALLOWED
    return None


_NOTHING_ALLOWED = (
    "this asks Ghost to send an e-mail, which ghostsync.toml allows for no newsletter; the post is left as it is",
    "Remove the key and send the newsletter from Ghost Admin, or allow it: [newsletter] allow = [...] in ghostsync.toml.",
)
_NO_NEWSLETTER = (
    "this is about an e-mail, but no newsletter is named; Ghost would mark the post as sent and send nothing",
    "Add newsletter: with the slug of a newsletter, or remove the key.",
)


def _fault_of(slug: str, value: Value, context: Context) -> tuple[str, str] | None:
    if not slug or not value.scalar:
        return f"{shown(value)} is not the slug of a newsletter", "Write one slug: newsletter: weekly."
    known = {letter.slug: letter for letter in context.newsletters or ()}
    if context.newsletters is not None and slug not in known:
        listed = ", ".join(sorted(slug for slug, letter in known.items() if letter.active))
        return f"Ghost has no newsletter {slug!r}", f"Write the slug of one that it has: {listed}."
    if slug in known and not known[slug].active:
        return (
            f"the newsletter {slug!r} is archived: Ghost sends nothing for it",
            "Activate it in Ghost Admin -> Settings -> Newsletters, or name another.",
        )
    if slug not in context.allowed_newsletters:
        allowed = ", ".join(context.allowed_newsletters)
        return (
            f"this asks Ghost to send an e-mail, and the newsletter {slug!r} is not one of those allowed",
            f'Add "{slug}" to [newsletter] allow in ghostsync.toml (now: {allowed}), or remove the key.',
        )
    return None
