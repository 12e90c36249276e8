"""Resampling with filters that are kept from clip to clip."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soxr

from mfccclf.waveform.resampling import (
    Native,
    resample,
    resample_each,
    resampled_length,
)

RATES = [(8000, 22050), (48000, 22050), (44100, 16000), (16000, 48000)]


def make_clips():
    rng = np.random.default_rng(0)
    return [rng.standard_normal(n).astype(np.float32) for n in (1, 37, 4000, 90_000)]


def one_shot(clip, from_rate, to_rate):
    length = resampled_length(len(clip), from_rate=from_rate, to_rate=to_rate)
    return soxr.resample(clip, from_rate, to_rate, quality="HQ")[:length]


@pytest.mark.parametrize(("from_rate", "to_rate"), RATES)
def test_no_clip_hears_the_one_before_it(from_rate, to_rate):
    for clip in [*make_clips(), *make_clips()]:
        resampled = resample(clip, from_rate=from_rate, to_rate=to_rate)
        expected = one_shot(clip, from_rate, to_rate)
        np.testing.assert_array_equal(resampled[: len(expected)], expected)
        assert not resampled[len(expected) :].any()


def test_clips_together_become_what_each_becomes_alone():
    rng = np.random.default_rng(0)
    lengths = [*rng.integers(1, 9000, 60), 1, 2, 37, 100_000]
    clips = [rng.standard_normal(n).astype(np.float32) for n in lengths]
    rates = [RATES[index % 4][0] for index in range(len(clips))]
    natives = [Native(*pair) for pair in zip(clips, rates, strict=True)]
    for to_rate in (22050, 8000):
        together = resample_each(natives, to_rate=to_rate)
        for clip, rate, resampled in zip(clips, rates, together, strict=True):
            expected = clip if rate == to_rate else one_shot(clip, rate, to_rate)
            np.testing.assert_array_equal(resampled[: len(expected)], expected)
            assert not resampled[len(expected) :].any()
            alone = resample(clip, from_rate=rate, to_rate=to_rate)
            assert len(resampled) == len(alone)


def test_threads_do_not_share_a_filter():
    clips = make_clips() * 25

    def run(clip):
        return resample(clip, from_rate=48000, to_rate=22050)

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(run, clips))
    for clip, resampled in zip(clips, found, strict=True):
        np.testing.assert_array_equal(resampled, run(clip))


def test_many_threads_each_keep_their_filters(monkeypatch):
    made = []
    stream = soxr.ResampleStream
    monkeypatch.setattr(
        soxr, "ResampleStream", lambda *a, **k: made.append(a) or stream(*a, **k)
    )
    barrier = threading.Barrier(12)
    clip = make_clips()[0]

    def run(_):
        for _ in range(3):
            barrier.wait(10)
            for rate in (16000, 44100):
                resample(clip, from_rate=48000, to_rate=rate)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(run, range(12)))
    assert len(made) == 24


def test_a_program_ends_without_a_word_about_kept_filters():
    code = (
        "import numpy as np\n"
        "from mfccclf.waveform.resampling import resample\n"
        "import threading, time\n"
        "def run():\n"
        "    resample(np.zeros(9, np.float32), from_rate=8000, to_rate=16000)\n"
        "    time.sleep(done)\n"
        "done = 0; run(); done = 60\n"
        "threading.Thread(target=run, daemon=True).start()\n"
        "time.sleep(0.1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
