"""Which texts of the catalogue the code asks for, read from the code itself.

Rule: a name that is put together from parts stands for every key that it can be; a part that is not known here is `*`.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("flows", "storage", "bot")


@dataclass(frozen=True)
class Use:
    """One call that asks for a text or a list of words: its key or pattern, the names it fills in (None: unknown)."""

    place: str
    key: str
    names: frozenset[str] | None
    is_words: bool = False


@dataclass(frozen=True)
class _Scope:
    """A function, in the file that it stands in."""

    function: ast.FunctionDef | ast.AsyncFunctionDef
    tree: ast.Module


def uses() -> list[Use]:
    """Every call in the code that asks for a text."""
    found: list[Use] = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            found += _of_file(path)
    return found


def _of_file(path: Path) -> Iterator[Use]:
    tree = ast.parse(path.read_text("utf-8"))
    name = path.relative_to(ROOT).as_posix()
    for function in ast.walk(tree):
        # `ways` puts a name together for those who call it: its callers say which.
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) or function.name == "ways":
            continue
        scope = _Scope(function, tree)
        for call in _own_calls(function):
            yield from _of_call(call, scope, f"{name}:{call.lineno}")


def _own_calls(function: ast.AST) -> Iterator[ast.Call]:
    """The calls of a function, without those of functions inside it."""
    for child in ast.iter_child_nodes(function):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _own_calls(child)


def _of_call(call: ast.Call, scope: _Scope, place: str) -> Iterator[Use]:
    target = call.func
    names = _names(call)
    if _is_texts(target) and call.args:
        for key in _keys(call.args[0], scope):
            yield Use(place, key, names)
    elif isinstance(target, ast.Attribute) and _is_texts(target.value) and call.args:
        for key in _keys(call.args[0], scope):
            if target.attr == "words":
                yield Use(place, key, None, is_words=True)
            elif target.attr == "count":
                yield Use(place, f"{key}.one", frozenset({"n"}))
                yield Use(place, f"{key}.more", frozenset({"n"}))
    elif isinstance(target, ast.Name | ast.Attribute) and _name(target) == "ways" and len(call.args) > 1:
        for what in _keys(call.args[1], scope):
            yield Use(place, f"ways.*.*.{what}", names)


def _is_texts(node: ast.expr) -> bool:
    return _name(node) in ("texts", "_texts")


def _name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _names(call: ast.Call) -> frozenset[str] | None:
    if any(one.arg is None for one in call.keywords):
        return None
    return frozenset(str(one.arg) for one in call.keywords)


def _keys(node: ast.expr, scope: _Scope) -> list[str]:
    """What an expression can be, as far as the code of its file says."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.IfExp(body=body, orelse=other):
            return [*_keys(body, scope), *_keys(other, scope)]
        case ast.JoinedStr(values=parts):
            options = [_keys(part, scope) for part in parts]
            return ["".join(chosen) for chosen in itertools.product(*options)]
        case ast.FormattedValue(value=value):
            return _keys(value, scope)
        case ast.Name(id=name):
            return _assigned(name, scope) or _passed(name, scope) or ["*"]
        case _:
            return ["*"]


def _assigned(name: str, scope: _Scope) -> list[str]:
    """What a name was set to in its function: by an assignment, or by going through a tuple."""
    found: list[str] = []
    for node in ast.walk(scope.function):
        if isinstance(node, ast.Assign) and any(_name(target) == name for target in node.targets):
            found += _keys(node.value, scope)
        elif isinstance(node, ast.For | ast.comprehension) and _name(node.target) == name:
            options = node.iter.elts if isinstance(node.iter, ast.Tuple | ast.List) else []
            found += [key for option in options for key in _keys(option, scope)]
    return found


def _passed(name: str, scope: _Scope) -> list[str]:
    """What the callers in the same file give for a parameter, where they give a text."""
    arguments = [one.arg for one in scope.function.args.args if one.arg != "self"]
    if name not in arguments:
        return []
    place = arguments.index(name)
    found: list[str] = []
    for node in ast.walk(scope.tree):
        if isinstance(node, ast.Call) and _name(node.func) == scope.function.name and len(node.args) > place:
            value = node.args[place]
            found.append(value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else "*")
    return list(dict.fromkeys(found))
