"""The shape of the house: which room may import which, what an import may cost, how long a file may be."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("envs", "agents", "llm_policy", "training", "xueba")
"""From left to right; an import points only to the left."""
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for room in ROOMS
    for path in sorted((ROOT / room).rglob("*.py"))
}
OTHERS = [path for folder in ("tests", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]
FILES = [str(path.relative_to(ROOT)) for path in (*MODULES.values(), *OTHERS)]


def imports(tree: ast.AST, package: str) -> Iterator[str]:
    """Dotted names of everything imported below `tree`; `from x import y` gives `x.y`, whatever `y` is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: -node.level + 1 or None] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def package_of(module: str) -> str:
    return module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]


def parsed(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def while_importing(tree: ast.Module) -> ast.Module:
    """`tree` without the bodies of functions and of `if TYPE_CHECKING`: what runs when the module is imported."""

    class Pruned(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None: ...
        def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None: ...
        def visit_If(self, node: ast.If) -> ast.AST | None:
            return None if "TYPE_CHECKING" in ast.unparse(node.test) else self.generic_visit(node)

    return Pruned().visit(tree)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_read(room: str) -> None:
    assert room in MODULES, f"{room}/__init__.py is missing"


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_to_the_left(module: str) -> None:
    room = module.split(".")[0]
    wrong = [
        name
        for name in imports(parsed(module), package_of(module))
        if name.split(".")[0] in (*ROOMS[ROOMS.index(room) + 1 :], "tests", "benchmarks")
    ]
    assert not wrong, f"{module} imports {wrong}; imports point only to the left in {' < '.join(ROOMS)}"


@pytest.mark.parametrize("module", [name for name in MODULES if name.split(".")[0] in ("envs", "agents")])
def test_worlds_and_players_know_no_tensors(module: str) -> None:
    wrong = [
        name
        for name in imports(parsed(module), package_of(module))
        if name.split(".")[0] in ("torch", "transformers", "tokenizers", "safetensors", "jax", "wandb")
    ]
    assert not wrong, f"{module} imports {wrong}; rules and players run without a deep-learning library"


def test_no_module_imports_itself_in_a_circle() -> None:
    edges: dict[str, set[str]] = {}
    for module in MODULES:
        names = imports(while_importing(parsed(module)), package_of(module))
        found = {name if name in MODULES else name.rpartition(".")[0] for name in names}
        edges[module] = (found & MODULES.keys()) - {module}
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        pytest.fail(f"these import each other in a circle: {' <- '.join(error.args[1])}")


@pytest.mark.parametrize("file", FILES)
def test_files_are_short_and_named_for_what_they_hold(file: str) -> None:
    lines = (ROOT / file).read_text(encoding="utf-8").count("\n")
    assert lines <= 400, f"{file} has {lines} lines: past 400 it hides an idea that wants a file of its own"
    vague = {"util", "utils", "helper", "helpers", "common", "misc"} & set(Path(file).with_suffix("").parts)
    assert not vague, f"{file}: {vague} says nothing; name the file for what it holds"


@pytest.mark.parametrize("path", sorted((ROOT / "benchmarks").glob("*.py")), ids=lambda path: path.stem)
def test_no_benchmark_hides_a_module_of_python(path: Path) -> None:
    assert path.stem not in sys.stdlib_module_names, "as a script, its folder is searched first"


def test_import_xueba_is_light() -> None:
    heavy = "torch transformers wandb tensorboardX matplotlib bitbully chess.engine pyspiel jax".split()
    code = f"import sys, xueba; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (run.returncode, run.stdout.strip()) == (0, "[]"), run.stdout + run.stderr
