"""routes.yaml and redirects.yaml, checked before they are sent: with file and line, by the rules of Ghost 5 and 6. Pure.

A Ghost 5 that is given a routes.yaml it cannot read answers 503 for some seconds, to readers and to its API. So nothing is sent that
its own rules would refuse.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from ghostsync.content.front_matter.yaml_read import compose, explain
from ghostsync.errors import ContentError

_RESERVED = frozenset(
    {"resource", "type", "limit", "order", "include", "filter", "status", "visibility", "slug", "redirect"}
)
_SHORT = re.compile(r"(?:tag|page|post|author)\.(?:%s|[A-Za-z0-9_-]+)")
_RESOURCES = ("tags", "posts", "pages", "authors")
_PARAM = re.compile(r"/:\w+")
_JS_GROUP = re.compile(r"\(\?<(?![=!])")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A key, its value's node, and its line."""

    key: str
    node: yaml.Node
    line: int


class _Check:
    def __init__(self, text: str, path: str) -> None:
        self._text = text
        self._path = path
        self.errors: list[ContentError] = []

    def line(self, node: yaml.Node) -> int:
        return self._text.count("\n", 0, node.start_mark.index) + 1

    def tell(self, line: int, key: str, what: str, remedy: str) -> None:
        self.errors.append(ContentError(what, line=line, key=key, subject=self._path, remedy=remedy))

    def entries(self, node: yaml.Node, name: str) -> Iterator[_Entry]:
        """The pairs of a mapping; nothing, and a word about it, where it is none. An empty value is an empty mapping."""
        if _empty(node):
            return
        if not isinstance(node, yaml.MappingNode):
            self.tell(
                self.line(node),
                name,
                f"{name} is not a mapping",
                f"Write {name}: and its keys below, indented.",
            )
            return
        seen: set[str] = set()
        for key, value in node.value:
            text = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if text in seen:
                self.tell(self.line(key), text, "this key is there twice", "Keep one of the two.")
            seen.add(text)
            yield _Entry(text, value, self.line(key))

    def slashes(self, value: str, line: int, key: str, example: str) -> None:
        if not (value.startswith("/") and value.endswith("/")):
            self.tell(line, key, f"{value!r} does not begin and end with a slash", f"Write it like {example}")

    def permalink(self, entry: _Entry, key: str, example: str) -> None:
        if _empty(entry.node) or not isinstance(entry.node, yaml.ScalarNode):
            self.tell(entry.line, key, "there is no permalink", f"Write it like {example}")
            return
        value = str(entry.node.value)
        self.slashes(value, entry.line, key, example)
        if _PARAM.search(value):
            braces = re.sub(r"/:(\w+)", r"/{\1}", value)
            self.tell(
                entry.line, key, f"{value!r} is written with a colon", f"Write it with braces: {braces}"
            )

    def data(self, node: yaml.Node, key: str) -> None:
        if isinstance(node, yaml.ScalarNode):
            self.short(node, key)
            return
        for entry in self.entries(node, "data"):
            if entry.key in _RESERVED or entry.key == "author":
                what = f"{entry.key!r} is no name for data"
                self.tell(entry.line, key, what, "Choose another name, and put what it is below it.")
            elif isinstance(entry.node, yaml.ScalarNode):
                self.short(entry.node, key)
            else:
                self.long(entry)

    def short(self, node: yaml.ScalarNode, key: str) -> None:
        if not _SHORT.fullmatch(str(node.value)):
            what = f"{node.value!r} names no tag, author, post or page"
            self.tell(self.line(node), key, what, "Write it like tag.recipes")

    def long(self, entry: _Entry) -> None:
        told = {one.key: one for one in self.entries(entry.node, entry.key)}
        for name, allowed in (("type", ("read", "browse")), ("resource", _RESOURCES)):
            one = told.get(name)
            value = str(one.node.value) if one is not None and isinstance(one.node, yaml.ScalarNode) else ""
            if value not in allowed:
                line = one.line if one is not None else entry.line
                what = f"{name} is {value!r}" if value else f"there is no {name}"
                self.tell(line, name, what, f"Write one of: {', '.join(allowed)}.")
        kind = told.get("type")
        if kind is not None and getattr(kind.node, "value", "") == "read" and "slug" not in told:
            self.tell(entry.line, "slug", "data that is read needs a slug", "Write it: slug: recipes")


def check_routes(data: bytes, path: str) -> list[ContentError]:
    """What Ghost would dislike about a routes.yaml. path: for the errors."""
    root, check = _composed(data, path)
    if root is None:
        return check.errors
    for top in check.entries(root, "the file"):
        match top.key:
            case "routes":
                for route in check.entries(top.node, "routes"):
                    _route(check, route)
            case "collections":
                for collection in check.entries(top.node, "collections"):
                    _collection(check, collection)
            case "taxonomies":
                for taxonomy in check.entries(top.node, "taxonomies"):
                    if taxonomy.key not in {"tag", "author"}:
                        what = f"{taxonomy.key!r} is no taxonomy of Ghost's"
                        check.tell(taxonomy.line, taxonomy.key, what, "Ghost has tag and author.")
                    check.permalink(taxonomy, taxonomy.key, f"/{taxonomy.key}/{{slug}}/")
            case other:
                what = f"{other!r} means nothing to Ghost here"
                check.tell(top.line, other, what, "A routes.yaml has routes, collections and taxonomies.")
    return check.errors


def _route(check: _Check, route: _Entry) -> None:
    check.slashes(route.key, route.line, route.key, "/about/")
    if isinstance(route.node, yaml.MappingNode):
        keys = {one.key: one for one in check.entries(route.node, route.key)}
        if not keys.keys() & {"template", "data", "controller", "content_type"}:
            check.tell(route.line, route.key, "there is no template", "Write it: template: about")
        if "data" in keys:
            check.data(keys["data"].node, route.key)
    elif _empty(route.node) or not isinstance(route.node, yaml.ScalarNode):
        check.tell(route.line, route.key, "there is no template", f"Write it: {route.key}: about")


def _collection(check: _Check, collection: _Entry) -> None:
    check.slashes(collection.key, collection.line, collection.key, "/blog/")
    keys = {one.key: one for one in check.entries(collection.node, collection.key)}
    if "permalink" not in keys:
        check.tell(collection.line, collection.key, "there is no permalink", "Write it: permalink: /{slug}/")
    else:
        check.permalink(keys["permalink"], "permalink", "/{slug}/")
    if "data" in keys:
        check.data(keys["data"].node, collection.key)


def check_redirects(data: bytes, path: str) -> list[ContentError]:
    """As `check_routes`, for a redirects.yaml or, by its name, a redirects.json. One that redirects nothing must say so."""
    if path.lower().endswith(".json"):
        return _check_json(data, path)
    root, check = _composed(data, path)
    if root is None:
        if not check.errors:
            check.tell(1, "", "the file is empty", "To redirect nothing, write 301: {}")
        return check.errors
    found = False
    for section in check.entries(root, "the file"):
        if section.key not in {"301", "302"}:
            check.tell(
                section.line, section.key, f"{section.key!r} is no kind of redirect", "Ghost has 301 and 302."
            )
            continue
        found = True
        for one in check.entries(section.node, section.key):
            if _empty(one.node) or not isinstance(one.node, yaml.ScalarNode) or not _is_text(one.node):
                check.tell(one.line, one.key, "there is no address to redirect to", "Write it: /old/: /new/")
            _pattern(check, one.key, one.line)
    if not found and not check.errors:
        check.tell(1, "", "there is neither 301 nor 302", "Write 301: and the redirects below it.")
    return check.errors


def _check_json(data: bytes, path: str) -> list[ContentError]:
    check = _Check("", path)
    try:
        rows = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        check.tell(1, "", "the file is not UTF-8 text", "Save it as UTF-8.")
    except json.JSONDecodeError as error:
        what = f"the file is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        check.tell(error.lineno, "", what, "Correct this line, or the one before it.")
    else:
        if not isinstance(rows, list):
            check.tell(
                1, "", "the file is not a list of redirects", 'Write [{"from": "/old/", "to": "/new/"}]'
            )
        for number, row in enumerate(rows if isinstance(rows, list) else (), 1):
            pair = (row.get("from"), row.get("to")) if isinstance(row, dict) else (None, None)
            if not all(isinstance(value, str) and value for value in pair):
                check.tell(
                    1, "", f"redirect {number} lacks from or to", 'Write {"from": "/old/", "to": "/new/"}'
                )
            else:
                _pattern(check, str(pair[0]), 1)
    return check.errors


def _pattern(check: _Check, text: str, line: int) -> None:
    """Ghost takes it for a regular expression of JavaScript's."""
    try:
        re.compile(_JS_GROUP.sub("(?P<", text))
    except re.error as error:
        check.tell(
            line,
            "",
            f"{text!r} is no regular expression: {error}",
            "Put a backslash before what means itself.",
        )


def _composed(data: bytes, path: str) -> tuple[yaml.Node | None, _Check]:
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        check = _Check("", path)
        check.tell(1, "", "the file is not UTF-8 text", "Save it as UTF-8.")
        return None, check
    check = _Check(text, path)
    try:
        root = compose(text)
    except yaml.YAMLError as error:
        trouble = explain(error, text, "the file")
        check.tell(trouble.line, trouble.key, trouble.what, trouble.remedy)
        return None, check
    except RecursionError:
        check.tell(1, "", "the file is nested far too deeply", "Remove the nesting.")
        return None, check
    return root, check


def _empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _is_text(node: yaml.ScalarNode) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:str")
