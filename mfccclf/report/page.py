"""The page of a report: one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

import numpy as np

from mfccclf.report.clip_cards import show_clips, show_picture
from mfccclf.report.facts import (
    about_curves,
    about_data,
    about_model,
    about_training,
    headline,
)
from mfccclf.report.html import Html, element, join, table
from mfccclf.report.inputs import ReportInputs
from mfccclf.report.label_scores import show_decisions, show_label_scores
from mfccclf.report.pictures import Pictures

__all__ = ["write_page"]

# Whatever a label or a file name may hold: no scripts, nothing from elsewhere.
_POLICY = (
    "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
)
_MOST_CONFUSIONS = 8
# Larger matrices stand below each other, so that their numbers can be read.
_MOST_SIDE_BY_SIDE = 6


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
        A whole HTML document, pictures and sound inside.
    """
    title = f"{inputs.model} on {inputs.clips.name}"
    sections = [
        _head_section(inputs, title),
        _curves_section(inputs, pictures),
        _confusion_section(inputs, pictures),
        show_label_scores(inputs, show_picture(pictures.class_scores)),
        _calibration_section(inputs, pictures),
        _waveforms_section(inputs, pictures),
        show_clips(inputs, pictures.cards),
    ]
    style = Html((files("mfccclf.report") / "report.css").read_text("utf-8"))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name_="viewport", content="width=device-width,initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name_="generator", content="mfccclf report"),
        element("title", title),
        element("style", style),
    )
    body = element("body", element("main", *sections), _footer(inputs))
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _head_section(inputs: ReportInputs, title: str) -> Html:
    tiles = [
        element("div", element("strong", value), element("span", name), class_="tile")
        for name, value in headline(inputs)
    ]
    parts = [
        element("p", "Test report", class_="kicker"),
        element("h1", title),
        element("div", *tiles, class_="tiles"),
    ]
    if inputs.result.seen_in_training:
        text = (
            "These are the very clips that the model was trained on. Its scores on new "
            "clips will be lower."
        )
        parts.append(element("p", text, class_="warning"))
    groups = (
        ("Clips", about_data(inputs)),
        ("Model", about_model(inputs)),
        ("Training", about_training(inputs)),
    )
    facts = [element("div", element("h2", name), _facts(rows)) for name, rows in groups]
    return element("header", *parts, element("div", *facts, class_="facts"))


def _facts(rows: Iterable[tuple[str, str]]) -> Html:
    pairs = (join(element("dt", name), element("dd", value)) for name, value in rows)
    return element("dl", *pairs)


def _curves_section(inputs: ReportInputs, pictures: Pictures) -> Html:
    if pictures.curves is None:
        text = (
            "There are none: the model file does not record how its training went, "
            "epoch by epoch. Files that mfccclf train saves do."
        )
        return _section("Learning curves", element("p", text))
    text = about_curves(inputs)
    return _section(
        "Learning curves", element("p", text), show_picture(pictures.curves)
    )


def _confusion_section(inputs: ReportInputs, pictures: Pictures) -> Html:
    if inputs.multilabel:
        return show_decisions(inputs)
    text = (
        "A row holds the clips of one true label, a column those of one prediction; "
        "what lies off the diagonal is mistaken. The colour is the share of the row."
    )
    layout = "pair" if len(inputs.labels) <= _MOST_SIDE_BY_SIDE else "column"
    shown = element("div", *map(show_picture, pictures.confusion), class_=layout)
    mistakes = _worst_confusions(inputs)
    return _section("Confusion matrix", element("p", text), shown, mistakes)


def _worst_confusions(inputs: ReportInputs) -> Html:
    counts = np.array(inputs.scores["confusion"])
    totals = counts.sum(axis=1)
    np.fill_diagonal(counts, 0)
    order = np.argsort(-counts, axis=None, kind="stable")[:_MOST_CONFUSIONS]
    rows: list[list[object]] = []
    for true, answer in zip(*np.unravel_index(order, counts.shape), strict=True):
        if counts[true, answer]:
            share = f"{counts[true, answer]} of {totals[true]}"
            rows.append([inputs.labels[true], inputs.labels[answer], share])
    if not rows:
        return element("p", "No clip was mistaken.")
    headings = ["True label", "Predicted", "Clips"]
    return table(headings, rows, caption="Most frequent mistakes", class_="narrow")


def _calibration_section(inputs: ReportInputs, pictures: Pictures) -> Html:
    rule = "Of the answers with a score of about 0.8, about 80 % should be right."
    if inputs.multilabel:
        rule = "Of the clips that score about 0.8 for a label, 80 % should have it."
    text = (
        f"{rule} The expected calibration error is the mean distance from that: "
        f"{inputs.calibration.error:.3f} here, 0 at best."
    )
    return _section(
        "Calibration", element("p", text), show_picture(pictures.calibration)
    )


def _waveforms_section(inputs: ReportInputs, pictures: Pictures) -> Html:
    text = "The first clip of each label. Each panel is scaled to the clip's own peak."
    parts = [element("p", text), show_picture(pictures.waveforms)]
    absent = np.flatnonzero(~inputs.present.any(axis=0))
    missing = [inputs.labels[column] for column in absent]
    if missing:
        parts.append(element("p", f"No clips in these data: {', '.join(missing)}."))
    return _section("One clip of each label", *parts)


def _section(heading: str, *children: Html) -> Html:
    return element("section", element("h2", heading), *children)


def _footer(inputs: ReportInputs) -> Html:
    made_by = (inputs.config.get("packages") or {}).get("mfccclf")
    text = "Made by mfccclf evaluate --report."
    if made_by:
        text += f" The model was saved by mfccclf {made_by}."
    return element("footer", text)
