"""One LSTM layer over sequences of different lengths."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = [
    "SequenceLSTM",
    "last_frame",
    "recurrent_mask",
    "reverse_within_length",
]


class SequenceLSTM(nn.Module):
    """One uni- or bidirectional LSTM layer on zero-padded sequences.

    The cells are torch's fused ones. No direction reads padding before true frames:
    the forward cell reads it last, and the backward cell reads each sequence reversed
    within its true length.

    Parameters
    ----------
    input_size : int
        Values per frame.
    hidden_size : int
        Units per direction.
    bidirectional : bool, default=False
        Whether to add a cell that reads backwards; outputs are concatenated.
    input_dropout : float, default=0.0
        Share of the inputs to drop in training. There is one mask per sequence and
        direction, the same in all frames [1]_.
    recurrent_dropout : float, default=0.0
        Share of the previous state's units to drop in training, per gate and the same
        in all frames.

    Attributes
    ----------
    forward_cell : torch.nn.LSTM
        Reads from the first frame to the last.
    backward_cell : torch.nn.LSTM or None
        Reads from the last true frame to the first.

    Notes
    -----
    Recurrent dropout masks the columns of each gate's block of the recurrent matrix,
    which equals masking the previous state that the gate sees. Each batch has new
    masks, which its sequences share, so that the fused kernel can be used; kept units
    are scaled by ``1 / (1 - recurrent_dropout)``.

    Initial values are Keras's: Glorot uniform input kernels, one orthogonal recurrent
    kernel over all four gates, biases of 1 for the forget gate and 0 otherwise. Torch's
    second bias vector stays zero and is not trained.

    References
    ----------
    .. [1] Y. Gal and Z. Ghahramani, "A Theoretically Grounded Application of Dropout
       in Recurrent Neural Networks", NeurIPS, 2016.

    Examples
    --------
    >>> import torch
    >>> from mfccclf.modules import SequenceLSTM
    >>> layer = SequenceLSTM(13, 8, bidirectional=True).eval()
    >>> output, state = layer(torch.zeros(2, 50, 13), torch.tensor([50, 30]))
    >>> output.shape
    torch.Size([2, 50, 16])
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        *,
        bidirectional: bool = False,
        input_dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bidirectional = bidirectional
        self.input_dropout = input_dropout
        self.recurrent_dropout = recurrent_dropout
        self.forward_cell = _make_cell(input_size, hidden_size)
        self.backward_cell = (
            _make_cell(input_size, hidden_size) if bidirectional else None
        )

    @property
    def output_size(self) -> int:
        """Values per frame of the output."""
        return self.hidden_size * (2 if self.bidirectional else 1)

    def forward(self, X: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """Run the layer.

        Parameters
        ----------
        X : Tensor of shape (batch, n_frames, input_size)
            Sequences, padded at the end with any finite number.
        lengths : int64 Tensor of shape (batch,)
            True frames per sequence, each at least 1.

        Returns
        -------
        output : Tensor of shape (batch, n_frames, output_size)
            Output per frame; meaningless past a sequence's end.
        state : Tensor of shape (batch, output_size)
            Final state of each direction: after the last true frame for the forward
            cell, after the first frame for the backward one.
        """
        output = self._run(self.forward_cell, X)
        state = last_frame(output, lengths)
        if self.backward_cell is None:
            return output, state
        reversed_output = self._run(
            self.backward_cell, reverse_within_length(X, lengths)
        )
        backward = reverse_within_length(reversed_output, lengths)
        state = torch.cat([state, last_frame(reversed_output, lengths)], dim=1)
        return torch.cat([output, backward], dim=2), state

    def _run(self, cell: nn.LSTM, X: Tensor) -> Tensor:
        if not self.training:
            return _output_of(cell(X))
        if self.input_dropout > 0:
            mask = X.new_ones(X.shape[0], 1, X.shape[2])
            X = X * functional.dropout(mask, self.input_dropout)
        if self.recurrent_dropout > 0:
            mask = recurrent_mask(cell, self.recurrent_dropout)
            return _run_masked(cell, X, mask)
        return _output_of(cell(X))


def recurrent_mask(cell: nn.LSTM, dropout: float) -> Tensor:
    """Draw the mask of a cell's previous state.

    Parameters
    ----------
    cell : torch.nn.LSTM
        A cell of one layer and one direction.
    dropout : float
        Share to drop.

    Returns
    -------
    mask : Tensor of shape (4, hidden_size)
        For gates i, f, g, o: 0 where dropped, ``1 / (1 - dropout)`` elsewhere.
    """
    weight_hh = _weights_of(cell)[1]
    return functional.dropout(weight_hh.new_ones(4, cell.hidden_size), dropout)


def reverse_within_length(X: Tensor, lengths: Tensor) -> Tensor:
    """Reverse the true frames of each sequence and leave the padding in place.

    Parameters
    ----------
    X : Tensor of shape (batch, n_frames, n_features)
        Padded sequences.
    lengths : int64 Tensor of shape (batch,)
        True frames per sequence.

    Returns
    -------
    reversed : Tensor of shape (batch, n_frames, n_features)
        The same sequences, last true frame first.
    """
    frames = torch.arange(X.shape[1], device=X.device)
    index = lengths[:, None] - 1 - frames
    index = torch.where(index >= 0, index, frames)
    return X.gather(1, index[:, :, None].expand_as(X))


def last_frame(X: Tensor, lengths: Tensor) -> Tensor:
    """Return the last true frame of each sequence, of shape (batch, n_features)."""
    return X[torch.arange(X.shape[0], device=X.device), lengths - 1]


def _make_cell(input_size: int, hidden_size: int) -> nn.LSTM:
    cell = nn.LSTM(input_size, hidden_size, batch_first=True)
    weight_ih, weight_hh, bias_ih, bias_hh = _weights_of(cell)
    nn.init.xavier_uniform_(weight_ih)
    nn.init.orthogonal_(weight_hh)
    nn.init.zeros_(bias_ih)
    nn.init.zeros_(bias_hh)
    with torch.no_grad():  # torch's gate order is i, f, g, o
        bias_ih[hidden_size : 2 * hidden_size] = 1.0
    bias_hh.requires_grad_(False)
    return cell


def _run_masked(cell: nn.LSTM, X: Tensor, mask: Tensor) -> Tensor:
    hidden_size = cell.hidden_size
    weight_ih, weight_hh, bias_ih, bias_hh = _weights_of(cell)
    blocks = weight_hh.view(4, hidden_size, hidden_size)
    masked = (blocks * mask[:, None, :]).view(4 * hidden_size, hidden_size)
    weights = [weight_ih, masked, bias_ih, bias_hh]
    if X.is_cuda:
        weights = _in_one_chunk(weights)
    state = X.new_zeros(1, X.shape[0], hidden_size)
    output, _, _ = torch.lstm(
        X, (state, state), weights, True, 1, 0.0, True, False, True
    )
    return output


def _in_one_chunk(weights: list[Tensor]) -> list[Tensor]:
    # cuDNN warns unless all weights of a cell are side by side in memory.
    flat = torch.cat([weight.reshape(-1) for weight in weights])
    pieces = torch.split(flat, [weight.numel() for weight in weights])
    return [
        piece.view_as(weight) for piece, weight in zip(pieces, weights, strict=True)
    ]


def _weights_of(cell: nn.LSTM) -> list[Tensor]:
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return [getattr(cell, name) for name in names]


def _output_of(result: tuple[Tensor, tuple[Tensor, Tensor]]) -> Tensor:
    return result[0]
