"""The studio in a real browser: headless Chromium, driven by Playwright.

Needs the speech program espeak-ng; ``browser_tools.py`` says what else.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from browser_tools import (
    NEEDS_AXE,
    NEEDS_CHROMIUM,
    NEEDS_RUNTIME,
    PICTURES,
    RUNTIME,
    broken_rules,
    chromium,
    drop_files,
)
from cli_tools import succeed

from mfccclf import Predictor, load_waveform

ESPEAK = shutil.which("espeak-ng")

pytestmark = [
    pytest.mark.browser,
    NEEDS_CHROMIUM,
    pytest.mark.skipif(not ESPEAK, reason="espeak-ng is not installed"),
]

PATIENCE_MS = int(os.environ.get("MFCCCLF_PATIENCE_MS", "180000"))
COMMAND = (sys.executable, "-m", "mfccclf", "studio")
RATE = 48_000
WORDS = ("yes", "no", "stop")
VOICES = ("f1", "f3", "m1", "m3", "f4", "m5")


class Server:
    """The command, which can be killed and started again at the same address."""

    def __init__(self, folder):
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [*COMMAND, self.folder, "--no-open", "--port", str(self.port)],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.link = re.search(r"http://\S+", self.process.stdout.readline())[0]

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0
        self.process.stdout.close()


@contextlib.contextmanager
def studio(folder):
    server = Server(folder)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """From a word to files that say it."""
    folder = tmp_path_factory.mktemp("spoken")
    found = {}
    for word in WORDS:
        for index, voice in enumerate(VOICES):
            path = folder / f"{word}-{voice}.wav"
            options = ["-v", f"en+{voice}", "-s", str(130 + 8 * index)]
            subprocess.run([ESPEAK, *options, "-w", path, word], check=True)
            found.setdefault(word, []).append(path)
    return found


@pytest.fixture(scope="module")
def microphone(tmp_path_factory):
    """A file that Chromium hears; what it says can be changed between recordings."""
    path = tmp_path_factory.mktemp("microphone") / "microphone.wav"
    soundfile.write(path, np.zeros(RATE), RATE)
    return path


@pytest.fixture(scope="module")
def browser(microphone):
    with chromium(microphone) as browser:
        yield browser


@pytest.fixture
def page(browser):
    """A page that fails the test if anything went wrong, or left this machine."""
    context = browser.new_context(
        accept_downloads=True, viewport={"width": 1200, "height": 820}
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda entry: problems.append(entry.text))
    yield page
    context.close()
    away = ("ERR_CONNECTION_REFUSED", "ERR_CONNECTION_RESET", "Failed to fetch")
    away += ("ERR_EMPTY_RESPONSE", "ERR_INCOMPLETE", "ERR_SOCKET", "409 (Conflict)")
    assert [one for one in problems if not any(word in one for word in away)] == []


def say(microphone, paths, *, pause_s=0.6):
    """Have the microphone say some files, over and over."""
    noise = np.random.default_rng(0).normal(0, 1e-4, round(pause_s * RATE))
    parts = [noise]
    for path in paths:
        parts += [0.8 * load_waveform(path, sample_rate=RATE), noise]
    soundfile.write(microphone, np.concatenate(parts), RATE)


def enter(page, server):
    page.goto(server.link)
    page.wait_for_selector("body[data-ready]")
    assert "token" not in page.url


def choose(page, label):
    page.click(f"#labels button:has(.name:text-is('{label}'))")
    page.wait_for_selector(f"#current:text-is('{label}')")


def add_label(page, label):
    page.fill("#new-label-name", label)
    page.click("#new-label button")
    page.wait_for_selector(f"#current:text-is('{label}')")


def begin(page):
    page.click("#record")
    page.wait_for_selector("#record[aria-pressed=true]")


def end(page):
    page.click("#record")
    page.wait_for_selector("#record[aria-pressed=false]")


def train(page):
    page.click("#tab-train")
    page.click("#start")


def wait_for_model(page, number):
    page.wait_for_selector(f"#train-note:text-is('Model {number} is ready.')")
    page.wait_for_selector(f"#result-title:has-text('Model {number}')")


def fill_folder(folder, spoken):
    for word, paths in spoken.items():
        (folder / word).mkdir(parents=True)
        for path in paths:
            shutil.copy(path, folder / word)
    return folder


def clips_of(folder):
    return sorted(path for path in folder.glob("[!.]*/*.wav"))


def picture(page, name, **size):
    if PICTURES:
        if size:
            page.set_viewport_size(size)
        page.wait_for_timeout(300)
        page.screenshot(path=Path(PICTURES) / f"studio-{name}.png")


def test_a_new_user_has_three_words_recognised_in_under_three_minutes(
    page, microphone, spoken, tmp_path
):
    started = time.monotonic()
    folder = tmp_path / "words"
    if PICTURES:  # which show where it is
        folder = Path(PICTURES) / "words"
        shutil.rmtree(folder, ignore_errors=True)
    with studio(folder) as server:
        enter(page, server)
        for word in WORDS:
            add_label(page, word)
            say(microphone, spoken[word])
            begin(page)
            page.locator("#clips li").nth(5).wait_for()
            end(page)
            lengths = [soundfile.info(clip).duration for clip in clips_of(folder)]
            assert min(lengths) > 0.4  # words, not ends of words
        picture(page, "collect")
        train(page)
        page.wait_for_selector("#stop:not([hidden])")
        wait_for_model(page, 1)
        picture(page, "trained")
        page.click("#tab-test")
        for word in WORDS:
            say(microphone, spoken[word], pause_s=0.3)
            page.click("#listen")
            page.wait_for_selector(f"#heard:text-is('{word}')")
            picture(page, "test")
            page.click("#listen")
            page.wait_for_selector("#listen:text-is('Listen')")
        seconds = time.monotonic() - started
        page.click("#tab-take")
        picture(page, "take-away")
    if PICTURES:
        (Path(PICTURES) / "seconds.txt").write_text(f"{seconds:.0f}")
    assert seconds < 180


def test_clips_are_dropped_trimmed_relabelled_and_undone(page, spoken, tmp_path):
    folder = tmp_path / "mine"
    with studio(folder) as server:
        enter(page, server)
        add_label(page, "yes")
        drop_files(page, "#drop", spoken["yes"][:3])
        page.wait_for_selector("#record-note:text-is('3 of 3 files added.')")
        page.locator("#clips li").nth(2).wait_for()
        assert [path.name for path in clips_of(folder)] == sorted(
            path.name for path in spoken["yes"][:3]
        )
        name = spoken["yes"][0].name
        before = (folder / "yes" / name).read_bytes()
        page.click(f"button[aria-label='Trim {name}']")
        page.wait_for_selector("#trimmer[open]")
        page.locator("#trim-from").fill("0.1")
        page.locator("#trim-to").fill("0.5")
        page.click("#trim-play")
        picture(page, "trim")
        page.click("#trim-keep")
        page.wait_for_selector("#clips .about:has-text('0.40 s')")
        assert soundfile.info(folder / "yes" / name).duration == pytest.approx(0.4)
        page.click("#undo")
        page.wait_for_selector("#clips .about:has-text('0.40 s')", state="detached")
        assert (folder / "yes" / name).read_bytes() == before
        page.click(f"button[aria-label='Relabel {name}']")
        page.fill("#ask-value", "no")
        page.keyboard.press("Enter")
        choose(page, "no")
        assert (folder / "no" / name).read_bytes() == before
        page.click(f"button[aria-label='Delete {name}']")
        page.wait_for_selector("#no-clips:text-is('No clips yet.')")
        page.keyboard.press("Control+z")
        page.locator("#clips li").wait_for()
        page.click("#rename")
        page.fill("#ask-value", "../x")
        page.click("#ask-yes")
        page.wait_for_selector("#banner:has-text(\"has '/' in it\")")


def test_a_recording_outlives_its_server_and_its_page(
    page, microphone, spoken, tmp_path
):
    folder = tmp_path / "mine"
    say(microphone, spoken["yes"])
    with studio(folder) as server:
        enter(page, server)
        add_label(page, "long")
        page.uncheck("#at-pauses")
        begin(page)
        started = time.monotonic()
        page.wait_for_timeout(1500)
        server.kill()
        page.wait_for_selector("#record-note:has-text('Nothing is lost')")
        page.wait_for_timeout(1500)
        server.start()
        page.wait_for_selector("#record-note:text-is('')", state="attached")
        page.wait_for_timeout(1000)
        seconds = time.monotonic() - started
        end(page)
        page.locator("#clips li").wait_for()
        (clip,) = clips_of(folder)
        # The server was away for seconds: what was said meanwhile would be missing.
        assert seconds > 5
        assert soundfile.info(clip).duration == pytest.approx(seconds, abs=1)
        begin(page)
        page.wait_for_timeout(2000)
        page.goto("about:blank")
        enter(page, server)
        page.wait_for_selector(".unfinished:has-text('A recording of long')")
        page.click(".unfinished button:has-text('Keep it')")
        page.locator("#clips li").nth(1).wait_for()
        assert len(clips_of(folder)) == 2


def test_a_training_outlives_its_server_and_is_that_of_the_command(
    page, spoken, tmp_path
):
    folder = fill_folder(tmp_path / "mine", spoken)
    # A mistake to find: the studio must name it, play it and move it.
    wrong = folder / "no" / "odd.wav"
    shutil.copy(spoken["stop"][0], wrong)
    with studio(folder) as server:
        enter(page, server)
        train(page)
        page.wait_for_selector("#stop:not([hidden])")
        server.kill()
        page.wait_for_selector("#eta:has-text('the training goes on')")
        server.start()
        wait_for_model(page, 1)
        model = tmp_path / "again.mfccclf"
        shell = ["--layout", "folders", "--preset", "words", "--seed", "0"]
        succeed("train", folder, *shell, "--calibrate", "--output", model)
        clips = clips_of(folder)
        expected = Predictor(model).predict_proba(clips)
        (ours,) = folder.glob(".studio/models/0001/*.mfccclf")
        np.testing.assert_array_equal(Predictor(ours).predict_proba(clips), expected)
        mistake = page.locator("#mistakes li[data-clip='no/odd.wav']")
        mistake.locator("button[aria-label^='Listen']").click()
        mistake.locator("button[aria-label^='Relabel']").click()
        assert page.input_value("#ask-value") == "stop"
        page.click("#ask-yes")
        page.wait_for_selector("#mistakes li[data-clip='no/odd.wav'] em")
        assert (folder / "stop" / "odd.wav").exists()
        assert not wrong.exists()
        taken = Predictor(take_away(page, tmp_path, "model"))
        clips = spoken["yes"]
        expected = Predictor(model).predict_proba(clips)
        np.testing.assert_array_equal(taken.predict_proba(clips), expected)


def take_away(page, folder, kind):
    page.click("#tab-take")
    with page.expect_download() as download:
        page.click(f"[data-take={kind}]")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_files_recordings_and_limits_are_tried(page, microphone, spoken, tmp_path):
    folder = fill_folder(tmp_path / "mine", spoken)
    long = tmp_path / "long.wav"
    say(long, [spoken[word][0] for word in WORDS])
    with studio(folder) as server:
        enter(page, server)
        train(page)
        wait_for_model(page, 1)
        page.click("#tab-test")
        page.set_input_files("#test-chosen", [spoken["stop"][1]])
        row = page.locator("#tested tr[data-done] td")
        row.first.wait_for()
        (model,) = folder.glob(".studio/models/0001/*.mfccclf")
        prediction = Predictor(model).predict_file(spoken["stop"][1])
        assert row.nth(1).inner_text() == prediction.label == "stop"
        assert row.nth(2).inner_text() == f"{max(prediction.scores.values()):.2f}"
        page.check("#as-recording")
        page.set_input_files("#test-chosen", [long])
        page.wait_for_selector(".timeline[data-done]")
        found = page.locator(".timeline ol li").all_inner_texts()
        assert {line.rpartition(": ")[2] for line in found} >= {"yes", "no", "stop"}
        before = page.inner_text("#effect")
        assert "18 held-out clips" in before
        page.locator("#confidence").fill("0.99")
        assert page.inner_text("#effect") != before
        assert "18 without a label" in page.inner_text("#effect")
        assert row.nth(1).inner_text() == "not sure"
        page.click("#keep-limits")
        page.wait_for_selector("#effect:has-text('Kept.')")
        page.click("#tab-take")
        page.wait_for_selector("#commands:has-text('--min-confidence 0.99')")
        taken = take_away(page, tmp_path, "model")
        assert Predictor(taken).limits.min_confidence == 0.99
        graph = take_away(page, tmp_path, "onnx")
        assert graph.stat().st_size > 10_000


@NEEDS_RUNTIME
def test_the_exported_page_gives_the_same_scores(page, spoken, tmp_path):
    folder = fill_folder(tmp_path / "mine", spoken)
    with studio(folder) as server:
        enter(page, server)
        train(page)
        wait_for_model(page, 1)
        packed = take_away(page, tmp_path, "page")
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(tmp_path)
        site = tmp_path / packed.stem
        assert (site / "index.html").is_file()
        (model,) = folder.glob(".studio/models/0001/*.mfccclf")
        expected = Predictor(model).predict_file(spoken["yes"][0])
    runtime = next(Path(RUNTIME).rglob("ort-wasm-simd-threaded.wasm")).parent

    def serve(route):
        path = route.request.url.partition("://")[2].partition("/")[2]
        ours = site / (path or "index.html")
        near = ours if ours.is_file() else runtime / Path(path).name
        headers = {"Access-Control-Allow-Origin": "*"}
        route.fulfill(path=near, headers=headers)

    page.route("**/*", serve)
    page.goto("http://localhost:1/")
    page.wait_for_selector("#listen:not([disabled])")
    page.set_input_files("#chosen", [spoken["yes"][0]])
    row = page.locator("#files tr[data-done]")
    row.wait_for()
    scores = json.loads(row.get_attribute("data-scores"))
    np.testing.assert_allclose(scores, list(expected.scores.values()), atol=2e-2)
    assert np.argmax(scores) == np.argmax(list(expected.scores.values()))


def test_two_hundred_clips_of_ten_labels_stay_quick(page, spoken, tmp_path):
    folder = tmp_path / "mine"
    for index in range(10):
        (folder / f"label {index}").mkdir(parents=True)
        for number in range(20):
            source = spoken[WORDS[index % 3]][number % len(VOICES)]
            shutil.copy(source, folder / f"label {index}" / f"{number:02d}.wav")
    with studio(folder) as server:
        enter(page, server)
        choose(page, "label 3")
        page.locator("#clips li").nth(19).wait_for()
        started = time.monotonic()
        choose(page, "label 4")
        page.wait_for_selector("#clips li[data-clip='label 4/07.wav']")
        page.click("button[aria-label='Delete 07.wav']")
        page.wait_for_selector(
            "#clips li[data-clip='label 4/07.wav']", state="detached"
        )
        page.click("#undo")
        page.wait_for_selector("#clips li[data-clip='label 4/07.wav']")
        assert time.monotonic() - started < 6


@NEEDS_AXE
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_rule_of_accessibility_is_broken(browser, spoken, tmp_path, scheme):
    folder = fill_folder(tmp_path / "mine", spoken)
    shutil.copy(spoken["stop"][0], folder / "no" / "odd.wav")
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    with studio(folder) as server:
        enter(page, server)
        train(page)
        wait_for_model(page, 1)
        page.click("#tab-test")
        page.set_input_files("#test-chosen", [spoken["stop"][1]])
        page.locator("#tested tr[data-done]").wait_for()
        page.check("#as-recording")
        page.set_input_files("#test-chosen", [spoken["no"][1]])
        page.wait_for_selector(".timeline[data-done]")
        for name in ("collect", "train", "test", "take"):
            page.click(f"#tab-{name}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 390
            picture(page, f"phone-{name}-{scheme}")
            assert broken_rules(page) == []
        page.click("#tab-collect")
        page.locator("button[aria-label^='Trim']").first.click()
        page.wait_for_selector("#trimmer[open]")
        assert broken_rules(page) == []
        page.keyboard.press("Escape")
        page.click("#rename")
        page.wait_for_selector("#asker[open]")
        assert broken_rules(page) == []
        page.keyboard.press("Escape")
        page.click("#tab-train")
        picture(page, f"{scheme}", width=1200, height=820)
    context.close()


def test_the_keyboard_is_enough(page, spoken, tmp_path):
    folder = fill_folder(tmp_path / "mine", spoken)
    with studio(folder) as server:
        enter(page, server)
        page.focus("#tab-collect")
        page.keyboard.press("ArrowRight")
        assert page.is_visible("#train")
        page.keyboard.press("ArrowLeft")
        assert page.is_visible("#collect")
        page.focus("#labels button")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("#current:text-is('stop')")
        page.locator("button[aria-label^='Delete']").first.focus()
        page.keyboard.press("Enter")
        page.locator("#clips li").nth(5).wait_for(state="detached")
        page.keyboard.press("Control+z")
        page.locator("#clips li").nth(5).wait_for()
