"""The rules of the house, read off the source: who may import whom, and who may touch the disk."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "lettering", "storage", "pipeline", "personalization", "miniature", "evaluation")
MODELS = {"torch", "diffusers", "transformers", "peft"}
FORBIDDEN = {
    "bot": MODELS | {"pipeline", "personalization", "evaluation", "miniature"},
    "storage": MODELS | {"bot", "pipeline", "personalization", "evaluation", "miniature"},
    "lettering": MODELS | {"bot", "pipeline", "personalization", "evaluation", "miniature"},
    "pipeline": {"bot", "personalization", "evaluation", "miniature"},
    "personalization": {"bot", "evaluation", "miniature"},
    "miniature": {"bot", "storage", "pipeline", "personalization", "evaluation"},
}
# A command that people know by one package's name while another does the work; nothing imports it.
DOORS = {"miniature/gates.py": {"evaluation"}}
# What is trained here and used there is defined where it is used.
TRAINED = {"miniature/reading.py": {"pipeline"}}
# Banks of sentences are written in the model's own words.
SPEAKS = {"pipeline/diffusion/toolkit/edit_directions.py": ("pipeline.diffusion.vocabulary",)}
# Rule 3 is about what users give and get. These read what is shipped: a model folder's two small JSON files, what was
# measured on it, the font, the sample photos, jieba's dictionary, the weights of the learnt reader
# messages; and marks.py, run by itself, the file that it is asked
# about.
MAY_READ = {
    "pipeline/diffusion/toolkit/model.py",
    "pipeline/diffusion/toolkit/clip.py",
    "pipeline/diffusion/dictionary.py",
    "pipeline/diffusion/vocabulary.py",
    "pipeline/diffusion/choice.py",
    "pipeline/diffusion/detector.py",
    "lettering/font.py",
    "bot/samples/__init__.py",
    "bot/language/tokens.py",
    "bot/language/reader.py",
}
OPENING = {"open", "read_bytes", "read_text", "write_bytes", "write_text", "unlink", "mkdir", "rmtree"}


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(path: Path) -> set[str]:
    """Every module that a file imports, in functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


@pytest.mark.parametrize("package", sorted(FORBIDDEN))
def test_packages_import_only_what_they_may(package: str) -> None:
    files = sources(package)
    assert files
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        forbidden = FORBIDDEN[package] - DOORS.get(name, set()) - TRAINED.get(name, set())
        wrong = {name for name in imports(path) if name.split(".")[0] in forbidden}
        assert not wrong, f"{path.relative_to(ROOT)} imports {sorted(wrong)}"


def test_inside_pipeline_imports_point_to_the_toolkit() -> None:
    for path in sources("pipeline"):
        name = path.relative_to(ROOT).as_posix()
        wrong = set()
        if name.startswith("pipeline/diffusion/toolkit/"):
            allowed = ("pipeline.diffusion.toolkit", *SPEAKS.get(name, ()))
            wrong = {m for m in imports(path) if m.startswith("pipeline.") and not m.startswith(allowed)}
        elif name.startswith("pipeline/diffusion/methods/"):
            allowed = ("pipeline.diffusion.toolkit", "pipeline.diffusion.methods.contract")
            if path.name != "__init__.py":
                wrong = {m for m in imports(path) if m.startswith("pipeline.") and not m.startswith(allowed)}
        assert not wrong, f"{name} imports {sorted(wrong)}"


def test_only_storage_opens_files() -> None:
    for package in ("bot", "lettering", "pipeline", "personalization"):
        for path in sources(package):
            name = path.relative_to(ROOT).as_posix()
            calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
            named = {
                f.id if isinstance(f, ast.Name) else f.attr for f in calls if isinstance(f, ast.Name | ast.Attribute)
            }
            # Image.open of bytes in memory and storage.open are not the disk
            plain = {f.id for f in calls if isinstance(f, ast.Name)} & {"open"}
            touched = (named & (OPENING - {"open"})) | plain
            assert not touched or name in MAY_READ, f"{name} touches the disk: {sorted(touched)}"


def test_nothing_imports_a_door() -> None:
    """A door leads in only one way."""
    doors = {path.removesuffix(".py").replace("/", ".") for path in DOORS}
    for package in PACKAGES:
        for path in sources(package):
            assert not imports(path) & doors, f"{path.relative_to(ROOT)} imports a command"


def test_no_drawer_modules() -> None:
    """Names that say nothing about what is inside."""
    for package in PACKAGES:
        for path in sources(package):
            assert path.stem not in {"utils", "common", "types", "base", "manager", "helpers"}, path
