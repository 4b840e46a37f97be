"""Links between the files of the folder, which in Ghost are links between posts: `other.md` <-> `https://site/other/`; and
pictures, sounds and files: `bees.png` <-> `https://site/content/images/.../bees.png`.

Everything else in content works on bodies whose links lead to addresses: this package translates a file's text when
it is read, and back into the author's own spelling before it is written.
"""

from __future__ import annotations

from ghostsync.content.linking.aliases import readdressed
from ghostsync.content.linking.anchors import anchors, part
from ghostsync.content.linking.assets import PENDING, Asset, Assets
from ghostsync.content.linking.book import Book, Place
from ghostsync.content.linking.dressing import dressed
from ghostsync.content.linking.fields import field_in_file, fields_linked
from ghostsync.content.linking.leads import Lead, leads
from ghostsync.content.linking.spelling import in_files
from ghostsync.content.linking.text import Linked, Use, leads_to, linked, may_link

__all__ = [
    "PENDING",
    "Asset",
    "Assets",
    "Book",
    "Lead",
    "Linked",
    "Place",
    "Use",
    "anchors",
    "dressed",
    "field_in_file",
    "fields_linked",
    "in_files",
    "leads",
    "leads_to",
    "linked",
    "may_link",
    "part",
    "readdressed",
]
