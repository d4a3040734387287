"""Pages of linkage: templates filled in to one HTML file that needs nothing else, Chinese first, English at a click."""

from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

_COLOURS = {"for": "#2a7f62", "against": "#b5473c", "sum": "#1d2430", "prior": "#8a8f98"}


@cache
def _templates(package: str) -> Environment:
    own = PackageLoader("resolver.linkage", "templates")
    loader = (
        own if package == "resolver.linkage" else ChoiceLoader([PackageLoader(package, "templates"), own])
    )
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def page(name: str, package: str = "resolver.linkage", **facts: Any) -> str:
    """The page made of a template of `resolver/linkage/templates`, or of another package's that builds on these.

    Args:
        name: File of the template.
        package: In whose folder `templates` it is.
        facts: What it shows; texts are escaped.
    """
    return _templates(package).get_template(name).render(**facts)


def colour(kind: str) -> str:
    """Colour (#rrggbb) of what speaks `for` or `against` one person, of the `prior` and of the `sum`."""
    return _COLOURS[kind]
