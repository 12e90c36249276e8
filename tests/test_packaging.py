"""What setup.cfg lists is what lies on disk."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
OUTSIDE = ("cli", "weights", "audio")


@pytest.fixture(scope="module")
def setup_cfg() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


@pytest.fixture(scope="module")
def packages(setup_cfg) -> dict[str, Path]:
    """Return the folder of each package that is listed."""
    homes = dict(
        (part.strip() for part in line.split("="))
        for line in setup_cfg["options"]["package_dir"].split("\n")
        if line.strip()
    )
    return {
        name: folder_of(name, homes)
        for name in setup_cfg["options"]["packages"].split()
    }


def folder_of(package: str, homes: dict[str, str]) -> Path:
    nearest = max(
        (home for home in homes if f"{package}.".startswith(f"{home}.")), key=len
    )
    rest = package[len(nearest) :].strip(".")
    return ROOT.joinpath(homes[nearest], *filter(None, rest.split(".")))


def test_every_folder_of_code_is_listed(packages):
    holding_code = {path.parent for path in (ROOT / "mfccclf").rglob("*.py")}
    holding_code |= {path.parent for path in (ROOT / "cli").rglob("*.py")}
    assert holding_code <= set(packages.values())


def test_every_listed_package_can_be_imported_from_its_folder(packages):
    missing = [name for name, path in packages.items() if not is_package(path)]
    assert missing == []
    assert {f"mfccclf.{name}" for name in OUTSIDE} <= set(packages)


def is_package(folder: Path) -> bool:
    return (folder / "__init__.py").is_file()


@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_inside_the_package_hides_the_folders_beside_it(name):
    inside = ROOT / "mfccclf" / name
    assert not inside.exists()
    assert not inside.with_suffix(".py").exists()


def test_every_data_file_of_a_package_is_installed(setup_cfg, packages):
    section = setup_cfg["options.package_data"]
    left_out = []
    for package, folder in packages.items():
        patterns = [
            text.strip()
            for key in ("*", package)
            for text in section.get(key, "").split(",")
        ]
        for path in folder.iterdir():
            is_data = path.is_file() and path.suffix not in (".py", ".pyc")
            if is_data and not any(path.match(text) for text in patterns if text):
                left_out.append(str(path.relative_to(ROOT)))
    assert left_out == []


def test_package_data_belongs_to_listed_packages(setup_cfg, packages):
    assert set(setup_cfg["options.package_data"]) <= {*packages, "*"}


def test_types_are_marked_as_such(packages):
    assert (packages["mfccclf"] / "py.typed").is_file()
