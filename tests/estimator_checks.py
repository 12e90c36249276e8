"""Checks that every estimator of sequences passes on 3-D input.

They are to X of shape (n_clips, n_frames, n_features) what scikit-learn's own checks
are to rows of a table. Each takes an unfitted estimator.
"""

from __future__ import annotations

import inspect
import pickle
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline


def made_up_clips(n_clips=24):
    """Sequences of two classes that differ in level, a third of them short."""
    rng = np.random.default_rng(0)
    y = np.array(["no", "yes"])[np.arange(n_clips) % 2]
    X = rng.normal(0, 0.3, (n_clips, 6, 3)) + np.where(y == "yes", 1, -1)[:, None, None]
    X = X.astype(np.float32)
    X[::3, 4:] = np.nan
    return X, y


def output(estimator, X):
    """Return what the estimator makes of X."""
    if hasattr(estimator, "predict_proba"):
        return estimator.predict_proba(X)
    return estimator.transform(X)


def fitted(estimator):
    X, y = made_up_clips()
    return clone(estimator).fit(X, y)


def check_init_only_stores(estimator):
    signature = inspect.signature(type(estimator).__init__)
    names = [name for name in signature.parameters if name != "self"]
    assert sorted(vars(type(estimator)())) == sorted(names)
    for name in names:
        marker = object()
        made = type(estimator)(**{name: marker})
        assert getattr(made, name) is marker


def check_parameters_are_keyword_only(estimator):
    parameters = list(inspect.signature(type(estimator).__init__).parameters.values())
    assert {p.kind for p in parameters[1:]} == {inspect.Parameter.KEYWORD_ONLY}


def check_defaults_construct(estimator):
    made = type(estimator)()
    assert made.get_params() == type(estimator)(**made.get_params()).get_params()


def check_params_round_trip(estimator):
    other = type(estimator)().set_params(**estimator.get_params())
    assert other.get_params() == estimator.get_params()


def check_clone_is_equal_and_unfitted(estimator):
    copy = clone(fitted(estimator))
    assert copy.get_params() == estimator.get_params()
    assert sorted(vars(copy)) == sorted(copy.get_params())


def check_fit_returns_self_and_leaves_parameters(estimator):
    X, y = made_up_clips()
    estimator = clone(estimator)
    before = dict(estimator.get_params())
    assert estimator.fit(X, y) is estimator
    assert estimator.get_params() == before
    new = set(vars(estimator)) - set(before)
    assert all(name.endswith("_") for name in new), new


def check_unfitted_raises(estimator):
    X, _ = made_up_clips()
    with pytest.raises(NotFittedError, match="not fitted yet"):
        output(clone(estimator), X)


def check_pickle_round_trip(estimator):
    X, _ = made_up_clips()
    estimator = fitted(estimator)
    copy = pickle.loads(pickle.dumps(estimator))
    np.testing.assert_array_equal(output(copy, X), output(estimator, X))


def check_fitting_twice_equals_fitting_once(estimator):
    X, y = made_up_clips()
    once = fitted(estimator)
    twice = fitted(estimator).fit(X, y)
    np.testing.assert_array_equal(output(once, X), output(twice, X))


def check_fit_forgets_earlier_data(estimator):
    X, y = made_up_clips()
    again = fitted(estimator).fit(X[:, :, :2], y)
    assert again.n_features_in_ == 2
    assert len(output(again, X[:, :, :2])) == len(X)


def check_input_is_not_modified(estimator):
    X, y = made_up_clips()
    X_before, y_before = X.copy(), y.copy()
    X.setflags(write=False)
    output(clone(estimator).fit(X, y), X)
    np.testing.assert_array_equal(X, X_before)
    np.testing.assert_array_equal(y, y_before)


def check_wrong_n_features_is_rejected(estimator):
    X, _ = made_up_clips()
    estimator = fitted(estimator)
    name = type(estimator).__name__
    expected = f"X has 2 features, but {name} is expecting 3 features as input"
    with pytest.raises(ValueError, match=expected):
        output(estimator, X[:, :, :2])


def check_wrong_dimensions_are_rejected(estimator):
    X, y = made_up_clips()
    with pytest.raises(ValueError, match=r"X has shape \(24, 6, 3, 1\)"):
        clone(estimator).fit(X[..., None], y)
    with pytest.raises(ValueError, match="Expected 2D array, got 1D array instead"):
        clone(estimator).fit(X[:, 0, 0], y)
    with pytest.raises(ValueError, match="none of these zero"):
        clone(estimator).fit(X[:, :0], y)


def check_list_of_ragged_sequences_is_rejected(estimator):
    with pytest.raises(ValueError, match="Stack them with mfccclf.pad_sequences"):
        clone(estimator).fit([np.zeros((3, 2)), np.zeros((4, 2))], ["no", "yes"])


def check_paths_are_rejected(estimator):
    for paths in ("a.wav", Path("a.wav"), ["a.wav", "b.wav"], [Path("a.wav")]):
        with pytest.raises(ValueError, match="X holds file paths"):
            clone(estimator).fit(paths, ["no", "yes"])


def check_nan_and_infinity_inside_a_clip_are_rejected(estimator):
    X, y = made_up_clips()
    for value, expected in ((np.nan, "Clip 1 has NaN"), (np.inf, "contains infinity")):
        bad = X.copy()
        bad[1, 2, 0] = value
        with pytest.raises(ValueError, match=expected):
            clone(estimator).fit(bad, y)
        with pytest.raises(ValueError, match=expected):
            output(fitted(estimator), bad)


def check_padding_changes_nothing(estimator):
    X, _ = made_up_clips()
    padded = np.concatenate([X, np.full_like(X, np.nan)], axis=1)
    estimator = fitted(estimator)
    result = output(estimator, padded)
    if result.ndim == 3:
        result = result[:, : X.shape[1]]
    np.testing.assert_allclose(result, output(estimator, X), atol=1e-6)


def check_batch_of_one_equals_batch_of_many(estimator):
    X, _ = made_up_clips()
    estimator = fitted(estimator)
    alone = np.concatenate([output(estimator, X[k : k + 1]) for k in range(len(X))])
    np.testing.assert_allclose(alone, output(estimator, X), atol=1e-6)


def check_order_of_clips_does_not_matter(estimator):
    X, _ = made_up_clips()
    order = np.random.default_rng(1).permutation(len(X))
    estimator = fitted(estimator)
    expected = output(estimator, X)[order]
    np.testing.assert_allclose(output(estimator, X[order]), expected, atol=1e-6)


def check_memory_mapped_input(estimator, tmp_path):
    X, y = made_up_clips()
    np.save(tmp_path / "X.npy", X)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    result = output(clone(estimator).fit(mapped, y), mapped)
    np.testing.assert_array_equal(result, output(fitted(estimator), X))


def check_works_in_pipeline_and_grid_search(estimator):
    X, y = made_up_clips()
    if is_classifier(estimator):
        name, value = next(
            (name, value)
            for name, value in estimator.get_params().items()
            if isinstance(value, (bool, float))
        )
        search = GridSearchCV(
            Pipeline([("step", estimator)]), {f"step__{name}": [value]}, cv=2
        )
        assert search.fit(X, y).predict(X).shape == y.shape
    else:
        made = Pipeline([("step", estimator)]).fit(X, y)
        assert len(made.transform(X)) == len(X)


CHECKS = [value for name, value in list(globals().items()) if name.startswith("check_")]
