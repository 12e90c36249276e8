"""Every page of the built site in a real browser: wide, narrow, light and dark.

MFCCCLF_SITE names the folder that ``sphinx-build`` wrote. The rest is in
``browser_tools.py``; with MFCCCLF_PICTURES, there is a picture of each page.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from browser_tools import (
    NEEDS_AXE,
    NEEDS_CHROMIUM,
    PICTURES,
    broken_rules,
    chromium,
    served,
    watched,
)

SITE = os.environ.get("MFCCCLF_SITE")
SIZES = {"wide": (1280, 900), "narrow": (390, 844)}

pytestmark = [
    pytest.mark.browser,
    NEEDS_CHROMIUM,
    NEEDS_AXE,
    pytest.mark.skipif(not SITE, reason="MFCCCLF_SITE is not set"),
]

# scikit-learn's diagram of a pipeline says so of its own list of features.
NOT_OURS = "Expected copy-paste icon is missing"
BROKEN_PICTURES = """() => [...document.images]
  .filter((one) => one.complete && !one.naturalWidth).map((one) => one.src)"""
WIDER_THAN_PAGE = """() => {
  const page = document.scrollingElement;
  return page.scrollWidth - page.clientWidth;
}"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_fits_is_legible_and_loads_nothing_from_elsewhere(
    browser, size, scheme
):
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme
    )
    page = context.new_page()
    problems = watched(page)
    found = []
    with served(SITE) as address:
        for path in pages_of(SITE):
            page.goto(address + path)
            assert page.get_attribute("html", "data-theme") == scheme
            picture(page, path, f"{size}-{scheme}")
            faults = [one for one in problems if NOT_OURS not in one]
            faults += page.evaluate(BROKEN_PICTURES)
            if wider := page.evaluate(WIDER_THAN_PAGE):
                faults.append(f"{wider} pixels too wide")
            faults += broken_rules(page, "color-contrast", "image-alt", "link-name")
            found += [f"{path}: {fault}" for fault in faults]
            problems.clear()
    context.close()
    assert not found, "\n".join(found)


def pages_of(site):
    """Return the pages, as addresses behind the site's."""
    found = sorted(
        path.relative_to(site).as_posix() for path in Path(site).rglob("*.html")
    )
    assert "index.html" in found
    return [path for path in found if not path.startswith("_static/")]


def picture(page, path, kind):
    if PICTURES:
        name = path.removesuffix(".html").replace("/", "--")
        page.screenshot(path=Path(PICTURES) / f"{name}.{kind}.png", full_page=True)
