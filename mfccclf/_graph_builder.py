"""Build ONNX graphs node by node, with nothing but ``onnx.helper``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import TensorProto, helper, numpy_helper

__all__ = ["DOUBLE", "FLOAT", "INT32", "INT64", "GraphBuilder", "to_numpy"]

DOUBLE = TensorProto.DOUBLE
FLOAT = TensorProto.FLOAT
INT32 = TensorProto.INT32
INT64 = TensorProto.INT64

# Old enough for every onnxruntime since 1.13, new enough for all we use.
_OPSET = 17
_IR_VERSION = 8


class GraphBuilder:
    """A graph that grows node by node; its values go by their names.

    Names are numbered as nodes are added, so equal nets give equal bytes.

    Attributes
    ----------
    marked : dict of str to str
        Values that later nodes or the caller need, by purpose; see `mark`.

    Examples
    --------
    >>> from mfccclf._graph_builder import GraphBuilder
    >>> builder = GraphBuilder()
    >>> output = builder.add("Add", "X", builder.constant(1.0, "float32"))
    >>> model = builder.build(inputs={"X": ["n"]}, outputs={output: ["n"]})
    >>> model.graph.node[0].op_type
    'Add'
    """

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self.marked: dict[str, str] = {}

    def constant(self, value: ArrayLike, dtype: str) -> str:
        """Add a constant and return its name.

        Parameters
        ----------
        value : array-like
            Its value.
        dtype : str
            NumPy's name of the type to store it in.
        """
        name = f"constant_{len(self._constants)}"
        array = np.ascontiguousarray(value, dtype=dtype).reshape(np.shape(value))
        self._constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output and return that output's name."""
        return self.add_many(operator, *inputs, n_outputs=1, **attributes)[0]

    def add_many(
        self, operator: str, *inputs: str, n_outputs: int, **attributes: Any
    ) -> list[str]:
        """Add a node with ``n_outputs`` outputs and return their names."""
        name = f"{operator.lower()}_{len(self._nodes)}"
        outputs = [f"{name}_{index}" for index in range(n_outputs)]
        node = helper.make_node(operator, inputs, outputs, name=name, **attributes)
        self._nodes.append(node)
        return outputs

    def add_with(
        self, operator: str, value: str, constant: ArrayLike, dtype: str = "float64"
    ) -> str:
        """Add a node whose second input is a constant; return its output's name."""
        return self.add(operator, value, self.constant(constant, dtype))

    def cast(self, value: str, dtype: str) -> str:
        """Add a cast to a type by NumPy's name; return its output's name."""
        return self.add(
            "Cast", value, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        )

    def inline(self, content: bytes, inputs: Mapping[str, str]) -> dict[str, str]:
        """Add all nodes of a finished graph, as one of ours builds it.

        Parameters
        ----------
        content : bytes
            The encoded model, of our own version of ONNX's operators.
        inputs : mapping of str to str
            Which value of this graph each of its inputs is.

        Returns
        -------
        outputs : dict of str to str
            The name in this graph of each of its outputs.

        Raises
        ------
        ValueError
            If its operators are those of another version.
        """
        model = onnx.load_from_string(content)
        versions = {item.domain: item.version for item in model.opset_import}
        if versions != {"": _OPSET}:
            raise ValueError(
                f"The graph uses operators of version {versions}, not {_OPSET}. Train "
                "or save the model again with this version of mfccclf."
            )
        place = f"part_{len(self._nodes)}"
        names = _InnerNames(inputs, f"{place}_")
        for tensor in model.graph.initializer:
            tensor.name = names[tensor.name]
            self._constants.append(tensor)
        for node in model.graph.node:
            node.name = f"{place}_{node.name}"
            node.input[:] = [names[name] for name in node.input]
            node.output[:] = [names[name] for name in node.output]
            self._nodes.append(node)
        return {item.name: names[item.name] for item in model.graph.output}

    def mark(self, purpose: str, value: str) -> str:
        """Note what a value is for in ``marked``, for later nodes; return it."""
        self.marked[purpose] = value
        return value

    def rename(self, value: str, name: str) -> str:
        """Give a value the name that it has as an output of the graph."""
        node = helper.make_node("Identity", [value], [name], name=name)
        self._nodes.append(node)
        return name

    def build(
        self,
        *,
        inputs: Mapping[str, list[str | int]],
        outputs: Mapping[str, list[str | int]],
        metadata: Mapping[str, str] | None = None,
    ) -> onnx.ModelProto:
        """Return the finished model, checked.

        Parameters
        ----------
        inputs, outputs : mapping of str to list of str or int
            Shape of each float32 input and output; a text stands for any size.
        metadata : mapping of str to str, optional
            Texts to store beside the graph.
        """
        graph = helper.make_graph(
            self._nodes, "mfccclf", _infos(inputs), _infos(outputs), self._constants
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
            producer_name="mfccclf",
        )
        helper.set_model_props(model, dict(metadata or {}))
        onnx.checker.check_model(model, full_check=True)
        return model


class _InnerNames(dict[str, str]):
    """Names of an inlined graph's values: those given, the others with a prefix."""

    def __init__(self, given: Mapping[str, str], prefix: str) -> None:
        super().__init__(given)
        self._prefix = prefix

    def __missing__(self, name: str) -> str:
        return f"{self._prefix}{name}" if name else name


def to_numpy(parameter: Any) -> NDArray[np.float32]:
    """Return a torch parameter as an array."""
    array: NDArray[np.float32] = parameter.detach().cpu().numpy()
    return array


def _infos(shapes: Mapping[str, list[str | int]]) -> list[onnx.ValueInfoProto]:
    return [
        helper.make_tensor_value_info(name, FLOAT, shape)
        for name, shape in shapes.items()
    ]
