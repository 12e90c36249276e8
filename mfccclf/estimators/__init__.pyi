from .cnn import CNNClassifier as CNNClassifier
from .description import count_parameters as count_parameters
from .description import describe_layers as describe_layers
from .description import module_of as module_of
from .lstm import LSTMClassifier as LSTMClassifier
