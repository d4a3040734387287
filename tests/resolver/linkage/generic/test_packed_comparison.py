"""Pairs compared many at once, in vectors and over several rounds of fetching, against each pair compared alone."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from resolver.linkage.generic.packed_comparison import AT_ONCE
from resolver.linkage.generic.plan import plan
from resolver.linkage.generic.settings import TableSettings
from resolver.linkage.generic.table import Table
from resolver.linkage.generic.trainer import comparing_of, count_all_frequencies

MakeTable = Callable[[Mapping[str, Sequence[Any]]], Table]
SettingsOf = Callable[..., TableSettings]
COMPARISONS = (
    {"key": "name", "kind": "han_name", "columns": ["name", "pinyin"]},
    {"key": "number", "kind": "code", "columns": ["number"], "prefixes": [6, 3]},
    {"key": "phone", "kind": "code", "columns": ["phone"], "frequency": True},
    {"key": "born", "kind": "date", "columns": ["born"], "implied_by": "number"},
    {"key": "place", "kind": "hierarchy", "columns": ["county", "town", "door"]},
    {"key": "employer", "kind": "exact", "columns": ["employer"]},
)


def drawn(rng: np.random.Generator, texts: Sequence[str | None], n: int) -> list[str | None]:
    return [texts[i] for i in rng.integers(0, len(texts), n)]


def people(rng: np.random.Generator, n: int, odd: bool) -> dict[str, list[str | None]]:
    """People of few values, so that all levels come up; `odd` ones have some that cannot be packed."""
    names = ["王伟", "王芳", "王伟芳", "李伟", "伟王", "王小伟", "王大伟", "王", None]
    numbers = ["371002199001011234", "371002199001011243", "371002199001011235", "371002900101123", None]
    phones = ["13800000001", "13800000010", "1380000001", "13800000002", "05315812345", None]
    if odd:
        names += ["阿依古丽·买买提", "阿依古丽·买买题"]
        numbers += ["HZ371002A", "HZ371002B"]
    return {
        "name": drawn(rng, names, n),
        "pinyin": drawn(rng, ["wang wei", "wang fang", None], n),
        "number": drawn(rng, numbers, n),
        "phone": drawn(rng, phones, n),
        "born": drawn(rng, ["1990-01-02", "1990-02-01", "1990-01", "1991-01-02", "1990-01-20", None], n),
        "county": drawn(rng, ["a", "b", None], n),
        "town": drawn(rng, ["c", "d", None], n),
        "door": drawn(rng, ["1", "2", None], n),
        "employer": drawn(rng, ["x", "y", "z", None], n),
    }


@pytest.mark.parametrize("odd", [False, True])
def test_many_pairs_have_the_levels_that_each_has_alone(
    make_table: MakeTable, settings_of: SettingsOf, odd: bool
) -> None:
    rng = np.random.default_rng(5)
    table = make_table(people(rng, 400, odd))
    settings = settings_of(*COMPARISONS)
    comparing = comparing_of(table, settings, count_all_frequencies(table, settings))
    pairs = rng.integers(0, 400, (2, 2 * AT_ONCE + 77)).astype(np.int32)
    together = comparing.patterns(*pairs)
    alone = [
        int(comparing.patterns(pairs[0, i : i + 1], pairs[1, i : i + 1])[0]) for i in range(pairs.shape[1])
    ]
    assert together.tolist() == alone
    assert comparing.data.whole[plan(settings).slots[0, 0]] != odd
    assert all(len({pattern >> 4 * row & 15 for pattern in alone}) > 3 for row in range(len(COMPARISONS) - 1))
