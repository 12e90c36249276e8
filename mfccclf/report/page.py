"""The page of a report: one HTML file that needs nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np

from mfccclf.report._templates import load_templates
from mfccclf.report.clip_cards import make_label_cards
from mfccclf.report.examples import MIXED_GAP
from mfccclf.report.facts import (
    about_curves,
    about_data,
    about_model,
    about_training,
    headline,
)
from mfccclf.report.inputs import ReportInputs
from mfccclf.report.pictures import Pictures
from mfccclf.report.sound import AUDIO_TYPE
from mfccclf.report.tables import (
    defined_scores,
    make_baseline_table,
    make_decision_table,
    make_label_table,
    make_mistake_table,
)

__all__ = ["write_page"]


def write_page(inputs: ReportInputs, pictures: Pictures) -> str:
    """Return the page.

    Parameters
    ----------
    inputs : ReportInputs
        What to show.
    pictures : Pictures
        Its pictures.

    Returns
    -------
    page : str
        A whole HTML document with pictures and sound inside.
    """
    page = load_templates().get_template("report.html")
    specific = _about_multilabel(inputs) if inputs.multilabel else _about_single(inputs)
    absent = np.flatnonzero(~inputs.present.any(axis=0))
    undefined = (np.isnan(found).any() for found in defined_scores(inputs).values())
    return page.render(
        title=f"{inputs.model} on {inputs.clips.name}",
        headline=headline(inputs),
        seen_in_training=inputs.result.seen_in_training,
        facts={
            "Clips": about_data(inputs),
            "Model": about_model(inputs),
            "Training": about_training(inputs),
        },
        about_curves=about_curves(inputs),
        pictures=pictures,
        multilabel=inputs.multilabel,
        label_scores=make_label_table(inputs),
        scores_are_undefined=any(undefined),
        calibration_error=inputs.calibration.error,
        labels_without_clips=[inputs.labels[column] for column in absent],
        labels=make_label_cards(inputs, pictures.cards),
        is_shaded=inputs.heard_s is not None,
        audio_type=AUDIO_TYPE,
        saved_by=(inputs.config.get("packages") or {}).get("mfccclf"),
        **specific,
    )


def _about_multilabel(inputs: ReportInputs) -> dict[str, Any]:
    return {
        "decisions": make_decision_table(inputs),
        "baseline": make_baseline_table(inputs),
    }


def _about_single(inputs: ReportInputs) -> dict[str, Any]:
    return {
        "mistakes": make_mistake_table(inputs),
        "n_labels": len(inputs.labels),
        "mixed_gap": MIXED_GAP,
    }
