"""What stands in several of the project's files is the same in all of them."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml

import mfccclf

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {
    "lazy_loader": "lazy-loader",
    "python-lmdb": "lmdb",
    "pysoundfile": "soundfile",
    "soxr-python": "soxr",
    "pytorch": "torch",
}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def bounds(lines):
    """Return each package's bounds, without blanks."""
    packages = {}
    for line in lines:
        name, bound = re.fullmatch(r"([\w.-]+)\s*(.*)", line.strip()).groups()
        packages[name] = bound.replace(" ", "")
    return packages


@pytest.fixture(scope="module")
def options():
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


@pytest.fixture(scope="module")
def required(options):
    return bounds(options["options"]["install_requires"].strip().splitlines())


def test_citation_recipe_and_changelog_name_this_version():
    version = mfccclf.__version__
    assert yaml.safe_load(read("CITATION.cff"))["version"] == version
    assert yaml.safe_load(read("recipe/recipe.yaml"))["context"]["version"] == version
    assert f"## [{version}]" in read("CHANGELOG.md")


def test_the_conda_recipe_requires_what_the_package_requires(options, required):
    recipe = yaml.safe_load(read("recipe/recipe.yaml"))
    run = bounds(recipe["requirements"]["run"])
    assert run.pop("python") == options["options"]["python_requires"]
    assert {CONDA_NAMES.get(name, name): run[name] for name in run} == required


def test_the_oldest_set_is_what_the_package_allows(options, required):
    oldest = bounds(
        line for line in read("constraints-min.txt").splitlines() if line[0] != "#"
    )
    for text in options["options.extras_require"].values():
        lines = [line for line in text.strip().splitlines() if ">=" in line]
        required = bounds(lines) | required
    # No build of torch that old can be had everywhere; the newest pyparsing and SciPy
    # warn where an old Matplotlib and scikit-learn call them.
    allowed = {name: bound for name, bound in required.items() if name in oldest}
    del allowed["torch"], oldest["torch"]
    del oldest["pyparsing"], oldest["scipy"]
    assert {name: bound.split(",")[0] for name, bound in allowed.items()} == {
        name: bound.replace("==", ">=") for name, bound in oldest.items()
    }


def test_the_oldest_set_names_every_required_package(required):
    oldest = read("constraints-min.txt")
    assert [name for name in required if f"\n{name}==" not in oldest] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_pin_actions_and_ask_for_few_rights(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    uses = re.findall(r"uses: (\S+)", path.read_text(encoding="utf-8"))
    assert uses
    assert [
        use for use in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", use)
    ] == []
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        assert set(job.get("permissions", {})) <= {"id-token"}


def test_there_are_workflows():
    assert [path.stem for path in WORKFLOWS] == ["release", "tests"]
