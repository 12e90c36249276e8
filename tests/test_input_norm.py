"""Each clip is normalised by its own true frames."""

from __future__ import annotations

import pytest
import torch

from mfccclf.modules.input_norm import INPUT_NORMS, normalise_clips

LENGTHS = torch.tensor([6, 3])


def clips() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return -40 + 15 * torch.randn(2, 6, 4, generator=generator)


def test_none_leaves_values_as_they_are():
    X = clips()
    assert normalise_clips(X, LENGTHS, None) is X


@pytest.mark.parametrize("how", INPUT_NORMS)
def test_padding_does_not_count_and_becomes_zero(how):
    X = clips()
    other = X.clone()
    other[1, 3:] = 1e4
    first, second = (normalise_clips(value, LENGTHS, how) for value in (X, other))
    assert torch.equal(first, second)
    assert (first[1, 3:] == 0).all()


@pytest.mark.parametrize("how", INPUT_NORMS)
def test_level_does_not_count(how):
    X = clips()
    quiet = normalise_clips(X - 25, LENGTHS, how)
    torch.testing.assert_close(
        quiet, normalise_clips(X, LENGTHS, how), atol=1e-5, rtol=0
    )


def test_peak_is_one_and_twenty_db_below_it_zero():
    X = torch.tensor([[[-50.0, -30.0], [-10.0, -110.0]]])
    normal = normalise_clips(X, torch.tensor([2]), "peak")
    torch.testing.assert_close(normal, torch.tensor([[[-1.0, 0.0], [1.0, -4.0]]]))


def test_bands_have_mean_zero_and_deviation_one():
    normal = normalise_clips(clips(), LENGTHS, "bands")[1, :3]
    torch.testing.assert_close(normal.mean(0), torch.zeros(4), atol=1e-5, rtol=0)
    torch.testing.assert_close(normal.std(0, correction=0), torch.ones(4))


def test_a_constant_clip_becomes_zero():
    X = torch.full((1, 5, 3), 7.0)
    for how in ("bands", "level"):
        assert (normalise_clips(X, torch.tensor([5]), how) == 0).all()
