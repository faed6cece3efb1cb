"""Every mutant of a module: its source with one thing changed.

Decides what is worth changing. Annotations and docstrings are not: no test can tell.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

ALTERNATIVES: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
}
"""What stands for an operator."""

SWAPS = {"min": "max", "max": "min", "any": "all", "all": "any"}
"""Functions that are easily mistaken for one another."""

UNTOLD = {"annotation", "returns"}
"""Fields of which no test can tell."""


@dataclass(frozen=True)
class Mutant:
    """One change.

    Attributes:
        line: where, in the module as it is.
        scope: the function or class that it is in, dotted; empty for the module itself.
        original: the statement, of a compound one its head.
        mutated: the same after the change.
        source: the whole module after the change.
    """

    line: int
    scope: str
    original: str
    mutated: str
    source: str


@dataclass(frozen=True)
class _Place:
    """Where a node stands in the tree.

    Attributes:
        node: the node.
        parent: the node that has it.
        field: the parent's field.
        index: place in the field, where that is a list.
        owner: the innermost statement around it, or itself.
        scope: as for a mutant.
    """

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    owner: ast.stmt | None
    scope: str

    def put(self, node: ast.AST) -> None:
        """Let another node stand here."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    seen: set[tuple[int, str]] = set()
    for place in _places(tree, None, ""):
        if place.owner is None:
            continue
        original = _shown(place.owner)
        for node in (*_parts(place.node), *_branches(place.node), *_statements(place.node)):
            place.put(node)
            mutated = _shown(node if isinstance(node, ast.stmt) else place.owner)
            changed = ast.unparse(tree)
            place.put(place.node)
            if mutated != original and (place.owner.lineno, mutated) not in seen:
                seen.add((place.owner.lineno, mutated))
                yield Mutant(getattr(place.node, "lineno", place.owner.lineno), place.scope, original, mutated, changed)


def _places(parent: ast.AST, owner: ast.stmt | None, scope: str) -> Iterator[_Place]:
    """Everything below a node that may be changed."""
    if isinstance(parent, ast.FunctionDef | ast.ClassDef):
        scope = f"{scope}.{parent.name}".lstrip(".")
    for field, value in list(ast.iter_fields(parent)):
        if field in UNTOLD:
            continue
        for index, node in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(node, ast.AST) or _says_nothing(node, parent):
                continue
            inside = node if isinstance(node, ast.stmt) else owner
            place = _Place(node, parent, field, index if isinstance(value, list) else None, inside, scope)
            yield place
            yield from _places(node, inside, scope)


def _says_nothing(node: ast.AST, parent: ast.AST) -> bool:
    """A docstring; or the None that something is compared with: the comparison is changed instead."""
    match parent, node:
        case (_, ast.Expr(ast.Constant())) | (ast.Compare(), ast.Constant(None)):
            return True
    return False


def _parts(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of a part of an expression."""
    match node:
        case ast.Constant(value):
            yield from (ast.Constant(other) for other in _other_values(value))
        case ast.cmpop() | ast.operator():
            yield from (alternative() for alternative in ALTERNATIVES.get(type(node), ()))
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.Name(name) if name in SWAPS:
            yield ast.Name(SWAPS[name])
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
            yield from (ast.BoolOp(op, values[:index] + values[index + 1 :]) for index in range(len(values)))
        case ast.Call(function, arguments, named):
            yield from (
                ast.Call(function, arguments, named[:index] + named[index + 1 :]) for index in range(len(named))
            )


def _branches(node: ast.AST) -> Iterator[ast.AST]:
    """What is always, and what is never."""
    always, never = ast.Constant(value=True), ast.Constant(value=False)
    match node:
        case ast.If() | ast.While() | ast.IfExp():
            yield _with(node, test=always)
            yield _with(node, test=never)
        case ast.comprehension(ifs=conditions) if conditions:
            yield _with(node, ifs=[])
            yield _with(node, ifs=[never])


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """What may stand in the place of a statement: nothing."""
    match node:
        case ast.Return(value) if value is not None:
            yield ast.Return(ast.Constant(None))
        case ast.Expr() | ast.Assign() | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break():
            yield ast.Pass()


def _other_values(value: object) -> tuple[bool | int | float | str | None, ...]:
    match value:
        case bool():
            return (not value,)
        case int() | float():
            return value + 1, value - 1
        case str():
            return f"{value}~", ""
        case None:
            return ("",)
    return ()


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """The same node with other fields."""
    other = copy.copy(node)
    for field, value in fields.items():
        setattr(other, field, value)
    return other


def _shown(statement: ast.stmt) -> str:
    """A statement as a reader sees it, of a compound one the head."""
    bare: dict[str, object] = {"body": [ast.Pass()]} if hasattr(statement, "body") else {}
    bare |= {field: [] for field in ("orelse", "finalbody") if hasattr(statement, field)}
    for field in ("handlers", "cases"):
        if hasattr(statement, field):
            bare[field] = [_with(each, body=[ast.Pass()]) for each in getattr(statement, field)]
    return ast.unparse(_with(statement, **bare)).strip().removesuffix("\n    pass")
