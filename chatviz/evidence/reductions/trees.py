"""JSON values, smaller and smaller: fields and elements first, then the characters of strings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from chatviz.evidence.reductions.ddmin import ddmin

__all__ = ["TreePath", "read_at", "replace_at", "shrink_fields", "shrink_texts", "texts_in"]

TreePath: TypeAlias = tuple[str | int, ...]
StillFails: TypeAlias = Callable[[Any], bool]


def shrink_fields(tree: Any, fails: StillFails) -> Any:
    """Return a JSON value without the fields and elements that can go, from the outside in.

    Parameters
    ----------
    tree : JSON value
        It is not changed.
    fails : callable
        Takes a smaller value.
    """
    waiting: list[TreePath] = [()]
    while waiting:
        path = waiting.pop()
        node = read_at(tree, path)
        if isinstance(node, dict | list):
            tree = _with_fewer_children(tree, path, fails)
            node = read_at(tree, path)
            inner = list(node) if isinstance(node, dict) else range(len(node))
            waiting += [(*path, key) for key in reversed(inner)]
    return tree


def shrink_texts(tree: Any, fails: StillFails) -> Any:
    """Return a JSON value whose strings have no character that can go."""
    for path, text in list(texts_in(tree)):
        tree = _with_shorter_text(tree, path, text, fails)
    return tree


def texts_in(tree: Any, path: TreePath = ()) -> Iterator[tuple[TreePath, str]]:
    """Yield the strings of a JSON value that are not empty, each with its path; no keys."""
    waiting: list[tuple[TreePath, Any]] = [(path, tree)]
    while waiting:
        here, node = waiting.pop()
        if isinstance(node, str) and node:
            yield here, node
        elif isinstance(node, dict):
            waiting += [((*here, key), node[key]) for key in reversed(node)]
        elif isinstance(node, list):
            waiting += [((*here, n), node[n]) for n in range(len(node) - 1, -1, -1)]


def read_at(tree: Any, path: TreePath) -> Any:
    """Return what is at a path, which is there."""
    for key in path:
        tree = tree[key]
    return tree


def replace_at(tree: Any, path: TreePath, value: Any) -> Any:
    """Return a JSON value with another one at a path; the rest is shared."""
    nodes = [tree]
    for key in path:
        nodes.append(nodes[-1][key])
    for key, node in zip(reversed(path), reversed(nodes[:-1]), strict=True):
        copy = node.copy()
        copy[key] = value
        value = copy
    return value


def _with_fewer_children(tree: Any, path: TreePath, fails: StillFails) -> Any:
    node = read_at(tree, path)
    keys: list[Any] = list(node) if isinstance(node, dict) else list(range(len(node)))
    kept = ddmin(keys, lambda some: fails(_with_children(tree, path, some)))
    return _with_children(tree, path, kept)


def _with_shorter_text(tree: Any, path: TreePath, text: str, fails: StillFails) -> Any:
    kept = ddmin(text, lambda some: fails(replace_at(tree, path, "".join(some))))
    return replace_at(tree, path, "".join(kept))


def _with_children(tree: Any, path: TreePath, keys: Sequence[str | int]) -> Any:
    """Return a JSON value that keeps only some children of what is at a path."""
    node = read_at(tree, path)
    fewer = {key: node[key] for key in keys} if isinstance(node, dict) else [node[n] for n in keys]
    return replace_at(tree, path, fewer)
