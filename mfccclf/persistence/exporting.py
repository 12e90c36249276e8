"""Write models as ONNX files, for other programs."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from sklearn.pipeline import Pipeline

from mfccclf._validation import check_choice
from mfccclf.persistence.archive import write_whole
from mfccclf.persistence.model_parts import ModelParts
from mfccclf.persistence.waveform_export import encode_waveform_model

__all__ = ["INPUTS", "export_onnx"]

INPUTS = ("features", "samples")


def export_onnx(
    model: Pipeline | str | PathLike[str],
    path: str | PathLike[str],
    *,
    inputs: str = "features",
) -> Path:
    """Write a model, or its net alone, as an ONNX file for other programs.

    From features, the input ``X`` is float32 of shape (n_clips, n_frames, n_features)
    with NaN in every frame past a clip's end; the graph includes the scaling. From
    samples, the input ``waveform`` is float32 of shape (n_samples,), one clip at the
    model's rate with an amplitude between -1 and 1; the graph includes the features,
    too, and pre-trained nets.

    The output ``scores`` holds the probabilities (n_clips, n_classes), and
    ``familiarity``, if the model tells it, the share of known clips that are at least
    as unusual (n_clips,). The metadata of the file hold the classes and the parameters
    of the features as JSON; from samples also the rate, the fewest samples of a clip,
    thresholds and limits.

    Parameters
    ----------
    model : Pipeline, str or path-like
        A fitted pipeline that `save_model` could save, the name of a shipped model, or
        a model file.
    path : path-like
        File to write, usually ending in ``.onnx``.
    inputs : {"features", "samples"}, default="features"
        What the graph begins with.

    Returns
    -------
    path : pathlib.Path
        The file.

    Raises
    ------
    ModelFileError
        If the model cannot be read, or the file cannot be written.
    ExportError
        If a part of the model cannot be in a graph that begins with samples.
    ValueError, TypeError
        As for `save_model`.

    Examples
    --------
    >>> import tempfile
    >>> from mfccclf import export_onnx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     export_onnx("names", f"{folder}/names.onnx").name
    'names.onnx'
    """
    check_choice("inputs", inputs, INPUTS, owner="export_onnx")
    parts = ModelParts.of(model)
    if inputs == "samples":
        return write_whole(path, encode_waveform_model(parts))
    return write_whole(path, parts.net)
