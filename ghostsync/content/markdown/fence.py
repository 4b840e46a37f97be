"""The fenced form: any Lexical node at all as a code block ```` ```ghost <type> ```` with YAML in it.

It is what keeps the mapping lossless by construction: types and properties that do not exist yet, any nesting,
any characters. What YAML cannot hold (half a surrogate pair, very deep nesting) is written as JSON, which
is read first when the body begins with a brace.
"""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Any

import yaml

from ghostsync.content.types import Node

_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_INFO = re.compile(r"ghost[ \t]+([A-Za-z][A-Za-z0-9_-]*)")
_TICKS = re.compile(r"`{3,}")
_ANY = "node"
"""The type in the info string when the real one does not fit there; it then stands in the body, if anywhere."""

ROOT_TYPE = "root"
"""A fenced block of this type stands for the document's own properties and makes no node."""

_BARE = ""
"""The only key of a body that stands for something that is not an object."""

_WIDE = 1 << 30
_YAML_DEPTH = 40
_YAML_MEMBERS = 5_000

_MAX_DEPTH = 100
_DEEP_LINE = re.compile(r"^[ ?:\t-]{80}", re.MULTILINE)

_SCALARS = frozenset({str, int, bool})


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen at run time
    """JSON's types alone: what looks like a date is text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:timestamp"]
    for first, known in _Loader.yaml_implicit_resolvers.items()
}


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # chosen at run time
    """Text of several lines as a literal block, and no aliases: a value that occurs twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's signature
        return True


def _represent_text(dumper: Any, value: str) -> Any:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _represent_text)


def write_fence(node: Any, *, quickly: bool = False, is_root: bool = False) -> str:
    """The node as a fenced block, without a final line end.

    quickly: as JSON, which is many times as quick as YAML. is_root: these are the document's own properties.
    """
    type = node.get("type") if isinstance(node, dict) else None
    if isinstance(type, str) and type != _ANY and _TYPE.fullmatch(type) and (is_root or type != ROOT_TYPE):
        properties = {key: value for key, value in node.items() if key != "type"}
        if properties.get("version") is not True and properties.get("version") == 1:
            del properties["version"]
    else:
        type, properties = _ANY, node if isinstance(node, dict) and _BARE not in node else {_BARE: node}
    body = _json(properties) if quickly and properties else _body(properties)
    longest = max((len(run) for run in _TICKS.findall(body)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}ghost {type}\n{body}{ticks}"


def read_fence(info: str, body: str) -> tuple[Any] | None:
    """(node,) for a code block in the fenced form; None for any other code block."""
    found = _INFO.fullmatch(info.strip())
    if not found:
        return None
    properties = _parse(body)
    if not isinstance(properties, dict) or not all(isinstance(key, str) for key in properties):
        return None
    if found[1] == _ANY:
        return (properties[_BARE] if set(properties) == {_BARE} else properties,)
    if "type" in properties:
        return None
    node: Node = {"type": found[1], **properties}
    node.setdefault("version", 1)  # last, so that a stated one keeps its place and is written there again
    return (node,)


def states_root(info: str) -> bool:
    """Whether a fenced block says the document's own properties, and not a node that has the root's type."""
    found = _INFO.fullmatch(info.strip())
    return found is not None and found[1] == ROOT_TYPE


def _parse(body: str) -> Any:
    try:
        if body.lstrip().startswith("{"):
            return json.loads(body)
        if not body.strip():
            return {}
        if _may_nest(body) and not _is_shallow_tree(body):
            return None
        value = yaml.load(body, Loader=_Loader)  # noqa: S506 - a SafeLoader, in C where there is one
    except (ValueError, yaml.YAMLError, RecursionError):
        return None
    return value if _is_json(value) else None


def _may_nest(body: str) -> bool:
    """Whether there is in YAML what an alias or deep nesting cannot do without."""
    return "*" in body or body.count("[") + body.count("{") > _YAML_DEPTH or bool(_DEEP_LINE.search(body))


def _is_shallow_tree(body: str) -> bool:
    """Whether YAML has no aliases, which can multiply without end, and nests no deeper than its loader can go: that
    one has no check of its own, and exhausts the stack of the whole process.
    """
    depth = 0
    for event in yaml.parse(body, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                return False
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            return False
    return True


def _is_json(value: Any) -> bool:
    """Whether JSON can hold what YAML said, which knows dates, sets and numbers as keys as well."""
    pending = [value]
    for item in pending:  # grows while it is walked
        if item.__class__ is dict:
            if not all(key.__class__ is str for key in item):
                return False
            pending += item.values()
        elif item.__class__ is list:
            pending += item
        elif item.__class__ is float:
            if not isfinite(item):
                return False
        elif not (item is None or item.__class__ in _SCALARS):
            return False
    return True


def _body(properties: dict[str, Any]) -> str:
    if not properties:
        return ""
    if _depth(properties) <= _YAML_DEPTH:
        try:
            body: str = yaml.dump(
                properties,
                Dumper=_Dumper,
                allow_unicode=True,
                default_flow_style=False,
                sort_keys=False,
                width=_WIDE,
            )
        except (yaml.YAMLError, UnicodeError):
            body = ""
        if body and "\r" not in body and "\0" not in body and _identical(_parse(body), properties):
            return body
    return _json(properties)


def _json(properties: dict[str, Any]) -> str:
    return json.dumps(properties, ensure_ascii=True) + "\n"


def _identical(a: Any, b: Any) -> bool:
    """Equal, with true apart from 1: as JSON texts."""
    return bool(a == b) and json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)


def _depth(value: Any) -> int:
    """How deep containers nest, counted without recursion; stops counting past what YAML is given.

    More containers than YAML can be asked to hold in good time count as too deep.
    """
    depth = 0
    level = [value]
    while level and depth <= _YAML_DEPTH:
        depth += 1
        below: list[Any] = []
        for item in level:
            members = item.values() if isinstance(item, dict) else item
            below.extend(member for member in members if isinstance(member, (dict, list)))
        if len(below) > _YAML_MEMBERS:
            return _YAML_DEPTH + 1
        level = below
    return depth
