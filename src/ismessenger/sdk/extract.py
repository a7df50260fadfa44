"""Finds for Babel what is to be translated of steps, triggers and integrations: what they declare, and what `gettext` is asked for.

In ``babel.cfg``: ``[extractors]``, ``declared = ismessenger.sdk.extract:declared``, then ``[declared: **.py]``.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Final

import orjson
from babel.messages.extract import extract_python

Found = tuple[int, str, str | tuple[str, ...], list[str]]

_OF_SDK: Final = frozenset({"ismessenger.sdk.step", "ismessenger.sdk.integration"})
_OF_CLASS: Final = frozenset({"name", "description", "group"})
_OF_FIELD: Final[Mapping[str, frozenset[str]]] = {
    "Field": frozenset({"title", "description"}),
    "widget": frozenset({"labels", "placeholder", "item", "empty"}),
    "refers_to": frozenset({"placeholder", "item", "empty"}),
}


def declared(fileobj: BinaryIO, keywords: Collection[str], comment_tags: Collection[str], options: Any) -> Iterator[Any]:
    """The messages of a Python file. What is declared counts only in a module that imports the contract of steps or integrations."""
    for line, function, *found in extract_python(fileobj, dict.fromkeys([*keywords, "marked"]), comment_tags, options):
        yield line, "gettext" if function == "marked" else function, *found
    fileobj.seek(0)
    tree = ast.parse(fileobj.read())
    if any(_is_contract(node) for node in tree.body):
        for node in ast.walk(tree):
            yield from _declared_by(node)


def gallery(fileobj: BinaryIO, keywords: object, comment_tags: object, options: object) -> Iterator[Found]:  # noqa: ARG001 - as Babel calls it
    """The name and the description of a workflow of the gallery."""
    workflow = orjson.loads(fileobj.read())
    for name in ("name", "description"):
        yield 1, "gettext", workflow[name], []


def _is_contract(node: ast.stmt) -> bool:
    """A line by which a module declares by our contract, or is the contract."""
    imports = isinstance(node, ast.ImportFrom) and node.module in _OF_SDK
    return imports or (isinstance(node, ast.FunctionDef) and node.name in _OF_FIELD)


def _declared_by(node: ast.AST) -> Iterator[Found]:
    match node:
        case ast.ClassDef(body=body) if {"kind", "name"} <= set(_assigned(body)):
            yield from _texts(value for name, value in _assigned(body).items() if name in _OF_CLASS)
        case ast.Call(func=ast.Name(id=called), keywords=given) if called in _OF_FIELD:
            yield from _texts(each.value for each in given if each.arg in _OF_FIELD[called])


def _assigned(body: Sequence[ast.stmt]) -> dict[str, ast.expr]:
    return {
        node.target.id: node.value for node in body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value
    }


def _texts(values: Iterable[ast.expr]) -> Iterator[Found]:
    for value in values:
        if isinstance(value, ast.Dict):
            yield from _texts(value.values)
        elif isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
            yield value.lineno, "gettext", value.value, []
