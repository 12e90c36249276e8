from .model_file import ModelFile as ModelFile
from .outcome import Prediction as Prediction
from .outcome import WindowPrediction as WindowPrediction
from .predictor import Predictor as Predictor
from .shipped import open_model as open_model
from .shipped import shipped_models as shipped_models
from .window_merging import merge_windows as merge_windows
