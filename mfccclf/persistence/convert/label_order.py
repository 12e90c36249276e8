"""Sort the labels of a converted net, whose outputs have an order of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mfccclf._validation import argument_error

__all__ = ["sort_labels"]


def sort_labels(
    labels: Sequence[str], *, n_outputs: int, net: str, owner: str
) -> tuple[NDArray[np.str_], NDArray[np.intp]]:
    """Sort labels as classifiers of this package do.

    Parameters
    ----------
    labels : sequence of str
        In the order of the net's outputs.
    n_outputs : int
        Outputs of the net.
    net, owner : str
        The net's file and the calling function, for messages.

    Returns
    -------
    classes : ndarray of str of shape (n_outputs,)
        Sorted.
    order : ndarray of int of shape (n_outputs,)
        Place of each class among the net's outputs.

    Raises
    ------
    ValueError, TypeError
        If there is not exactly one label per output.
    """
    if isinstance(labels, str):
        raise argument_error(
            "labels",
            labels,
            "a list of texts",
            owner=owner,
            error=TypeError,
            hint="Give one text per output of the net.",
        )
    names = [str(label) for label in labels]
    if len(names) != n_outputs or len(set(names)) != n_outputs:
        raise ValueError(
            f"{net} has {n_outputs} outputs, but {len(set(names))} different labels "
            f"are given: {', '.join(names)}. Name each output, in the net's order."
        )
    order = np.argsort(names)
    return np.array(names)[order], order
