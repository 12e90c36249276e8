"""The front end that a Keras net was trained with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mfccclf._validation import check_int
from mfccclf.features import MFCCExtractor
from mfccclf.persistence.convert.keras_net import KerasNet
from mfccclf.pipelines import make_pipeline
from mfccclf.presets import load_preset

__all__ = ["make_front_end"]

# Sets of features that are named by their number of columns.
_NAMED_WIDTHS = (14, 33)


def make_front_end(
    net: KerasNet,
    preset: str | None,
    features: Any,
    pad_to: int | None,
    extract: Mapping[str, Any],
) -> Any:
    """Make the first step of the pipeline for a net.

    Parameters
    ----------
    net : KerasNet
        The net, whose input it must fit.
    preset, features, pad_to, extract : object
        As for `mfccclf.persistence.convert_keras`.

    Returns
    -------
    front_end : MFCCExtractor or another first step of a preset
        Not fitted; a front end needs no fit.

    Raises
    ------
    ValueError
        If it does not fit the net.
    """
    first = load_preset(preset).steps[0] if preset is not None else None
    if first is not None and first.estimator != "MFCCExtractor":
        if features is not None or pad_to is not None or extract:
            raise ValueError(
                f"Preset {preset} begins with {first.estimator}, which has no features "
                "to choose. Leave out features and pad_to."
            )
        return _preset_front_end(str(preset), net)
    settings = {**(first.parameters if first is not None else {}), **extract}
    if features is not None or "features" not in settings:
        settings["features"] = _default_features(net) if features is None else features
    settings["n_frames"] = net.n_frames
    return _make_extractor(settings, pad_to, net)


def _preset_front_end(preset: str, net: KerasNet) -> Any:
    front_end = make_pipeline(preset)[0]
    parameters = front_end.feature_parameters()
    given = (parameters.n_frames, parameters.n_features)
    wanted = (net.n_frames or given[0], net.n_features)
    if given == wanted:
        return front_end
    raise ValueError(
        f"{net.name} wants sequences of shape {wanted}, but preset {preset} gives "
        f"{given}. Name the preset that it was trained with."
    )


def _default_features(net: KerasNet) -> int:
    if net.n_features in _NAMED_WIDTHS:
        return net.n_features
    raise ValueError(
        f"{net.name} wants {net.n_features} columns of features, and no named set has "
        "that many. Name the columns that it was trained on with 'features'."
    )


def _make_extractor(
    settings: dict[str, Any], pad_to: int | None, net: KerasNet
) -> MFCCExtractor:
    extractor = MFCCExtractor(**settings)
    parameters = extractor.feature_parameters()
    n_columns = parameters.n_features
    if pad_to is not None:
        check_int("pad_to", pad_to, minimum=n_columns, owner="convert_keras")
        if parameters.delta:
            raise ValueError(
                f"The 'pad_to' parameter of convert_keras cannot be combined with "
                f"delta={parameters.delta}. Leave one of them out."
            )
        blocks = [*parameters.blocks, *["zero"] * (pad_to - n_columns)]
        extractor, n_columns = extractor.set_params(features=blocks), pad_to
    if n_columns == net.n_features:
        return extractor
    raise ValueError(
        f"{net.name} wants {net.n_features} columns of features, but features="
        f"{extractor.features!r} gives {n_columns}. Name the columns that it was "
        "trained on with 'features'; if it was also trained on columns of zeros, add "
        "them with 'pad_to'."
    )
