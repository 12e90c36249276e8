"""The exported page in a real browser: headless Chromium, driven by Playwright."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import soundfile
from browser_tools import (
    NEEDS_CHROMIUM,
    NEEDS_RUNTIME,
    RUNTIME,
    chromium,
    drop_files,
    served,
    watched,
)

from mfccclf import Predictor, export_web, load_waveform, make_pipeline, save_model

pytestmark = [pytest.mark.browser, NEEDS_CHROMIUM, NEEDS_RUNTIME]

CLIPS = Path(str(files("mfccclf.audio")))
READY = "#listen:not([disabled])"
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """A name at the model's rate, with a pause, as a WAV file that browsers read."""
    path = tmp_path_factory.mktemp("spoken") / "james.wav"
    sound = load_waveform(CLIPS / "James.01.au", sample_rate=16000)
    soundfile.write(path, np.concatenate([sound, np.zeros(8000)]), 16000)
    return path


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "names"
    export_web("names", folder, runtime=RUNTIME)
    with served(folder) as address:
        yield address


@pytest.fixture(scope="module")
def browser(spoken):
    with chromium(spoken) as browser:
        yield browser


@pytest.fixture
def page(browser):
    """A page that fails the test if anything went wrong, or left this machine."""
    page = browser.new_page(accept_downloads=True)
    page.set_default_timeout(PATIENCE_MS)
    problems = watched(page)
    yield page
    page.close()
    assert problems == []


def open_page(page, address):
    page.goto(address)
    page.wait_for_selector(READY)


def drop(page, paths):
    """Drop files as a mouse does, and return the rows of their results."""
    drop_files(page, "#drop", paths)
    page.locator("#files tr[data-done]").nth(len(paths) - 1).wait_for()
    rows = page.locator("#files tbody tr").all()
    return {row.locator("td").first.inner_text(): row for row in rows}


def scores_in(element):
    return json.loads(element.get_attribute("data-scores"))


def assert_same(found, prediction):
    np.testing.assert_allclose(found, list(prediction.scores.values()), atol=1e-3)


def test_dropped_files_get_predictions_scores(page, site, tmp_path):
    paths = []
    for name in ("James.01.au", "Linda.01.au", "Maria.01.au"):
        sound = load_waveform(CLIPS / name, sample_rate=16000)
        paths.append(tmp_path / f"{name}.wav")
        soundfile.write(paths[-1], np.stack([sound, 0.5 * sound], axis=1), 16000)
    rng = np.random.default_rng(0)
    paths.append(tmp_path / "noise.wav")
    soundfile.write(paths[-1], 0.1 * rng.standard_normal(16000), 16000)
    open_page(page, site)
    rows = drop(page, paths)
    predictor = Predictor("names")
    for path in paths:
        prediction = predictor.predict_file(path)
        assert_same(scores_in(rows[path.name]), prediction)
        shown = rows[path.name].locator("td").nth(1).inner_text()
        assert shown == (prediction.label or "not sure")


def test_files_that_cannot_be_used_are_named_with_the_reason(page, site, tmp_path):
    contents = {
        "short.wav": np.full(100, 0.1),
        "long.wav": 0.1 * np.ones(121 * 16000),
        "silent.wav": np.zeros(16000),
    }
    for name, samples in contents.items():
        soundfile.write(tmp_path / name, samples, 16000)
    (tmp_path / "text.wav").write_text("no sound")
    open_page(page, site)
    rows = drop(page, [tmp_path / name for name in (*contents, "text.wav")])
    found = {name: row.locator("td").nth(1).inner_text() for name, row in rows.items()}
    assert found == {
        "short.wav": "It has 100 samples at 16000 Hz. 512 are needed.",
        "long.wav": "It lasts 121 s. Cut it to 120 s or less.",
        "silent.wav": "silence",
        "text.wav": "This browser cannot read the file. Save it as WAV.",
    }


def test_the_microphone_is_recognised_as_prediction_does(page, site, tmp_path):
    open_page(page, site)
    page.click("#listen")
    page.wait_for_selector("#label:text-is('James')")
    page.click("#listen")
    page.wait_for_selector("#listen:text('Listen')")
    with page.expect_download() as download:
        page.click("#keep")
    window = tmp_path / "window.wav"
    download.value.save_as(window)
    sound, rate = soundfile.read(window)
    assert (len(sound), rate) == (24000, 16000)
    assert_same(
        scores_in(page.locator("#page")), Predictor("names").predict_file(window)
    )


def test_a_label_stays_until_windows_agree_on_another(page, site):
    open_page(page, site)
    shown = page.evaluate(
        """async () => {
          const { SteadyLabel } = await import("./page.js");
          const steady = new SteadyLabel();
          return ["a", "a", "b", "a", "b", "b", "c"].map((text) => steady.update(text));
        }"""
    )
    assert shown == [None, "a", "a", "a", "a", "b", "b"]


def test_hostile_labels_are_shown_as_text(page, noise_clips, tmp_path):
    labels = ["<img src=x onerror=alert(1)>", "</main><script>alert(1)</script>"]
    pipeline = make_pipeline("names-lstm-14", max_epochs=1, hidden_sizes=(4,))
    model = save_model(pipeline.fit(noise_clips, labels * 3), tmp_path / "x.mfccclf")
    export_web(model, tmp_path / "site", runtime=RUNTIME)
    clip = tmp_path / "clip.wav"
    soundfile.write(clip, noise_clips[1], 22050)
    with served(tmp_path / "site") as address:
        open_page(page, address)
        row = drop(page, [clip])["clip.wav"]
        assert_same(scores_in(row), Predictor(model).predict_file(clip))
        assert row.locator("td").nth(1).inner_text() in labels
        assert page.locator("img").count() == 0


def test_an_altered_runtime_is_not_run(browser, tmp_path):
    export_web("names", tmp_path / "site", runtime=RUNTIME)
    wasm = tmp_path / "site" / "runtime" / "ort-wasm-simd-threaded.wasm"
    wasm.write_bytes(wasm.read_bytes() + b"\0")
    with served(tmp_path / "site") as address:
        page = browser.new_page()
        page.goto(address)
        page.wait_for_selector("#note.problem", timeout=PATIENCE_MS)
        assert page.inner_text("#label") == "Not available"
        assert page.is_disabled("#listen")
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone(browser, site, scheme):
    size = {"width": 320, "height": 640}
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    open_page(page, site)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    back = page.evaluate("getComputedStyle(document.body).backgroundColor")
    is_dark = max(map(int, re.findall(r"\d+", back))) < 100
    assert is_dark == (scheme == "dark")
    context.close()
