from .keras import convert_keras as convert_keras
from .torch_state import convert_torch as convert_torch
