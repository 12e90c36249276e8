"""Convert state dicts saved by PyTorch to fitted pipelines."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NoReturn

import torch
from sklearn.pipeline import Pipeline
from torch import Tensor

from mfccclf.errors import ModelFileError
from mfccclf.estimators import LSTMClassifier
from mfccclf.persistence.convert.label_order import sort_labels
from mfccclf.pipelines import make_pipeline
from mfccclf.prediction.model_config import fail

__all__ = ["convert_torch"]

_SIZE_LIMIT = 2**31
# Under these keys, training scripts keep the state dict among other things.
_WRAPPERS = ("state_dict", "model_state_dict", "model")
_CELL_KEY = re.compile(r"(.*?)(weight_ih|weight_hh|bias_ih|bias_hh)_l(\d+)(_reverse)?")
_CONVERTIBLE = (
    "Only one torch.nn.LSTM and one torch.nn.Linear behind its last time step can be "
    "converted."
)


@dataclass(frozen=True)
class _Net:
    """Weights of a net, by layer: forward cell first, then the backward one."""

    cells: list[list[dict[str, Tensor]]]
    weight: Tensor
    bias: Tensor

    @property
    def hidden_size(self) -> int:
        return int(self.cells[0][0]["weight_hh"].shape[1])

    @property
    def n_features(self) -> int:
        return int(self.cells[0][0]["weight_ih"].shape[1])


def convert_torch(
    path: str | PathLike[str],
    *,
    labels: Sequence[str],
    preset: str = "notes-lstm",
) -> Pipeline:
    """Convert a state dict saved by PyTorch to a fitted pipeline.

    The net must be one ``torch.nn.LSTM``, with any number of layers and one or both
    directions, whose output at the last time step goes through one
    ``torch.nn.Linear``; the modules may have any names, such as ``rnn`` and ``out``.
    The file is read as data (``weights_only``), whatever device it was trained on. The
    two bias vectors of a cell are added up, which gives the same scores.

    Parameters
    ----------
    path : path-like
        File written by ``torch.save(net.state_dict(), path)``.
    labels : sequence of str
        Label of each output, in the net's order.
    preset : str, default="notes-lstm"
        Preset whose front end the net was trained with.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline
        Fitted; steps "extract" and "lstm". Its labels are sorted, and its scores are
        in that order.

    Raises
    ------
    ModelFileError
        If the file is missing, damaged or not a state dict, or the net is of another
        form.
    ValueError
        If the labels or the preset do not fit the net.

    Examples
    --------
    >>> from mfccclf.persistence import convert_torch
    >>> families = ["bass", "brass", "flute", "guitar", "keyboard"]
    >>> families += ["mallet", "organ", "reed", "string", "vocal"]
    >>> pipeline = convert_torch("best.pth", labels=families)  # doctest: +SKIP
    """
    name = fspath(path)
    net = _read_net(_load_state(path, name), name)
    classes, order = sort_labels(
        labels, n_outputs=len(net.weight), net=name, owner="convert_torch"
    )
    front_end = make_pipeline(preset)[0]
    n_features = front_end.feature_parameters().n_features
    if n_features != net.n_features:
        raise ValueError(
            f"{name} wants {net.n_features} values per frame, but preset {preset} "
            f"gives {n_features}. Name the preset that it was trained with."
        )
    classifier = LSTMClassifier(
        hidden_sizes=(net.hidden_size,) * len(net.cells),
        bidirectional=len(net.cells[0]) == 2,
        pooling="last_step",
    )
    state = _state(net, torch.from_numpy(order))
    classifier.restore(classes, n_features, state)
    return Pipeline([("extract", front_end), ("lstm", classifier)])


def _load_state(path: str | PathLike[str], name: str) -> dict[str, Tensor]:
    content = _load(path, name)
    for key in _WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping) or not content:
        _refuse(name, "holds no state dict")
    if not all(isinstance(value, Tensor) for value in content.values()):
        _refuse(name, "holds other things than weights")
    for key, value in content.items():
        if not _is_plain(value):
            _refuse(name, f"has weights {str(key)!r} of absurd shape or kind")
    return {str(key): value.float() for key, value in content.items()}


def _is_plain(tensor: Tensor) -> bool:
    """Return whether a tensor has numbers of its own for its whole shape."""
    if tensor.layout != torch.strided or tensor.is_quantized or tensor.is_complex():
        return False
    wanted = tensor.numel() * tensor.element_size()
    return tensor.device.type == "cpu" and wanted <= tensor.untyped_storage().nbytes()


def _load(path: str | PathLike[str], name: str) -> Any:
    try:
        _check_size(path, name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old formats can be read all the same
            return torch.load(path, map_location="cpu", weights_only=True)
    except ModelFileError:
        raise
    except FileNotFoundError as error:
        raise ModelFileError(f"There is no file {name}. Check the name.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ModelFileError(f"{name} cannot be read ({reason}).") from error
    except Exception as error:  # damaged files make torch.load raise many kinds
        raise ModelFileError(
            f"{name} is damaged, or holds more than plain weights. Save the net with "
            "torch.save(net.state_dict(), path)."
        ) from error


def _check_size(path: str | PathLike[str], name: str) -> None:
    """Refuse huge files, and zips whose members grow: torch compresses none."""
    file = Path(path)
    unpacked = file.stat().st_size
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
        unpacked = sum(info.file_size for info in infos)
        if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
            _refuse(name, "is a compressed zip")
    if unpacked > _SIZE_LIMIT:
        _refuse(name, f"has more than {_SIZE_LIMIT:,} bytes")


def _read_net(state: dict[str, Tensor], name: str) -> _Net:
    cells: dict[tuple[int, bool], dict[str, Tensor]] = {}
    rest, prefixes = {}, set()
    for key, tensor in state.items():
        match = _CELL_KEY.fullmatch(key)
        if match is None:
            rest[key] = tensor
            continue
        prefix, part, layer, reverse = match.groups()
        prefixes.add(prefix)
        cells.setdefault((int(layer), bool(reverse)), {})[part] = tensor
    if len(prefixes) != 1:
        _refuse(name, f"holds {len(prefixes)} recurrent modules")
    weight, bias = _read_linear(rest, name)
    net = _Net(_order_cells(cells, name), weight, bias)
    _check_shapes(net, name)
    return net


def _order_cells(
    cells: dict[tuple[int, bool], dict[str, Tensor]], name: str
) -> list[list[dict[str, Tensor]]]:
    """Order the cells by layer, the forward one of each first."""
    directions = [False, True] if (0, True) in cells else [False]
    n_layers = len(cells) // len(directions)
    wanted = [(layer, way) for layer in range(n_layers) for way in directions]
    if sorted(cells) != sorted(wanted):
        _refuse(name, "lacks weights of some layers")
    return [[cells[layer, way] for way in directions] for layer in range(n_layers)]


def _read_linear(rest: dict[str, Tensor], name: str) -> tuple[Tensor, Tensor]:
    weights = [key for key in rest if rest[key].ndim == 2 and key.endswith("weight")]
    if len(weights) != 1:
        listed = ", ".join(rest) or "nothing"
        _refuse(name, f"holds {listed} in addition to its recurrent module")
    weight = rest.pop(weights[0])
    bias = rest.pop(weights[0].removesuffix("weight") + "bias", None)
    if rest:
        _refuse(name, f"holds {', '.join(rest)} as well")
    return weight, torch.zeros(len(weight)) if bias is None else bias


def _check_shapes(net: _Net, name: str) -> None:
    first = net.cells[0][0]
    if not {"weight_ih", "weight_hh"} <= set(first) or first["weight_hh"].ndim != 2:
        _refuse(name, "lacks weights of some layers")
    if first["weight_ih"].shape[0] != 4 * net.hidden_size:
        _refuse(name, "has a recurrent module that is not a plain LSTM")
    width = net.n_features
    for layer in net.cells:
        for cell in layer:
            _check_cell(cell, net.hidden_size, width, name)
        width = net.hidden_size * len(layer)
    if tuple(net.weight.shape[1:]) != (width,) or len(net.bias) != len(net.weight):
        _refuse(name, f"has an output layer that does not take {width} values")


def _check_cell(cell: dict[str, Tensor], hidden: int, width: int, name: str) -> None:
    shapes: dict[str, tuple[int, ...]] = {
        "weight_ih": (4 * hidden, width),
        "weight_hh": (4 * hidden, hidden),
        "bias_ih": (4 * hidden,),
        "bias_hh": (4 * hidden,),
    }
    for part, tensor in cell.items():
        found = tuple(tensor.shape)
        if found != shapes[part]:
            _refuse(name, f"has a {part} of shape {found}, not {shapes[part]}")


def _state(net: _Net, order: Tensor) -> dict[str, Tensor]:
    """Return the weights by their names in `LSTMNet`."""
    state: dict[str, Tensor] = {}
    for number, layer in enumerate(net.cells):
        for direction, cell in zip(("forward", "backward"), layer, strict=False):
            zeros = torch.zeros(len(cell["weight_hh"]))
            biases = cell.get("bias_ih", zeros) + cell.get("bias_hh", zeros)
            prefix = f"layers.{number}.{direction}_cell."
            state[f"{prefix}weight_ih_l0"] = cell["weight_ih"]
            state[f"{prefix}weight_hh_l0"] = cell["weight_hh"]
            state[f"{prefix}bias_ih_l0"] = biases
            state[f"{prefix}bias_hh_l0"] = zeros
    return state | {"output.weight": net.weight[order], "output.bias": net.bias[order]}


def _refuse(name: str, problem: str) -> NoReturn:
    fail(name, problem, _CONVERTIBLE)
