"""The rules of the house, read off the source. Who may import whom stands in pyproject.toml (import-linter)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "lettering", "storage", "pipeline", "personalization", "miniature", "evaluation")
SERVED = ("bot", "lettering", "pipeline", "personalization")  # what is at work for users, beside storage
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
WRITING = {"write_bytes", "write_text", "unlink", "mkdir", "rmtree"}
READING = {"read_bytes", "read_text"}
WEIGHTS = ("pipeline.diffusion", "pipeline.editors", "pipeline.vision")  # who loads weights from a model's folder
DRAWERS = {"utils", "common", "types", "base", "manager", "helpers", "misc", "core"}


def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text("utf-8"))


def imports(module: str) -> set[str]:
    """The modules of ours that one imports: in functions and for type checkers, too."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            named = {f"{node.module}.{name.name}" for name in node.names}
            found |= {name if name in MODULES else node.module for name in named}
    return (found & MODULES.keys()) - {module}


def calls(module: str) -> Iterator[str]:
    """Names of the functions and methods that a module calls; the builtin `open` as "open", a method of that name not."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr != "open":
            yield node.func.attr


def served(module: str) -> bool:
    return module.split(".")[0] in SERVED


def test_layers() -> None:
    """The contracts of pyproject.toml."""
    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_no_circles() -> None:
    """Whoever follows the imports of a module never comes back to it."""
    ahead = {module: imports(module) for module in MODULES}
    done: set[str] = set()

    def walk(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " → ".join((*way[way.index(module) :], module))
        if module not in done:
            for other in sorted(ahead[module]):
                walk(other, (*way, module))
            done.add(module)

    for module in MODULES:
        walk(module, ())


@pytest.mark.parametrize("module", [*filter(served, MODULES)])
def test_only_storage_touches_the_disk(module: str) -> None:
    """Nobody else writes. What others read is weights of a model's folder, or comes with a package."""
    called = set(calls(module))
    assert not called & (WRITING | {"open"}), f"{module} writes: {sorted(called & (WRITING | {'open'}))}"
    if called & READING and not module.startswith(WEIGHTS):
        source = MODULES[module].read_text("utf-8")
        assert "__file__" in source or "resources.files" in source, f"{module} reads what does not come with a package"


def test_no_drawer_modules() -> None:
    """Names that say nothing about what is inside."""
    assert not [module for module in MODULES if module.split(".")[-1] in DRAWERS]


def test_the_map_names_what_exists() -> None:
    """docs/architecture.md: every file once on the two walks, at most 15 of them, and all of them there."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    named = re.findall(r"`([a-z_]+/[a-z_/]+(?:\.[a-z]+|/))`", page)
    assert named
    assert not [name for name in named if not (ROOT / name).exists()]
    walks = page[page.index("## The sentence") : page.index("## Who may know whom")]
    files = re.findall(r"`([a-z_/]+\.py)`", walks)
    assert len(files) == len(set(files)) <= 15
