"""The order of the layers, and what the prediction path must never import."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = {"mfccclf": ROOT / "mfccclf", "mfccclf.cli": ROOT / "cli"}

# From the ground up: a module imports from its own layer and those before it.
LAYERS = (
    (
        "errors",
        "_array_blocks",
        "_batching",
        "_deprecation",
        "_files",
        "_inert",
        "_graph_builder",
        "_hashing",
        "_memory",
        "_model_graph",
        "_onnx_session",
        "_parameters",
        "_protobuf",
        "_safe_yaml",
        "_typing",
        "_validation",
    ),
    ("storage",),
    ("waveform", "caching"),
    ("display",),
    ("features", "sequences", "variation"),
    ("preprocessing", "sequence_statistics", "stratification", "_sequence_input"),
    ("modules",),
    ("estimators",),
    ("embedding_selector",),
    ("presets", "clip_pipeline", "pipelines", "step_kinds"),
    ("datasets", "search", "evaluation"),
    ("synthesis",),
    ("prediction",),
    ("persistence",),
    ("web_page", "web_server"),
    ("service",),
    ("workflows",),
    ("studio",),
    ("plots", "report"),
    ("hub", "tracking"),
    ("cli",),
)
HEIGHT = {room: height for height, rooms in enumerate(LAYERS) for room in rooms}
# These two only open the door to the others.
DOORS = ("mfccclf", "mfccclf.__main__")

HEAVY = {
    "fsspec",
    "torch",
    "skorch",
    "sklearn",
    "scipy",
    "librosa",
    "onnx",
    "pandas",
    "numba",
    "jinja2",
    "prometheus_client",
    "starlette",
    "uvicorn",
}
LEAN = (
    "mfccclf",
    "mfccclf.waveform",
    "mfccclf.waveform.loading",
    "mfccclf.features",
    "mfccclf.features.extraction",
    "mfccclf.features.frames",
    "mfccclf.prediction",
    "mfccclf.prediction.predictor",
    "mfccclf.prediction.formats.making",
    "mfccclf.cli.main",
)


def find_modules() -> dict[str, Path]:
    found = {}
    for package, folder in SOURCES.items():
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder).with_suffix("").parts
            name = ".".join([package, *parts])
            found[name.removesuffix(".__init__")] = path
    return found


MODULES = find_modules()
TREES = {name: ast.parse(path.read_bytes()) for name, path in MODULES.items()}
# What a lazy package exports stands in its stub, which lazy_loader reads.
STUBS = {
    name: ast.parse(path.with_suffix(".pyi").read_bytes()).body
    for name, path in MODULES.items()
    if path.with_suffix(".pyi").is_file()
}


def imported_names(module: str, *, only_on_import: bool) -> Iterator[str]:
    """Yield what a module imports, as full dotted names.

    With ``only_on_import``, leave out function bodies and type-checking blocks.
    """
    for node in statements(TREES[module], only_on_import=only_on_import):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = absolute_source(module, node)
            for alias in node.names:
                yield home_of(source, alias.name)


def statements(tree: ast.AST, *, only_on_import: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if only_on_import and is_put_off(node):
            continue
        yield node
        yield from statements(node, only_on_import=only_on_import)


def is_put_off(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def absolute_source(module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    is_package = MODULES[module].name == "__init__.py"
    up = node.level - 1 if is_package else node.level
    parts = module.split(".")
    base = parts[: len(parts) - up]
    return ".".join([*base, *([node.module] if node.module else [])])


def home_of(source: str, name: str) -> str:
    """Return the module that ``from source import name`` runs."""
    full = f"{source}.{name}"
    if full in MODULES:
        return full
    lazy = lazy_names(source)
    return f"{source}.{lazy[name]}" if name in lazy else source


def lazy_names(package: str) -> dict[str, str]:
    """Return the module of each name that a package fetches on first use."""
    return {
        alias.name: node.module
        for node in STUBS.get(package, ())
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def room_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "mfccclf" and len(parts) > 1 else None


@pytest.mark.parametrize("module", sorted(set(MODULES) - set(DOORS)))
def test_layers_import_downwards_only(module):
    room = room_of(module)
    assert room in HEIGHT, f"{module} has no layer: give it one in this file"
    for name in imported_names(module, only_on_import=False):
        other = room_of(name)
        if other in HEIGHT:
            assert HEIGHT[other] <= HEIGHT[room], f"{module} imports {name} from above"


def private_imports(tree: ast.AST, owner: Callable[[ast.ImportFrom], str]) -> set[str]:
    """Return the package's names with a leading underscore that a file imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{owner(node)}.{alias.name}" for alias in node.names}
    ours = {name for name in names if name.startswith("mfccclf.")}
    return {name for name in ours if home_of_private(name) is not None}


def home_of_private(name: str) -> str | None:
    """Return the package that may use a name; None if all may."""
    parts = name.split(".")
    for place, part in enumerate(parts):
        if part.startswith("_") and not part.endswith("__"):
            return ".".join(parts[:place])
    return None


@pytest.mark.parametrize("module", sorted(MODULES))
def test_an_underscore_keeps_a_name_in_its_package_and_below(module):
    found = private_imports(TREES[module], partial(absolute_source, module))
    for name in found:
        home = home_of_private(name)
        # mfccclf.cli counts as below mfccclf: what lies at the top is for all rooms.
        assert f"{module}.".startswith(f"{home}."), f"{module} imports {name}"


@pytest.mark.parametrize("folder", ["benchmarks", "examples", "weights/recipes"])
def test_programs_outside_the_package_use_its_public_names(folder):
    for path in (ROOT / folder).rglob("*.py"):
        tree = ast.parse(path.read_bytes())
        found = private_imports(tree, lambda node: node.module or "")
        assert not found, f"{path.relative_to(ROOT)} imports {', '.join(sorted(found))}"


@pytest.mark.parametrize("start", LEAN)
def test_lean_modules_import_nothing_heavy(start):
    assert start in MODULES
    chains = {start: [start]}
    waiting = [start]
    while waiting:
        module = waiting.pop()
        for name in imported_names(module, only_on_import=True):
            chain = [*chains[module], name]
            assert name.split(".")[0] not in HEAVY, " -> ".join(chain)
            for part in with_packages(name):
                if part in MODULES and part not in chains:
                    chains[part] = chain
                    waiting.append(part)


@pytest.mark.parametrize("package", sorted(STUBS))
def test_lazy_packages_export_what_their_stubs_name(package):
    module = importlib.import_module(package)
    names = set(lazy_names(package))
    assert set(module.__all__) - {"__version__"} == names
    assert names <= set(dir(module))
    for name in names:
        assert getattr(module, name) is not None


def with_packages(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]


def test_prediction_runs_without_the_heavy_packages():
    code = (
        "import sys\n"
        "from mfccclf import Predictor, extract_sequence, load_waveform\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert run.stdout.strip() == "[]", run.stdout + run.stderr
