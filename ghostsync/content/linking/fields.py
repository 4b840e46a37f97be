"""Front matter's pictures: `feature_image: bees.png` <-> the address that Ghost has for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from posixpath import dirname, relpath

from ghostsync.content.addresses import canonical_url, encoded, is_local, origin_of
from ghostsync.content.fields import PICTURES
from ghostsync.content.linking.assets import Asset, way
from ghostsync.content.linking.book import Book
from ghostsync.content.linking.text import Use, asset_of, use_of
from ghostsync.content.types import FieldValue


@dataclass(frozen=True, slots=True)
class LinkedFields:
    """fields: with addresses in canonical form. The rest as in `Linked`."""

    fields: Mapping[str, FieldValue]
    uses: Mapping[str, Use] = field(default_factory=dict)
    assets: tuple[Asset, ...] = ()
    lost: tuple[str, ...] = ()


def fields_linked(
    fields: Mapping[str, FieldValue],
    path: str,
    book: Book,
    before: Mapping[str, Use],
    *,
    recorded: bool = False,
) -> LinkedFields | None:
    """None where no field means a file. before: where targets led when file and post last agreed; recorded: say what was
    true then, so that a picture with other bytes under its old name counts as changed.
    """
    local = {
        name: value
        for name in PICTURES
        if isinstance(value := fields.get(name), str) and value and is_local(value)
    }
    if book.assets is None or not local:
        return None
    made, uses, lost = dict(fields), dict[str, Use](), list[str]()
    assets: dict[str, Asset] = {}
    origin = origin_of(book.site_url)
    for name, target in local.items():
        was = before.get(target)
        asset = asset_of(target, path, book)
        use = was if recorded and was is not None and was.content else use_of(asset, was)
        if not use.address and target.startswith("/"):
            made[name] = canonical_url(encoded(target), origin)  # an address of the site, it seems
            continue
        uses[target] = use
        if asset is not None:
            assets[asset.path] = asset
        if use.address:
            made[name] = canonical_url(use.address, origin)
        elif asset is None:
            lost.append(target)
    return LinkedFields(made, uses, tuple(assets.values()), tuple(lost))


def field_in_file(value: FieldValue, path: str, book: Book) -> FieldValue:
    """A picture's address as the document at `path` says it."""
    if book.assets is None or not isinstance(value, str) or not value:
        return value
    asset = book.assets.behind(book.whole(value))
    if asset is None:
        return value
    plain = relpath(asset.path, dirname(path) or ".")
    found = asset_of(plain, path, book) if is_local(plain) and "#" not in plain else None
    return plain if found == asset else way(asset.path, path)
