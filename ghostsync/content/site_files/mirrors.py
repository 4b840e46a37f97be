"""authors.yaml and settings.yaml: what they hold and how they look. Both are Ghost's; nothing in them is ever sent.

What may be in them is listed here, name by name. Ghost tells an integration more than a repository should hold: e-mail
addresses of people, and among the settings the site's password and keys of Stripe, Mailgun and IndexNow.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ghostsync.content.addresses import canonical_url, origin_of
from ghostsync.content.site_files.listing import mapping, sequence

PERSON = (
    "slug", "name", "bio", "location", "website", "profile_image", "cover_image", "facebook", "twitter", "threads",
    "bluesky", "mastodon", "tiktok", "youtube", "instagram", "linkedin", "meta_title", "meta_description",
)  # fmt: skip
"""What is told of a person: what the site itself shows of an author."""

SETTINGS = (
    "title", "description", "logo", "icon", "cover_image", "accent_color", "heading_font", "body_font", "locale", "lang",
    "timezone", "facebook", "twitter", "threads", "bluesky", "mastodon", "tiktok", "youtube", "instagram", "linkedin",
    "navigation", "secondary_navigation", "meta_title", "meta_description", "og_image", "og_title", "og_description",
    "twitter_image", "twitter_title", "twitter_description", "codeinjection_head", "codeinjection_foot", "active_theme",
    "is_private", "default_content_visibility", "members_signup_access", "members_track_sources", "portal_name",
    "portal_button", "portal_plans", "portal_default_plan", "portal_button_style", "portal_button_icon",
    "portal_button_signup_text", "portal_signup_terms_html", "portal_signup_checkbox_required", "email_track_opens",
    "email_track_clicks", "editor_default_email_recipients", "editor_default_email_recipients_filter",
    "announcement_content", "announcement_visibility", "announcement_background", "comments_enabled",
    "recommendations_enabled", "outbound_link_tagging", "unsplash", "pintura", "social_web", "web_analytics",
    "llms_enabled", "donations_currency", "donations_suggested_amount",
)  # fmt: skip
"""The settings that are told, in this order. A setting of a Ghost to come is left out until it is known to be harmless."""

_IMAGES = frozenset(
    {"logo", "icon", "cover_image", "profile_image", "og_image", "twitter_image", "portal_button_icon"}
)
_LISTS = frozenset({"navigation", "secondary_navigation", "portal_plans", "announcement_visibility"})
"""Ghost keeps these as JSON in a text."""
_GRAVATAR = re.compile(r"(?:https?:)?//(?:[a-z0-9-]+\.)?gravatar\.com/", re.IGNORECASE)

_HEAD = """\
# {what} of the site, as Ghost has {them}. ghostsync writes this file; what is edited here is put back by the next pull.
"""


def authors_text(people: Iterable[Mapping[str, Any]], site_url: str) -> str:
    """authors.yaml. people: rows of users/. A picture of Gravatar's is left out: its address is made of the e-mail's."""
    origin = origin_of(site_url)
    rows = [
        {name: _shown(name, person.get(name), origin) for name in PERSON}
        for person in sorted(people, key=lambda person: str(person.get("slug") or ""))
    ]
    return _HEAD.format(what="The people", them="them") + sequence(rows)


def settings_text(settings: Iterable[Mapping[str, Any]], site_url: str) -> str:
    """settings.yaml. settings: rows of settings/, each a key and a value."""
    origin = origin_of(site_url)
    found = {str(row.get("key")): row.get("value") for row in settings}
    told = {name: _shown(name, found[name], origin) for name in SETTINGS if name in found}
    return _HEAD.format(what="The settings", them="them") + mapping(told)


def _shown(name: str, value: Any, origin: str) -> Any:
    if not isinstance(value, str):
        return value
    if name in _LISTS:
        try:
            return json.loads(value)
        except ValueError:
            return value
    if name in _IMAGES:
        return "" if _GRAVATAR.match(value) else canonical_url(value, origin)
    return value
