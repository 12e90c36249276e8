"""The site: every page has its place, and nothing is loaded from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS / "_ext"))

import command_pages  # noqa: E402
import root_pages  # noqa: E402


def test_the_reference_of_commands_has_each_command_and_its_options():
    text = command_pages.commands_text()
    for command in ("predict", "grid-search", "dataset mix", "cache info"):
        assert f"## `mfccclf {command}`" in text
    assert "`--min-familiarity F`" in text
    assert "...\n" not in re.sub(r"(?s)```.*?```", "", text)
    assert "``" not in re.sub(r"```", "", text)


def test_each_page_has_its_place():
    listed = set()
    for page in DOCS.rglob("*.md"):
        for block in re.findall(r"```\{toctree\}\n(.*?)```", page.read_text(), re.S):
            for line in block.splitlines():
                if line and not line.startswith(":"):
                    listed.add((page.parent / line).resolve())
    pages = {p.with_suffix("") for p in DOCS.rglob("*.md")} - {DOCS / "index"}
    assert {str(page.relative_to(DOCS)) for page in pages - listed} == set()


def test_links_between_pages_lead_somewhere():
    for page in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\((?![a-z]+:|#)([^)\s#]+)", page.read_text()):
            name = (page.parent / target).resolve()
            is_made = "gallery/" in target or name == DOCS / command_pages.NAME
            assert is_made or (page.parent / target).exists(), f"{page.name}: {target}"


def test_texts_of_the_root_lead_to_pages():
    class App:
        srcdir = str(DOCS)

    source = ["<!-- text: CONTRIBUTING.md -->\n"]
    root_pages.fill_page(App(), "project/contributing", source)
    assert source[0].startswith("# Contributing")
    assert "](architecture.md)" in source[0]
    assert "](../glossary.md)" in source[0]


def test_examples_are_at_least_twelve_with_pictures_and_sound():
    examples = sorted((ROOT / "examples" / "gallery").glob("plot_*.py"))
    assert len(examples) >= 12
    for path in examples:
        text = path.read_text()
        assert re.search(r"plt\.|Display|plot_", text), f"{path.name} has no picture"
        # Data sets and predictions show players of their own.
        has_player = r"Audio\(|^clips$|predict_file|play_clip|^voices$|^next\("
        assert re.search(has_player, text, re.MULTILINE), f"{path.name} has no sound"


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path):
    pytest.importorskip("sphinx")
    command = [sys.executable, "-m", "sphinx", "-W", "-n", "-q", "docs", str(tmp_path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    page = (tmp_path / "gallery" / "plot_01_five_lines.html").read_text()
    assert "data:audio/flac" in page
    for path in tmp_path.rglob("*.html"):
        tags = re.findall(r"<(?:script|link|img)[^>]*>", path.read_text())
        loaded = [tag for tag in tags if re.search(r"(?:src|href)=.https?:", tag)]
        assert not loaded, f"{path.name} loads {loaded[0]}"
    assert dead_links(tmp_path) == []


class Page(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given.get("id"), given.get("name")}
        self.links += [given[key] for key in ("href", "src") if given.get(key)]


def dead_links(site):
    """Return the links within a site that lead nowhere, and malformed outer ones."""
    pages = {
        path: Page(path) for path in site.rglob("*.html") if "_static" not in str(path)
    }
    dead = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "data"):
                is_dead = parts.scheme != "data" and "." not in parts.netloc
            else:
                target = (
                    (path.parent / unquote(parts.path)).resolve()
                    if parts.path
                    else path
                )
                anchors = pages[target].anchors if target in pages else {parts.fragment}
                is_dead = not target.exists() or unquote(parts.fragment) not in {
                    "",
                    *anchors,
                }
            if is_dead:
                dead.append(f"{path.relative_to(site)}: {link}")
    return dead
