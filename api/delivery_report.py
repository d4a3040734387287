"""The page about what departments delivered: a calendar of feeds and months, and how good the newest month is."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from resolver.linkage.pages import page


def delivery_page(facts: Sequence[dict[str, Any]], reference_date: str) -> str:
    """One self-contained HTML file, Chinese first.

    Args:
        facts: Rows of `graph.delivery_quality.QUALITY_SCHEMA`, by department, feed and month.
        reference_date: Of the snapshot, ISO.
    """
    months = sorted({f"{fact['period']:%Y-%m}" for fact in facts})
    feeds = []
    for (department, feed), group in groupby(facts, key=lambda fact: (fact["department"], fact["feed"])):
        by_month = {f"{fact['period']:%Y-%m}": fact for fact in group}
        newest = max(by_month)
        feeds.append(
            {
                "department": department,
                "feed": feed,
                "title": by_month[newest]["title"],
                "title_en": by_month[newest]["title_en"],
                "cells": [by_month.get(month) for month in months],
                "newest": {"month": newest, **by_month[newest]},
            }
        )
    return page("deliveries.html", package="api", months=months, feeds=feeds, reference_date=reference_date)
