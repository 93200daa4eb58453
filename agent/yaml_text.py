"""YAML as plain text: mappings, lists and strings, and nothing that a file could use against its reader.

Scalars stay as they are written (`NO` is no boolean, `0022` no number). Tags are refused, so no object is ever made;
anchors are followed but may not multiply the file. Only PyYAML's safe loader reads, and only as far as its nodes.
"""

from __future__ import annotations

from typing import Final, Union

import yaml

from collectors.errors import ConfigError

MAX_BYTES: Final = 8 << 20
_MOST_NODES: Final = 1_000_000
"""With every anchor written out."""
_DEEPEST: Final = 50
_CORE: Final = "tag:yaml.org,2002:"
_PLAIN: Final = frozenset(("map", "seq", "str", "int", "float", "bool", "null", "timestamp", "merge", "value"))
_MERGE: Final = f"{_CORE}merge"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where PyYAML was built with it: the same, twenty times faster."""

Node = Union[str, list["Node"], dict[str, "Node"]]  # noqa: UP007  # a recursive alias cannot be written with |


def read_yaml(text: str, name: str) -> Node:
    """The one document in *text* of the file *name*; "" for an empty one.

    Raises ConfigError that names file, line and cure.
    """
    try:
        _check_depth(text, name)
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError(f"{name}, line {line}: is not valid YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, RecursionError):
        raise ConfigError(f"{name}: is not valid YAML, or nested too deeply; correct it, or give a CSV") from None
    if root is None:
        return ""
    _check(root, name)
    return _text(root, {})


def _check_depth(text: str, name: str) -> None:
    """Refuse depth before a tree is built: libyaml's composer goes down by recursion, and crashes."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise ConfigError(f"{name}, line {line}: nested more than {_DEEPEST} deep; no inventory is")


def _check(root: yaml.Node, name: str) -> None:
    """Refuse tags, depth by way of anchors, an anchor inside itself, and anchors that multiply."""
    sizes: dict[int, int] = {}
    open_: set[int] = set()

    def size(node: yaml.Node, depth: int) -> int:
        if id(node) in open_:
            raise ConfigError(f"{name}, {_line(node)}: an anchor holds itself; write it out")
        if depth > _DEEPEST:
            raise ConfigError(f"{name}, {_line(node)}: nested more than {_DEEPEST} deep; no inventory is")
        if id(node) in sizes:
            return sizes[id(node)]
        _check_tag(node, name)
        open_.add(id(node))
        total = 1 + sum(size(child, depth + 1) for child in _children(node))
        open_.discard(id(node))
        if total > _MOST_NODES:
            raise ConfigError(
                f"{name}, {_line(node)}: its anchors multiply it to more than {_MOST_NODES:,} values; write them out"
            )
        sizes[id(node)] = total
        return total

    size(root, 0)


def _check_tag(node: yaml.Node, name: str) -> None:
    tag = str(node.tag)
    if tag.removeprefix(_CORE) in _PLAIN and tag.startswith(_CORE):
        return
    shown = tag if tag.startswith("!") and tag.isprintable() and len(tag) < 40 else "of its own"
    if tag == "!vault":
        raise ConfigError(
            f"{name}, {_line(node)}: holds a secret (!vault), which a target list has no use for; keep secrets in"
            " group_vars, or give a CSV"
        )
    raise ConfigError(f"{name}, {_line(node)}: a tag ({shown}) is not read; write the plain value")


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [one for pair in node.value for one in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _text(node: yaml.Node, made: dict[int, Node]) -> Node:
    """Nodes as plain values; what an anchor names is made once and shared."""
    if id(node) not in made:
        if isinstance(node, yaml.MappingNode):
            made[id(node)] = _mapping(node, made)
        elif isinstance(node, yaml.SequenceNode):
            made[id(node)] = [_text(child, made) for child in node.value]
        else:
            made[id(node)] = "" if node.tag == f"{_CORE}null" else str(node.value)
    return made[id(node)]


def _mapping(node: yaml.MappingNode, made: dict[int, Node]) -> dict[str, Node]:
    """A mapping, with what `<<` merges below its own keys."""
    own: dict[str, Node] = {}
    merged: dict[str, Node] = {}
    for key, value in node.value:
        content = _text(value, made)
        if key.tag == _MERGE:
            for part in content if isinstance(content, list) else [content]:
                merged = {**(part if isinstance(part, dict) else {}), **merged}
        else:
            own[str(_text(key, made)) if isinstance(key, yaml.ScalarNode) else ""] = content
    return {**merged, **own}


def _line(node: yaml.Node) -> str:
    return f"line {node.start_mark.line + 1}"
