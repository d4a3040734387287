"""Pages of linkage: templates filled in to one HTML file that needs nothing else, Chinese first, English at a click."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

_COLOURS = {"for": "#2a7f62", "against": "#b5473c", "sum": "#1d2430", "prior": "#8a8f98"}


@cache
def _templates() -> Environment:
    loader = PackageLoader("resolver.linkage", "templates")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def page(name: str, **facts: Any) -> str:
    """The page made of a template of `resolver/linkage/templates`.

    Args:
        name: File of the template.
        facts: What it shows; texts are escaped.
    """
    return _templates().get_template(name).render(**facts)


def colour(kind: str) -> str:
    """Colour (#rrggbb) of what speaks `for` or `against` one person, of the `prior` and of the `sum`."""
    return _COLOURS[kind]
