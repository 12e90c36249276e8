from .convert import convert_keras as convert_keras
from .convert import convert_torch as convert_torch
from .exporting import export_onnx as export_onnx
from .loading import load_model as load_model
from .saving import save_model as save_model
