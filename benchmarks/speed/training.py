"""Rows about training: an epoch, short clips, and a whole task."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from benchmarks.speed.measuring import Sample, Work, compare
from benchmarks.speed.rows import Options, Row, at_least, at_most

SHAPE = (128, 33)
SIZES, BATCH, LABELS = (128, 32), 25, 5
DROPOUTS: dict[str, Any] = {"input_dropout": 0.05, "recurrent_dropout": 0.35}
SHORTEST, LONGEST = 14, 40
PUBLISHED_EPOCHS = 400
# Seconds of the published training, and of ours as the goal.
PUBLISHED_S, WANTED_S = 204, 10
Step = Callable[[], Any]


def bare_loop(n_clips: int, epochs: int, short: bool = False) -> Step:
    """Train with a plain loop in torch; short clips are padded with zeros."""
    import torch

    from mfccclf.modules import LSTMNet

    X, y = (torch.from_numpy(array) for array in _data(n_clips, short=short))
    X = X.nan_to_num()
    lengths = torch.full((n_clips,), SHAPE[0])

    def train() -> None:
        torch.manual_seed(0)
        net = LSTMNet(
            n_features=SHAPE[1], n_outputs=LABELS, hidden_sizes=SIZES, **DROPOUTS
        )
        optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
        loss_of = torch.nn.CrossEntropyLoss()
        for _ in range(epochs):
            for rows in torch.split(torch.randperm(n_clips), BATCH):
                optimizer.zero_grad()
                loss = loss_of(net(X[rows], lengths[rows]), y[rows])
                loss.backward()
                optimizer.step()

    return train


def ours(n_clips: int, epochs: int, tuned: bool, short: bool = False) -> Step:
    """Train with ``fit``; if tuned, keep freed memory as ``mfccclf train`` does."""
    from mfccclf import LSTMClassifier, keep_freed_memory

    if tuned:
        keep_freed_memory()
    X, y = _data(n_clips, short=short)
    classifier = LSTMClassifier(
        hidden_sizes=SIZES,
        **DROPOUTS,
        batch_size=BATCH,
        max_epochs=epochs,
        bucketing=short,
        random_state=0,
        device="cpu",
    )
    return lambda: classifier.fit(X, y)


def keras_loop(n_clips: int, epochs: int) -> Step:
    """Train the same layers with Keras."""
    import keras

    X, y = _data(n_clips, short=False)
    model = keras.Sequential(
        [
            keras.Input(SHAPE),
            keras.layers.LSTM(
                SIZES[0], return_sequences=True, dropout=0.05, recurrent_dropout=0.35
            ),
            keras.layers.LSTM(SIZES[1], dropout=0.05, recurrent_dropout=0.35),
            keras.layers.Dense(LABELS, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return lambda: model.fit(X, y, batch_size=BATCH, epochs=epochs, verbose=0)


def whole_task(train: dict[str, str], test: dict[str, str], preset: str) -> Step:
    """Train a preset from files, and return its accuracy on other files."""
    from mfccclf import keep_freed_memory, make_pipeline

    keep_freed_memory()

    def run() -> float:
        pipeline = make_pipeline(preset, random_state=0)
        pipeline.fit(list(train), list(train.values()))
        return float(pipeline.score(list(test), list(test.values())))

    return run


def _data(n_clips: int, *, short: bool) -> tuple[Any, Any]:
    import numpy as np

    rng = np.random.default_rng(0)
    X = rng.standard_normal((n_clips, *SHAPE), np.float32)
    if short:
        lengths = rng.integers(SHORTEST, LONGEST + 1, n_clips)
        X[np.arange(SHAPE[0]) >= lengths[:, None]] = np.nan
    return X, rng.integers(0, LABELS, n_clips)


def measure_epochs(options: Options, n_clips: int, epochs: int) -> dict[str, Any]:
    """Compare training with a bare loop and with Keras, if it is installed."""
    size = {"n_clips": n_clips, "epochs": epochs}
    ways = {
        "fit": Work(f"{__name__}:ours", {**size, "tuned": False}),
        "fit, memory kept": Work(f"{__name__}:ours", {**size, "tuned": True}),
        "bare loop": Work(f"{__name__}:bare_loop", size),
        "Keras": Work(f"{__name__}:keras_loop", size, options.python),
    }
    found = compare(ways, runs=options.runs)
    fit, tuned, bare, keras = ways
    claims = [
        at_most("times the bare loop, untuned", found.ratio(fit, bare), 1.05),
        at_most("times the bare loop, as `train`", found.ratio(tuned, bare), 1.0),
        at_least("times as fast as Keras", found.ratio(keras, tuned), 5),
    ]
    return {"ways": found.to_dict(), "claims": claims, "epochs_per_run": epochs}


def measure_short(options: Options) -> dict[str, Any]:
    """Compare training on short clips with training on the same clips padded."""
    size = {"n_clips": 500, "epochs": 1, "short": True}
    ways = {
        "fit, by length": Work(f"{__name__}:ours", {**size, "tuned": True}),
        "bare loop, padded to 128": Work(f"{__name__}:bare_loop", size),
    }
    found = compare(ways, runs=options.runs)
    by_length, padded = ways
    ratio = found.ratio(padded, by_length)
    claims = [at_least("times as fast as padding to 128", ratio, 6)]
    return {"ways": found.to_dict(), "claims": claims}


def measure_task(options: Options) -> dict[str, Any]:
    """Train on five words of one speaker, as published and with our own preset."""
    if options.digits is None:
        return {"missing": "--digits FOLDER"}
    train, test = _five_words(options)
    published = _once(train, test, "names-lstm")
    found = _once(train, test, "default")
    size = {"n_clips": len(train), "epochs": 1}
    ways = {"Keras": Work(f"{__name__}:keras_loop", size, options.python)}
    keras = compare(ways, runs=options.runs).median("Keras")
    epochs_s = PUBLISHED_EPOCHS * keras.wall_s if keras else None
    assert found.value is not None
    assert published.value is not None
    claims = [
        at_most("s to train `default`", found.wall_s, None),
        at_least(
            "accuracy, less that of 400 epochs of `names-lstm`",
            round(found.value - published.value, 4),
            0.0,
        ),
        at_least("times as fast as these", published.wall_s / found.wall_s, None),
        at_least(
            "times as fast as 400 epochs of Keras",
            epochs_s and epochs_s / found.wall_s,
            PUBLISHED_S / WANTED_S,
        ),
    ]
    figures = {"default": found.to_dict(), "names-lstm": published.to_dict()}
    if keras:
        figures["Keras, one epoch"] = keras.to_dict()
    return {"ways": figures, "claims": claims}


def _once(train: dict[str, str], test: dict[str, str], preset: str) -> Sample:
    arguments = {"train": train, "test": test, "preset": preset}
    runner = Work(f"{__name__}:whole_task", arguments).open()
    sample = runner.run()
    runner.close()
    return sample


def _five_words(options: Options) -> tuple[dict[str, str], dict[str, str]]:
    """Return ten clips of each of five words for training, and the rest for testing."""
    assert options.digits is not None
    clips: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path in sorted(options.digits.glob("[0-4]_*_*.wav")):
        word, speaker, _ = path.stem.split("_")
        clips[speaker, word].append(str(path))
    speaker = min(speaker for speaker, _ in clips)
    train: dict[str, str] = {}
    test: dict[str, str] = {}
    for (who, word), paths in clips.items():
        if who == speaker:
            train |= dict.fromkeys(paths[:10], word)
            test |= dict.fromkeys(paths[10:], word)
    return train, test


ROWS = [
    Row(
        "epoch-50",
        "an epoch of 50 sequences of (128, 33), layers 128 and 32",
        lambda options: measure_epochs(options, 50, 4),
    ),
    Row(
        "epoch-2500",
        "an epoch of 2,500 sequences of (128, 33), layers 128 and 32",
        lambda options: measure_epochs(options, 2500, 1),
    ),
    Row(
        "short",
        "an epoch of clips of 14 to 40 frames, 27 on average, of 128",
        measure_short,
    ),
    Row("task", "five words, 50 clips: files to a trained model", measure_task),
]
