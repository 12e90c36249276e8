from .onnx_embedding import OnnxEmbedding as OnnxEmbedding
from .transformers import MusicEmbedding as MusicEmbedding
from .transformers import PretrainedEmbedding as PretrainedEmbedding
from .transformers import SpeechEmbedding as SpeechEmbedding
