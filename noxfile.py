"""Checks in environments of their own: ``nox --list``, then ``nox -s NAME``.

``.ci/run`` is what every change must pass, on one version of Python. These sessions are
what a release must pass besides, on every version that is supported.
"""

from __future__ import annotations

from pathlib import Path

import nox

nox.options.sessions = ["tests", "lint"]
nox.options.reuse_existing_virtualenvs = True

PYTHONS = ["3.11", "3.12", "3.13"]
CONSTRAINTS = ("-c", "constraints.txt")


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
