from .augmentation import Augmentation as Augmentation
from .conv_net import ConvNet as ConvNet
from .lstm_net import LSTMNet as LSTMNet
from .pooling import AttentionPooling as AttentionPooling
from .sequence_lstm import SequenceLSTM as SequenceLSTM
from .summary import LayerRow as LayerRow
from .summary import count_parameters as count_parameters
