from .convert import convert_keras as convert_keras
from .convert import convert_torch as convert_torch
from .exporting import export_onnx as export_onnx
from .loading import load_model as load_model
from .model_parts import ModelParts as ModelParts
from .saving import save_model as save_model
from .waveform_export import describe_waveform_model as describe_waveform_model
from .waveform_export import encode_waveform_model as encode_waveform_model
