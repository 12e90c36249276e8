"""The best and the last epoch of a training that validation clips watched."""

from __future__ import annotations

import copy

from sklearn.pipeline import Pipeline

from mfccclf.clip_pipeline import with_steps

__all__ = ["EPOCHS", "pipeline_at"]

EPOCHS = ("best", "last")


def pipeline_at(pipeline: Pipeline, epoch: str) -> Pipeline | None:
    """Return a trained pipeline as it was after its best or its last epoch.

    Parameters
    ----------
    pipeline : sklearn.pipeline.Pipeline
        Trained, its classifier last. It is not changed.
    epoch : {"best", "last"}
        Which epoch.

    Returns
    -------
    pipeline : sklearn.pipeline.Pipeline or None
        With the same front end and a copy of the classifier that cannot tell how
        familiar a clip is; None if no validation clips watched the training, because
        it then has no best epoch.
    """
    classifier = pipeline[-1]
    state = getattr(classifier, f"{epoch}_state_", None)
    if state is None:
        return None
    then = copy.deepcopy(classifier)
    then.net_.module_.load_state_dict(state)
    then.familiarity_ = None
    last = (pipeline.steps[-1][0], then)
    return with_steps(pipeline, [*pipeline.steps[:-1], last])
