"""Every estimator of sequences, by scikit-learn's checks (2-D X) and ours (3-D X)."""

from __future__ import annotations

import inspect
import re
from unittest import SkipTest

import estimator_checks
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import estimator_checks_generator

from mfccclf import (
    CNNClassifier,
    EmbeddingSelector,
    LSTMClassifier,
    SequenceStandardScaler,
    SequenceStatistics,
)
from mfccclf._parameters import declared_defaults
from mfccclf.estimators.training.options import TrainingOptions

# A small net and few epochs keep the suite quick; nothing else differs from defaults.
ESTIMATORS = [
    SequenceStandardScaler(),
    SequenceStatistics(),
    EmbeddingSelector(n_first=1),
    LSTMClassifier(hidden_sizes=(8,), max_epochs=10, lr=0.05, random_state=0),
    CNNClassifier(
        channels=(8,), collapse="flatten", max_epochs=10, lr=0.05, random_state=0
    ),
]

# Another processor may happen to round alike. scikit-learn 1.6 cannot say so.
NOT_STRICT = (
    {"xfail_strict": False}
    if "xfail_strict" in inspect.signature(estimator_checks_generator).parameters
    else {}
)
FINER_THAN_FLOAT32 = (
    "Compares familiarity at 1e-7, finer than single precision is; "
    "test_familiarity_does_not_depend_on_padding_or_other_clips does so at 1e-5, and "
    "check_batch_of_one_equals_batch_of_many compares probabilities."
)
# The whole list of scikit-learn's checks that do not pass, and why.
EXPECTED_FAILURES = {
    "CNNClassifier": {
        "check_methods_subset_invariance": FINER_THAN_FLOAT32,
        "check_sample_weight_equivalence_on_dense_data": (
            "A clip twice in a batch counts twice in batch normalisation, a clip of "
            "weight two counts once."
        ),
    },
    "LSTMClassifier": {
        "check_methods_subset_invariance": FINER_THAN_FLOAT32,
        "check_sample_weight_equivalence_on_dense_data": (
            "Compares probabilities at rtol=1e-7, finer than float32 training can be; "
            "test_weight_of_a_clip_equals_its_repetition does so at 1e-5."
        ),
    },
}
# The checks that skip themselves, by the start of their message: without pandas there
# are no data frames to check, without SCIPY_ARRAY_API no other array libraries. Where
# both are there, these pass too. Nets have probabilities, not decision functions.
EXPECTED_SKIPS = (
    "pandas is not installed",
    "SCIPY_ARRAY_API is not set",
    "CNNClassifier does not have a decision_function method",
    "LSTMClassifier does not have a decision_function method",
)
LEAST_NUMBER_OF_CHECKS = {
    "CNNClassifier": 59,
    "EmbeddingSelector": 40,
    "LSTMClassifier": 59,
    "SequenceStandardScaler": 42,
    "SequenceStatistics": 40,
}


def name_of(value):
    if callable(value) and not inspect.isclass(value):
        function = getattr(value, "func", value)
        options = getattr(value, "keywords", {})
        return "-".join([function.__name__, *(f"{k}={v}" for k, v in options.items())])
    return type(value).__name__


def names_in_section(documented, section):
    """List the names that a section of a numpydoc docstring describes."""
    text = inspect.getdoc(documented)
    body = re.split(rf"^{section}\n-+\n", text, flags=re.MULTILINE)[1]
    body = re.split(r"^\w+\n-+\n", body, flags=re.MULTILINE)[0]
    entries = re.findall(r"^(\w.*?) : ", body, flags=re.MULTILINE)
    return [name.strip() for entry in entries for name in entry.split(",")]


def scikit_learn_checks(estimator):
    return estimator_checks_generator(
        estimator,
        expected_failed_checks=EXPECTED_FAILURES.get(type(estimator).__name__),
        mark="xfail",
        **NOT_STRICT,
    )


@pytest.mark.parametrize(
    ("estimator", "check"),
    [pair for estimator in ESTIMATORS for pair in scikit_learn_checks(estimator)],
    ids=name_of,
)
def test_scikit_learn_check(estimator, check):
    try:
        check(clone(estimator))
    except SkipTest as skip:
        if not str(skip).startswith(EXPECTED_SKIPS):
            pytest.fail(f"skipped without a known reason: {skip}")
        raise


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name_of)
def test_scikit_learn_checks_are_not_empty(estimator):
    checks = list(estimator_checks_generator(estimator))
    assert len(checks) >= LEAST_NUMBER_OF_CHECKS[type(estimator).__name__]


@pytest.mark.parametrize("check", estimator_checks.CHECKS, ids=name_of)
@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name_of)
def test_own_check(estimator, check, tmp_path):
    options = {"tmp_path": tmp_path} if "tmp_path" in _names(check) else {}
    check(clone(estimator), **options)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name_of)
def test_docstring_lists_the_parameters_in_order(estimator):
    documented = names_in_section(type(estimator), "Parameters")
    assert documented == _names(type(estimator).__init__)[1:]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name_of)
def test_docstring_lists_what_fit_sets(estimator):
    made = estimator_checks.fitted(estimator)
    documented = names_in_section(type(estimator), "Attributes")
    assert set(vars(made)) - set(made.get_params()) <= set(documented)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=name_of)
def test_tags_tell_what_is_accepted(estimator):
    tags = estimator.__sklearn_tags__().input_tags
    assert tags.two_d_array
    assert tags.three_d_array
    assert not tags.allow_nan
    with pytest.raises(ValueError, match="Input X contains NaN"):
        clone(estimator).fit([[1.0, np.nan], [2.0, 3.0]], ["no", "yes"])


def _names(function):
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize("cls", [CNNClassifier, LSTMClassifier])
def test_signatures_of_classifiers_repeat_the_declared_parameters(cls):
    signature = inspect.signature(cls).parameters
    defaults = {name: parameter.default for name, parameter in signature.items()}
    declared = declared_defaults(*cls.net_options, TrainingOptions)
    assert list(defaults.items()) == list(declared.items())


@pytest.mark.parametrize("cls", [CNNClassifier, LSTMClassifier])
def test_all_declared_parameters_are_documented(cls):
    for name in declared_defaults(*cls.net_options, TrainingOptions):
        assert re.search(rf"^ *{name} : .*, default=", cls.__doc__, re.MULTILINE)
    assert not re.search(r"^ *\{\w+\}$", cls.__doc__, re.MULTILINE)
