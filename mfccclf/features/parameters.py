"""The full set of feature parameters, by librosa's names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from mfccclf._parameters import checked_values, document
from mfccclf._validation import argument_error, check_choice
from mfccclf.features.block_selection import BlockSelection
from mfccclf.features.blocks import BLOCKS, BlockParameters
from mfccclf.features.blocks.mel import check_mel_range
from mfccclf.features.derivatives import DerivativeParameters
from mfccclf.features.plain import PlainParameters
from mfccclf.features.spectrum_parameters import BACKENDS, check_window
from mfccclf.features.trimming import TrimParameters

__all__ = ["FEATURES_VERSION", "FeatureParameters", "check_backend"]

# Raised whenever equal parameters give other numbers, because cache keys hold it.
FEATURES_VERSION = 1

check_backend = partial(check_choice, choices=BACKENDS)


# Model files keep the order of the fields, which runs from the last base to the first.
@document()
@dataclass(frozen=True, kw_only=True)
class FeatureParameters(
    TrimParameters,
    DerivativeParameters,
    BlockParameters,
    BlockSelection,
    PlainParameters,
):
    """Everything that decides which numbers a waveform turns into.

    Immutable, comparable and hashable; ``to_dict`` makes plain values of it for model
    files. Only `validate` checks it.

    Parameters
    ----------
    {parameters}

    Examples
    --------
    >>> from mfccclf import FeatureParameters
    >>> parameters = FeatureParameters(features=["mfcc", "centroid"], n_mfcc=2, delta=1)
    >>> parameters.feature_names
    ['mfcc_0', 'mfcc_1', 'centroid', 'delta_mfcc_0', 'delta_mfcc_1', 'delta_centroid']
    >>> FeatureParameters.from_dict(parameters.to_dict()) == parameters
    True
    """

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns, such as "mfcc_0", "centroid" and "delta_mfcc_0"."""
        names: list[str] = []
        for place, block in enumerate(self.blocks):
            n_before = self.blocks[:place].count(block)
            columns = BLOCKS[block].column_names(self)
            names += [f"{name}_{n_before}" if n_before else name for name in columns]
        prefixes = ("", "delta_", "delta2_")[: self.delta + 1]
        return [prefix + name for prefix in prefixes for name in names]

    @property
    def n_features(self) -> int:
        """Number of columns."""
        return len(self.feature_names)

    def validate(
        self, *, owner: object = None, backend: str = "numpy"
    ) -> FeatureParameters:
        """Check every parameter, alone and against the others.

        Parameters
        ----------
        owner : object, default=None
            What an error says the parameter belongs to; None means this object.
        backend : {"numpy", "librosa"}, default="numpy"
            What will compute the features.

        Returns
        -------
        self : FeatureParameters
            Unchanged.

        Raises
        ------
        ValueError, TypeError
            If a value is out of range, of a wrong type, or does not go with another.
        """
        owner = self if owner is None else owner
        check_backend("backend", backend, owner=owner)
        checked_values(type(self), self, owner=owner)
        check_window(self, owner=owner, backend=backend)
        # Whatever the blocks, so that no wrong value passes unnoticed.
        check_mel_range(self, owner=owner)
        for name in self.blocks:
            BLOCKS[name].check(self, owner=owner)
        self._check_trimming(owner)
        return self

    def _check_trimming(self, owner: object) -> None:
        if self.trim_top_db is not None and self.delta_mode == "interp":
            raise argument_error(
                "trim_top_db",
                self.trim_top_db,
                "None for delta_mode='interp'",
                owner=owner,
                hint="What is left of a clip could be shorter than delta_width.",
            )
