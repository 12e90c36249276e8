"""Pages whose text stands at the root of the repository, such as the changelog.

Each is one line here, ``<!-- text: CHANGELOG.md -->``; the file's text takes its place,
with its links changed to where the pages are.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

PAGES = {
    "ARCHITECTURE.md": "project/architecture.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "README.md": "index.md",
}
_MARK = re.compile(r"^<!-- text: (\S+) -->\s*$")
_LINK = re.compile(r"\[([^\]]*)\]\((?![a-z]+:|#)([^)\s#]+)(#[^)\s]*)?\)")


def fill_page(app: Any, docname: str, source: list[str]) -> None:
    """Put the text of a root file in, and lead links to pages."""
    mark = _MARK.match(source[0])
    folder = PurePosixPath()
    if mark is not None:
        source[0] = (Path(app.srcdir).parent / mark[1]).read_text("utf-8")
    elif app.env.doc2path(docname, base=False).endswith(".md"):
        folder = PurePosixPath("docs", docname).parent
    else:
        return
    here = PurePosixPath(docname).parent

    def lead(link: re.Match[str]) -> str:
        target = os.path.normpath(folder / link[2])
        if target in PAGES:
            page = PAGES[target]
        elif target.startswith("docs/"):
            page = target.removeprefix("docs/")
        else:
            return link[1]  # a file of the repository, which the site does not have
        return f"[{link[1]}]({os.path.relpath(page, here)}{link[3] or ''})"

    source[0] = _LINK.sub(lead, source[0])


def setup(app: Any) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("source-read", fill_page)
    return {"parallel_read_safe": True}
