"""Model cards: Markdown templates that a recipe fills with facts."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, StrictUndefined
from jinja2.meta import find_undeclared_variables

__all__ = ["render_card"]


def render_card(recipe: str, **facts: object) -> str:
    """Fill the template of a recipe.

    Parameters
    ----------
    recipe : str
        Folder of the recipe; its ``card.md`` is the template.
    **facts : object
        A value for each name in the template.

    Returns
    -------
    card : str
        The model card, in Markdown.

    Raises
    ------
    ValueError
        If a fact is missing.
    """
    environment = Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        # Markdown, not HTML: nothing to escape.
        autoescape=False,
    )
    environment.filters |= {
        "count": lambda number: f"{number:,}",
        "score": lambda value: f"{value:.3f}",
        "share": lambda value: f"{value:.1%}",
        "words": lambda name: name.replace("_", " "),
    }
    text = (Path(__file__).parent / recipe / "card.md").read_text(encoding="utf-8")
    missing = find_undeclared_variables(environment.parse(text)) - facts.keys()
    if missing:
        raise ValueError(
            f"The card of {recipe} also needs {', '.join(sorted(missing))}."
        )
    return environment.from_string(text).render(facts)
