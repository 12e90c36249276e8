"""Checks in environments of their own: ``nox --list``, then ``nox -s NAME``.

``.ci/run`` is what every change must pass, on one version of Python. These sessions are
what a release must pass besides, on every version that is supported.
"""

from __future__ import annotations

import re
from pathlib import Path

import nox

nox.options.sessions = ["tests", "lint"]
nox.options.reuse_existing_virtualenvs = True

PYTHONS = ["3.11", "3.12", "3.13"]
CONSTRAINTS = ("-c", "constraints.txt")
SITE = "build/site"
AXE = "axe-core@4.14.1"


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the fast tests with the newest packages that are allowed."""
    session.install("-e", ".[test]", *_torch_pin())
    session.run("pytest", "-q", *session.posargs)


@nox.session(python="3.11")
def pinned(session: nox.Session) -> None:
    """Run the fast tests with the exact set of constraints.txt."""
    session.install(*CONSTRAINTS, "-e", ".[test]")
    session.run("pytest", "-q", *session.posargs)


@nox.session(python="3.11")
def minimum(session: nox.Session) -> None:
    """Run the fast tests with the oldest packages that are allowed."""
    session.install("-c", "constraints-min.txt", "-e", ".[test]")
    session.run("pytest", "-q", *session.posargs)


@nox.session(python="3.11")
def coverage(session: nox.Session) -> None:
    """Measure the branches that the tests take, and draw the badge of the README."""
    session.install(*CONSTRAINTS, "-e", ".[test]")
    session.install("genbadge[coverage]")
    session.run("pytest", "-q", "--cov", "--cov-report=xml", *session.posargs)
    session.run("coverage", "report", "--fail-under=93", "--skip-covered")
    session.run(
        "genbadge", "coverage", "-l", "-i", "coverage.xml", "-o", "docs/coverage.svg"
    )


@nox.session(python="3.11")
def lint(session: nox.Session) -> None:
    """Run the linters and the type checker."""
    session.install(*CONSTRAINTS, "-e", ".[dev]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")


@nox.session(python="3.11")
def slow(session: nox.Session) -> None:
    """Run the tests that take longer."""
    session.install(*CONSTRAINTS, "-e", ".[test]")
    session.run("pytest", "-q", "-m", "slow", *session.posargs)


@nox.session(python="3.11")
def docs(session: nox.Session) -> None:
    """Build the site in build/site, with its examples."""
    session.install(*CONSTRAINTS, "-e", ".[docs]")
    session.run("sphinx-build", "-W", "-n", "-q", "docs", SITE)


@nox.session(python="3.11", requires=["docs"])
def browser(session: nox.Session) -> None:
    """Try the exported page, the studio and the site in Chromium; needs npm, too."""
    session.install(*CONSTRAINTS, "-e", ".[test,browser]")
    source = Path("mfccclf/web_page/runtime.py").read_text(encoding="utf-8")
    runtime = re.search(r'^RUNTIME_VERSION = "(.*)"', source, re.MULTILINE)[1]
    made = Path(session.create_tmp()).resolve()
    packages = (f"onnxruntime-web@{runtime}", AXE)
    session.run("npm", "install", "--prefix", str(made), *packages, external=True)
    modules = made / "node_modules"
    environment = {
        "MFCCCLF_SITE": SITE,
        "MFCCCLF_AXE": str(modules / "axe-core" / "axe.min.js"),
        "MFCCCLF_WEB_RUNTIME": str(modules / "onnxruntime-web"),
    }
    tests = map(str, Path("tests").glob("test_*_browser.py"))
    session.run("pytest", "-q", "-n", "0", "-m", "browser", *tests, env=environment)


@nox.session(python=PYTHONS)
def wheel(session: nox.Session) -> None:
    """Build a wheel, install it into an empty environment, and predict."""
    made = Path(session.create_tmp()) / "wheel"
    session.run("python", "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(made), ".")
    session.install(str(*made.glob("*.whl")), *_torch_pin())
    clip = Path("audio/James.01.au").resolve()
    with session.chdir(made):
        session.run("mfccclf", "predict", str(clip))


def _torch_pin() -> list[str]:
    """Return the pin of torch, whose newest build may take gigabytes."""
    lines = Path("constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("torch==")]
