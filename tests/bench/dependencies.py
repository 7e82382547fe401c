"""What changed Python code depends on, read off its syntax by Python itself.

A judge of its own: it resolves names through imports, where the product looks for words. What it
cannot resolve for certain, such as a method of an unknown object, it does not ask for.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.models import FileChange, LineKind
from tests.bench.edits import Change

MOST_CALLERS = 6
"""Call sites of one function that a reader needs to see."""
Place = tuple[str, int]
"""Path and line at the head."""


@dataclass
class _Module:
    """One parsed file: what it defines, what its names stand for."""

    path: str
    tree: ast.Module
    defined: dict[str, ast.stmt] = field(default_factory=dict)
    methods: dict[tuple[str, str], ast.stmt] = field(default_factory=dict)
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Local name → (module's dotted name, name there; empty for the module itself)."""


@dataclass(frozen=True, slots=True)
class Needs:
    """Places that a reader of a change needs: heads of definitions, and lines with callers."""

    definitions: frozenset[Place]
    callers: frozenset[Place]


def needed(change: Change) -> Needs:
    """Return what the changed lines call, and who calls the functions they stand in."""
    modules = {_dotted(path): _read(path, text) for path, text in change.texts.items()}
    definitions: set[Place] = set()
    touched: set[tuple[str, str]] = set()
    for file in change.files:
        module = modules[_dotted(file.path)]
        lines = _changed(file)
        for owner, call in _calls(module.tree):
            if call.lineno in lines:
                definitions.update(_resolved(module, owner, call, modules))
        touched |= {(_dotted(file.path), name) for name in _touched(module, lines)}
    return Needs(frozenset(definitions), frozenset(_callers(touched, modules)))


def _changed(file: FileChange) -> frozenset[int]:
    return frozenset(
        line.new
        for hunk in file.hunks or ()
        for line in hunk.lines
        if line.kind is LineKind.ADDED and line.new is not None
    )


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _read(path: str, text: str) -> _Module:
    module = _Module(path, ast.parse(text))
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            module.defined[node.name] = node
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    module.methods[node.name, inner.name] = inner
    for each in ast.walk(module.tree):
        if isinstance(each, ast.ImportFrom):
            source = _source(path, each)
            for alias in each.names:
                module.names[alias.asname or alias.name] = (source, alias.name)
        elif isinstance(each, ast.Import):
            for alias in each.names:
                if alias.asname or "." not in alias.name:
                    module.names[alias.asname or alias.name] = (alias.name, "")
    return module


def _source(path: str, node: ast.ImportFrom) -> str:
    """Return the dotted name that an import reads from, relative ones resolved."""
    if not node.level:
        return node.module or ""
    folders = path.split("/")[:-1]
    base = folders[: len(folders) - node.level + 1]
    return ".".join([*base, *(node.module or "").split(".")]).rstrip(".")


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call with the class that it stands in, if any."""
    for node in tree.body:
        owner = node.name if isinstance(node, ast.ClassDef) else ""
        for each in ast.walk(node):
            if isinstance(each, ast.Call):
                yield owner, each


def _resolved(
    module: _Module, owner: str, call: ast.Call, modules: Mapping[str, _Module]
) -> Iterator[Place]:
    target = call.func
    if isinstance(target, ast.Name):
        node = module.defined.get(target.id)
        if node is not None:
            yield module.path, node.lineno
        elif target.id in module.names:
            yield from _imported(*module.names[target.id], modules)
    elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        if target.value.id in {"self", "cls"} and (owner, target.attr) in module.methods:
            yield module.path, module.methods[owner, target.attr].lineno
        elif target.value.id in module.names:
            source, name = module.names[target.value.id]
            dotted = f"{source}.{name}".rstrip(".")
            yield from _imported(dotted, target.attr, modules)


def _imported(
    dotted: str, name: str, modules: Mapping[str, _Module], hops: int = 3
) -> Iterator[Place]:
    """Follow a name to the file that defines it, through packages that pass it on."""
    module = modules.get(dotted)
    if module is None or not hops:
        return
    node = module.defined.get(name)
    if node is not None:
        yield module.path, node.lineno
    elif name in module.names:
        yield from _imported(*module.names[name], modules, hops - 1)


def _touched(module: _Module, lines: frozenset[int]) -> Iterator[str]:
    """Yield the functions of a module that changed lines stand in."""
    for name, node in module.defined.items():
        span = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not lines.isdisjoint(span):
            yield name


def _callers(touched: set[tuple[str, str]], modules: Mapping[str, _Module]) -> Iterator[Place]:
    wanted = {
        (modules[dotted].path, modules[dotted].defined[name].lineno): 0 for dotted, name in touched
    }
    for module in modules.values():
        for owner, call in _calls(module.tree):
            for place in _resolved(module, owner, call, modules):
                if place in wanted and wanted[place] < MOST_CALLERS:
                    wanted[place] += 1
                    yield module.path, call.lineno
