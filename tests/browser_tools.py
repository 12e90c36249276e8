"""Headless Chromium, driven by Playwright, and what is watched of its pages.

Needs Chromium (MFCCCLF_CHROMIUM, or on the path) and the Python package playwright.
MFCCCLF_AXE names the script of the npm package axe-core, and MFCCCLF_WEB_RUNTIME the
unpacked npm package onnxruntime-web. With MFCCCLF_PICTURES, pictures are written there.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHROMIUM = os.environ.get("MFCCCLF_CHROMIUM") or shutil.which("chromium")
AXE = os.environ.get("MFCCCLF_AXE")
RUNTIME = os.environ.get("MFCCCLF_WEB_RUNTIME")
PICTURES = os.environ.get("MFCCCLF_PICTURES")

NEEDS_CHROMIUM = pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
NEEDS_AXE = pytest.mark.skipif(not AXE, reason="MFCCCLF_AXE is not set")
NEEDS_RUNTIME = pytest.mark.skipif(not RUNTIME, reason="MFCCCLF_WEB_RUNTIME is not set")

# Without the network that browsers look for, and with a microphone that plays a file.
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)


@contextlib.contextmanager
def chromium(heard=None):
    """Start a browser, whose microphone plays a WAV file."""
    from playwright.sync_api import sync_playwright

    microphone = [f"--use-file-for-fake-audio-capture={heard}"] if heard else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*SWITCHES, *microphone]
        )
        yield browser
        browser.close()


@contextlib.contextmanager
def served(folder):
    """Serve a folder, and give its address."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"]
    with subprocess.Popen(
        [*command, "--directory", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            yield re.search(r"http://[\d.:]+/", server.stdout.readline())[0]
        finally:
            server.terminate()


def watched(page):
    """Return a list that gets what goes wrong in a page, or leaves this machine."""
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda entry: problems.extend(serious(entry)))
    page.on("request", lambda request: problems.extend(foreign(request.url)))
    return problems


def serious(entry):
    return [] if entry.type in ("debug", "info", "log") else [entry.text]


def foreign(address):
    near = ("http://127.0.0.1:", "blob:http://127.0.0.1:", "data:")
    return [] if address.startswith(near) else [address]


def drop_files(page, area, paths):
    """Drop files on an area of a page, as a mouse does."""
    given = [
        {"name": path.name, "content": base64.b64encode(path.read_bytes()).decode()}
        for path in paths
    ]
    page.evaluate(
        """([area, given]) => {
          const data = new DataTransfer();
          for (const { name, content } of given) {
            const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
            data.items.add(new File([bytes], name));
          }
          const event = new DragEvent("drop", { dataTransfer: data, bubbles: true });
          document.querySelector(area).dispatchEvent(event);
        }""",
        [area, given],
    )


def broken_rules(page, *rules):
    """Return which of axe's rules a page breaks, and where; all of them by default."""
    page.evaluate(Path(AXE).read_text("utf-8"))
    only = {"runOnly": list(rules)} if rules else {}
    found = page.evaluate("(only) => axe.run(only)", only)
    return [
        (one["id"], [node["html"][:120] for node in one["nodes"]])
        for one in found["violations"]
    ]
