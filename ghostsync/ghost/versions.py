"""What differs between the majors of Ghost, in one place. Measured on 6.65.0, 5.130.6, 4.48.9, 3.42.9 and 2.38.3.

ghostsync sends no `Accept-Version`: Ghost 5 and 6 answer the same with and without it, 2 and 3 ignore it, and Ghost 4
mails the site's owner when a request with one meets an endpoint that it does not have.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiPath:
    """Where the Admin API answers, behind the site's address, and the audience its tokens must name."""

    path: str
    audience: str


# In this order: Ghost 5 and 6 still answer under the older paths, with a `Deprecation` header. The unversioned path
# came with Ghost 4; the first releases of 4 have it only under v4.
API_PATHS = (
    ApiPath("/ghost/api/admin/", "/admin/"),
    ApiPath("/ghost/api/v4/admin/", "/v4/admin/"),
    ApiPath("/ghost/api/v3/admin/", "/v3/admin/"),
    ApiPath("/ghost/api/v2/admin/", "/v2/admin/"),
)


@dataclass(frozen=True, slots=True)
class Traits:
    """formats, include: query parameters that make an answer hold all that ghostsync maps, and no rendered HTML.

    Ghost 2 ignores unknown words in them, 4 answers 422 when it lists `formats=lexical`. Naming the includes also
    makes an answer cheaper: the default ones add roles, e-mail and click counts. tiers, newsletters: whether tiers/ and
    newsletters/ exist.
    """

    formats: str
    include: str
    tiers: bool
    newsletters: bool


_BY_MAJOR = (
    (
        5,
        Traits(
            formats="lexical,mobiledoc", include="tags,authors,tiers,newsletter", tiers=True, newsletters=True
        ),
    ),
    (4, Traits(formats="mobiledoc", include="tags,authors,tiers", tiers=True, newsletters=False)),
    (0, Traits(formats="mobiledoc", include="tags,authors", tiers=False, newsletters=False)),
)


def traits(major: int) -> Traits:
    """The traits of a major; one that is not known yet is taken for the newest that is."""
    return next(found for least, found in _BY_MAJOR if major >= least)
