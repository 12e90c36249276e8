"""Clips are varied in training alone, within the limits that were asked for."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from mfccclf import CNNClassifier, LSTMClassifier
from mfccclf.modules.augmentation import Augmentation
from mfccclf.modules.band_augmentation import BandAugmentation

EVERYTHING = {
    "time_stretch": 0.2,
    "band_warp": 0.2,
    "colour_db": 4.0,
    "band_limit": 0.5,
    "reverberation": 0.5,
    "noise": 0.5,
    "noise_snr_db": (5.0, 30.0),
    "time_mask": 0.2,
    "band_mask": 0.2,
    "n_masks": 2,
}
LENGTHS = torch.tensor([40, 25, 1])


def bands() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return -30 + 10 * torch.randn(3, 40, 16, generator=generator)


def vary(X: Tensor, lengths: Tensor = LENGTHS, **how) -> tuple[Tensor, Tensor]:
    torch.manual_seed(0)
    return BandAugmentation(Augmentation(**how)).train()(X, lengths)


def test_nothing_happens_outside_training():
    augmentation = BandAugmentation(Augmentation(**EVERYTHING)).eval()
    X = bands()
    varied, lengths = augmentation(X, LENGTHS)
    assert varied is X
    assert lengths is LENGTHS


def test_all_zero_changes_nothing():
    X = bands()
    varied, lengths = vary(X)
    assert torch.equal(varied, X)
    assert torch.equal(lengths, LENGTHS)


def test_equal_seeds_vary_equally():
    first, second = (vary(bands(), **EVERYTHING)[0] for _ in range(2))
    assert torch.equal(first, second)
    assert torch.isfinite(first).all()


def test_time_stretch_changes_lengths_within_its_limit():
    X, lengths = bands().repeat(50, 1, 1), LENGTHS.repeat(50)
    varied, new = vary(X, lengths, time_stretch=0.2)
    ratios = new[lengths == 40] / 40
    assert varied.shape[1] == new.max()
    assert ratios.min() >= np.exp(-0.2) - 0.02
    assert ratios.max() <= np.exp(0.2) + 0.02
    assert ratios.std() > 0.05
    assert new.min() == 1


def test_stretched_clip_keeps_its_first_and_last_frame():
    X = bands()
    varied, new = vary(X, time_stretch=0.3)
    for clip, before, after in zip(range(2), LENGTHS, new, strict=False):
        torch.testing.assert_close(varied[clip, 0], X[clip, 0])
        gap = (varied[clip, after - 1] - X[clip, before - 1]).abs().mean()
        assert gap < 10


def test_stretching_ignores_what_lies_past_a_clips_end():
    clean = bands()
    dirty = clean.clone()
    dirty[1, 25:] = 1e6
    how = {"time_stretch": 0.2, "band_warp": 0.1}
    (first, lengths), (second, _) = vary(clean, **how), vary(dirty, **how)
    assert torch.equal(first[1, : lengths[1] - 2], second[1, : lengths[1] - 2])


def test_band_warp_moves_a_peak_by_a_bounded_factor():
    X = torch.full((64, 10, 40), -60.0)
    X[:, :, 20] = 0.0
    varied, _ = vary(X, torch.full((64,), 10), band_warp=0.2)
    peaks = varied[:, 5].argmax(dim=1)
    assert peaks.min() >= np.floor(20 * np.exp(-0.2))
    assert peaks.max() <= np.ceil(20 * np.exp(0.2))
    assert len(peaks.unique()) > 3


def test_noise_has_the_level_that_was_asked_for():
    X = torch.full((40, 50, 16), -20.0)
    X[:, 25:] = -120.0
    lengths = torch.full((40,), 50)
    varied, _ = vary(X, lengths, noise=1.0, noise_snr_db=(10.0, 10.0))
    level = 10 * torch.log10((10 ** (varied[:, 25:] / 10)).mean((1, 2)))
    # The clip's mean power is 3 dB below its loud half.
    torch.testing.assert_close(level, torch.full((40,), -33.0), atol=1.5, rtol=0)


def test_echo_fills_the_silence_after_a_sound_and_never_comes_before_it():
    X = torch.full((30, 60, 4), -100.0)
    X[:, 20:25] = 0.0
    varied, _ = vary(X, torch.full((30,), 60), reverberation=1.0)
    assert (varied[:, 26] > -60).all()
    assert (varied[:, :20] < -85).all()  # silence echoes, too
    assert (varied[:, 26] >= varied[:, 40]).all()


def test_features_in_other_units_stay_finite():
    X = 4000 * torch.randn(3, 40, 16, generator=torch.Generator().manual_seed(0))
    varied, _ = vary(X, **EVERYTHING)
    assert torch.isfinite(varied).all()


def test_band_limit_takes_the_highest_bands_alone():
    X = torch.zeros(50, 5, 32)
    varied, _ = vary(X, torch.full((50,), 5), band_limit=1.0)
    assert torch.equal(varied[:, :, :9], X[:, :, :9])
    assert (varied[:, :, 31] < 0).float().mean() > 0.8


def test_masks_hide_no_more_than_their_share():
    X = bands()
    varied, _ = vary(X, time_mask=0.25)
    hidden = (varied[0] != X[0]).all(dim=1)
    assert 0 < hidden.sum() <= 11


@pytest.mark.parametrize("name", [*EVERYTHING])
def test_each_kind_works_alone_on_a_clip_of_one_frame(name):
    varied, lengths = vary(
        bands()[:, :1], torch.ones(3, dtype=torch.long), **{name: EVERYTHING[name]}
    )
    assert varied.shape == (3, 1, 16)
    assert lengths.tolist() == [1, 1, 1]
    assert torch.isfinite(varied).all()


@pytest.mark.parametrize("cls", [CNNClassifier, LSTMClassifier])
@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (
            "much",
            TypeError,
            r"'augmentation' parameter of \w+ must be None, or a mapping",
        ),
        ({"nois": 1}, ValueError, "Did you mean 'noise'"),
        ({"noise": 2.0}, ValueError, r"must be a float >= 0 and <= 1.0. Got 2.0"),
        ({"n_masks": 0}, ValueError, r"must be an int >= 1. Got 0"),
        ({"noise_snr_db": 3}, ValueError, "two floats, the lowest and the highest"),
        ({"noise_snr_db": (9, 3)}, ValueError, "the lower first"),
    ],
)
def test_wrong_settings_are_named(cls, value, error, message):
    X = np.zeros((4, 3, 2))
    with pytest.raises(error, match=message):
        cls(augmentation=value).fit(X, [0, 1, 0, 1])


def test_training_with_augmentation_repeats_and_predicts_alike():
    rng = np.random.default_rng(0)
    X = rng.normal(-30, 10, (12, 9, 8))
    y = np.repeat(["a", "b"], 6)
    X[:6, :, :4] += 20
    settings = {"hidden_sizes": (4,), "conv_channels": (3,), "input_norm": "peak"}
    fits = [
        LSTMClassifier(
            **settings, augmentation=EVERYTHING, max_epochs=3, random_state=0
        ).fit(X, y)
        for _ in range(2)
    ]
    first, second = (fit.predict_proba(X) for fit in fits)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(first, fits[0].predict_proba(X))
