"""The sandbox's public side: a front page and plain pages for posts, so that the demo has something to look at."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghostsync.sandbox.ghost import SandboxGhost
    from ghostsync.sandbox.store import Document

_STYLE = (
    "body{max-width:42rem;margin:2rem auto;padding:0 1rem;font:1.1rem/1.6 Georgia,serif}img{max-width:100%}"
    "pre{background:#f4f4f4;padding:1rem;overflow:auto}.meta{color:#777;font-size:.9rem}"
    "blockquote{border-left:3px solid #ccc;margin-left:0;padding-left:1rem}.kg-callout-card{background:#eef;padding:1rem}"
)


def render_page(ghost: SandboxGhost, path: str) -> tuple[int, str]:
    """(status, HTML) for a public path without its leading slash."""
    path = path.strip("/")
    if not path:
        return 200, _frame(ghost, ghost.title, _front(ghost))
    for document in ghost.store.documents.values():
        own = document.own
        if (path == own["slug"] and own["status"] == "published") or path == f"p/{document.uuid}":
            return 200, _frame(ghost, str(own["title"]), _article(ghost, document))
    return 404, _frame(ghost, "404 — Page not found", "<h1>404</h1><p>Page not found</p>")


def _front(ghost: SandboxGhost) -> str:
    rows = []
    newest = sorted(ghost.posts, key=lambda post: str(post.own["published_at"] or ""), reverse=True)
    for post in newest:
        date = str(post.own["published_at"] or "")[:10]
        note = f"{post.own['status']} {date}".strip()
        link = ghost.views.address(post)
        rows.append(
            f'<li><a href="{link}">{escape(str(post.own["title"]))}</a> <span class="meta">{note}</span></li>'
        )
    return f"<h1>{escape(ghost.title)}</h1><ul>{''.join(rows)}</ul>"


def _article(ghost: SandboxGhost, document: Document) -> str:
    own = document.own
    authors = ", ".join(ghost.store.users[id]["name"] for id in document.authors)
    tags = ", ".join(ghost.store.tags[id]["name"] for id in document.tags)
    line = " · ".join(part for part in (authors, str(own["published_at"] or "draft")[:10], tags) if part)
    image = f'<img src="{escape(own["feature_image"])}" alt="">' if own["feature_image"] else ""
    head = f'<h1>{escape(str(own["title"]))}</h1><p class="meta">{escape(line)}</p>{image}'
    return f"<article>{head}{document.html or ''}</article>"


def _frame(ghost: SandboxGhost, title: str, body: str) -> str:
    home = f'<p class="meta"><a href="/">{escape(ghost.title)}</a></p>'
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{home}{body}</body></html>"
    )
