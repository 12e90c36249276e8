"""Check an ONNX graph that another program made, of which little is known.

Such a graph may use far more operators than our own, so its values cannot be followed.
What stays out is what could do more than compute numbers from its input, or never end:
data in other files, functions, inner graphs, operators of other domains, random
numbers, inputs that are missing. Memory and time are not bounded.

References
----------
.. [1] ONNX, "Open Neural Network Exchange Intermediate Representation", onnx.ai.
"""

from __future__ import annotations

from collections import defaultdict
from typing import cast

from mfccclf._protobuf import as_bytes, read_fields

__all__ = ["check_foreign_graph"]

# Numbers of fields, by message.
_MODEL_GRAPH, _MODEL_OPERATORS, _MODEL_TRAINING, _MODEL_FUNCTIONS = 7, 8, 20, 25
_GRAPH_NODE, _GRAPH_TENSOR, _GRAPH_SPARSE = 1, 5, 15
_NODE_INPUT, _NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 4, 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS = 5, 10
_ATTRIBUTE_GRAPHS_AND_SPARSE = (6, 11, 22, 23)
_TENSOR_ELSEWHERE, _TENSOR_PLACE = 13, 14
_DOMAINS = ("", "ai.onnx")

_NAMES = """
Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool
BatchNormalization BlackmanWindow Cast CastLike Ceil Celu Clip Concat Constant
ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumSum DFT DepthToSpace
DequantizeLinear Div Dropout DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand
EyeLike Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool
GlobalLpPool GlobalMaxPool Greater GreaterOrEqual GroupNormalization HammingWindow
HannWindow HardSigmoid HardSwish Identity InstanceNormalization IsInf IsNaN LRN LSTM
LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax LpNormalization LpPool
MatMul MatMulInteger Max MaxPool Mean MeanVarianceNormalization MelWeightMatrix Min
Mish Mod Mul Neg NonZero Not OneHot Or PRelu Pad Pow QLinearConv QLinearMatMul
QuantizeLinear RMSNormalization RNN Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum
ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
Relu Reshape Resize ReverseSequence Round STFT ScatterElements ScatterND Selu Shape
Sigmoid Sign Sin Sinh Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt
Squeeze Sub Sum Tan Tanh ThresholdedRelu Tile TopK Transpose Trilu Unsqueeze Where Xor
"""
_OPERATORS = frozenset(_NAMES.split())
# An input left out of one of these ends the process, in some versions of ONNX Runtime.
_OF_ANY_NUMBER = frozenset(["Concat", "Einsum", "Max", "Mean", "Min", "Sum"])

_Fields = dict[int, list[int | bytes]]


def check_foreign_graph(content: bytes) -> None:
    """Refuse a graph that could do more than compute numbers, or compute for ever.

    Parameters
    ----------
    content : bytes
        The encoded ONNX model.

    Raises
    ------
    ValueError
        If it is damaged, or holds anything of this kind; the first one is named.
    """
    # Looked at in place: the constants may be large.
    model = _read(cast("bytes", memoryview(content)))
    if _MODEL_GRAPH not in model:
        raise ValueError("it is no ONNX model")
    if _MODEL_TRAINING in model or _MODEL_FUNCTIONS in model:
        raise ValueError("it holds functions, which are not supported")
    for operators in model.get(_MODEL_OPERATORS, ()):
        _check_domain(_text(_read(as_bytes(operators)), 1))
    for graph in model[_MODEL_GRAPH]:  # one, but readers would join several
        _check_graph(as_bytes(graph))


def _check_graph(content: bytes) -> None:
    graph = _read(content)
    if _GRAPH_SPARSE in graph:
        raise ValueError("it holds sparse numbers, which are not supported")
    for tensor in graph.get(_GRAPH_TENSOR, ()):
        _check_tensor(as_bytes(tensor))
    for node in graph.get(_GRAPH_NODE, ()):
        _check_node(as_bytes(node))


def _check_node(content: bytes) -> None:
    node = _read(content)
    operator = _text(node, _NODE_OPERATOR)
    _check_domain(_text(node, _NODE_DOMAIN))
    if operator not in _OPERATORS:
        raise ValueError(f"it uses the operator {operator[:80]!r}")
    if operator in _OF_ANY_NUMBER and not all(map(as_bytes, node.get(_NODE_INPUT, ()))):
        raise ValueError(f"its operator {operator!r} lacks an input")
    for attribute in node.get(_NODE_ATTRIBUTE, ()):
        fields = _read(as_bytes(attribute))
        if not fields.keys().isdisjoint(_ATTRIBUTE_GRAPHS_AND_SPARSE):
            raise ValueError(f"it has a graph within its operator {operator!r}")
        for field in (_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS):
            for tensor in fields.get(field, ()):
                _check_tensor(as_bytes(tensor))


def _check_tensor(content: bytes) -> None:
    tensor = _read(content)
    if _TENSOR_ELSEWHERE in tensor or any(tensor.get(_TENSOR_PLACE, ())):
        raise ValueError(
            "it keeps numbers in another file; export it as one file, such as with "
            "onnx.save_model(onnx.load(path), path)"
        )


def _check_domain(domain: str) -> None:
    if domain not in _DOMAINS:
        raise ValueError(f"it uses operators of {domain[:80]!r}, not those of ONNX")


def _read(content: bytes) -> _Fields:
    fields: _Fields = defaultdict(list)
    for number, value in read_fields(content):
        fields[number].append(value)
    return dict(fields)


def _text(fields: _Fields, number: int) -> str:
    """Return the last text of a field, which is the one that counts, or none."""
    values = fields.get(number)
    return bytes(as_bytes(values[-1])).decode() if values else ""
