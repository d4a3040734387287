"""Every kind of comparison: tables of pairs and the level they must get, and slow obvious references."""

from collections.abc import Callable, Mapping, Sequence
from math import asin, cos, radians, sin, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler

from resolver.linkage.generic.comparison import compare_patterns, kilometres
from resolver.linkage.generic.plan import plan
from resolver.linkage.generic.prepared import Prepared
from resolver.linkage.generic.settings import TableSettings
from resolver.linkage.generic.table import Table
from resolver.linkage.generic.trainer import comparing_of, count_all_frequencies
from resolver.linkage.levels import MISSING
from resolver.linkage.patterns import unpack

Pair = tuple[Any, Any]
MakeTable = Callable[[Mapping[str, Sequence[Any]]], Table]
SettingsOf = Callable[..., TableSettings]
LevelsOf = Callable[[Mapping[str, Any], list[tuple[Any, ...]]], list[str | None]]


@pytest.fixture
def levels_of(make_table: MakeTable, settings_of: SettingsOf) -> LevelsOf:
    """Level of each pair; a pair is (left, right), or for n columns (left 1, …, left n, right 1, …, right n)."""
    return lambda comparison, pairs: _levels(make_table, settings_of(comparison), pairs)


def _prepared(table: Table, chosen: TableSettings) -> Prepared:
    return comparing_of(table, chosen, count_all_frequencies(table, chosen)).data


def _levels(make_table: MakeTable, chosen: TableSettings, pairs: list[tuple[Any, ...]]) -> list[str | None]:
    comparison = {"columns": chosen.comparisons[0].columns}
    columns = list(comparison["columns"])
    rows = [p[: len(columns)] for p in pairs] + [p[len(columns) :] for p in pairs]
    table = make_table({name: [row[place] for row in rows] for place, name in enumerate(columns)})
    data = _prepared(table, chosen)
    n = len(pairs)
    left = np.arange(n, dtype=np.int32)
    found = unpack(compare_patterns(data, plan(chosen), left, left + np.int32(n)), 1)[:, 0]
    keys = [level.key for level in chosen.described[0].levels]
    return [None if level == MISSING else keys[level] for level in found]


EXAMPLES: list[tuple[dict[str, Any], list[tuple[tuple[Any, ...], str | None]]]] = [
    (
        {"kind": "exact", "columns": ["state"], "frequency": False},
        [
            (("nsw", "nsw"), "same"),
            (("NSW ", "nsw"), "same"),
            (("nsw", "vic"), "different"),
            ((None, "vic"), None),
        ],
    ),
    (
        {"kind": "string", "columns": ["name"], "frequency": False, "thresholds": [0.92, 0.8]},
        [
            (("martha", "marhta"), "above_0.92"),
            (("dixon", "dickson"), "above_0.8"),
            (("anna", "zoe"), "different"),
            (("", "zoe"), None),
        ],
    ),
    (
        {
            "kind": "string",
            "columns": ["name"],
            "frequency": False,
            "similarity": "edits",
            "thresholds": [1, 2],
        },
        [(("王芳", "王伟"), "edits_1"), (("abcd", "badc"), "edits_2"), (("abc", "xyz"), "different")],
    ),
    (
        {"kind": "code", "columns": ["number"], "prefixes": [4]},
        [
            (("1234567", "1234567"), "same"),
            (("1234567", "1234967"), "one_character"),
            (("1234567", "1235467"), "swapped"),
            (("1234567", "123467"), "one_more"),
            (("1234567", "1234999"), "first_4"),
            (("1234567", "9999999"), "different"),
        ],
    ),
    (
        {"kind": "date", "columns": ["born"]},
        [
            (("1850-03-12", "18500312"), "same"),
            (("1850-03-12", "12/03/1850"), "same"),
            (("1850-03", "1850-03-12"), "same_known"),
            (("1850", "1850"), "same_known"),
            (("1850-03-12", "1850-12-03"), "swapped"),
            (("1850-03-12", "1850-03-19"), "one_digit"),
            (("1850-03-12", "1850-03-21"), "one_digit"),
            (("1850-03-12", "1850-04-03"), "near"),
            (("1850-03-12", "1879-03-12"), "same_day_of_year"),
            (("1850-03-12", "1850-08-27"), "same_year"),
            (("1850-03-12", "1852-08-27"), "near_year"),
            (("1850", "1851"), "near_year"),
            (("1850-03-12", "1799-08-27"), "different"),
            (("about 3 o'clock", "1850"), None),
        ],
    ),
    (
        {"kind": "number", "columns": ["length"], "within": [0.5, 10]},
        [
            (("3", "3.0"), "same"),
            (("3", "3.4"), "within_0.5"),
            (("3", "-4"), "within_10"),
            (("3", "1e3"), "different"),
            (("3", "three"), None),
        ],
    ),
    (
        {"kind": "distance", "columns": ["lat", "lon"], "within": [1, 100]},
        [
            (("37.5", "122.1", "37.5", "122.1"), "same"),
            (("37.5", "122.1", "37.505", "122.1"), "within_1"),
            (("37.5", "122.1", "37.9", "122.5"), "within_100"),
            (("37.5", "122.1", "39.9", "116.4"), "different"),
            (("37.5", None, "39.9", "116.4"), None),
        ],
    ),
    (
        {"kind": "overlap", "columns": ["tags"], "thresholds": [0.5]},
        [
            (("a;b", "b;a"), "same"),
            (("a;b", "a;b;c"), "shared_0.5"),
            (("a;b;c", "c;d;e"), "any"),
            (("a", "b"), "none"),
            ((";", "b"), None),
        ],
    ),
    (
        {"kind": "hierarchy", "columns": ["county", "town", "village"]},
        [
            (("文登", "宋村", "石岭", "文登", "宋村", "石岭"), "same"),
            (("文登", "宋村", "石岭", "文登", "宋村", None), "depth_2"),
            (("文登", "宋村", "石岭", "文登", "宋村", "罗家"), "depth_2_other"),
            (("文登", None, None, "文登", "宋村", "罗家"), "depth_1"),
            (("文登", "宋村", "石岭", "文登", "高村", "石岭"), "depth_1_other"),
            (("文登", "宋村", "石岭", "荣成", "宋村", "石岭"), "different"),
            ((None, None, None, "荣成", "宋村", "石岭"), None),
        ],
    ),
    (
        {"kind": "han_name", "columns": ["name", "pinyin"], "frequency": False},
        [
            (("王秀英", "wang xiu ying", "王秀英", "wang xiu ying"), "same"),
            (("王秀英", "wang xiu ying", "王秀瑛", "wang xiu ying"), "homophone"),
            (("王秀英", None, "王英秀", None), "order"),
            (("王秀英", None, "王秀兰", None), "one_character"),
            (("王秀英", None, "王英", None), "shortened"),
            (("王秀英", None, "汪秀英", None), "surname_character"),
            (("王芳", None, "王伟", None), "surname_only"),
            (("王芳", None, "李伟", None), "different"),
        ],
    ),
]


@pytest.mark.parametrize(
    ("comparison", "expected"), EXAMPLES, ids=[str(example[0]["kind"]) for example in EXAMPLES]
)
def test_levels(
    levels_of: LevelsOf, comparison: dict[str, Any], expected: list[tuple[tuple[Any, ...], str | None]]
) -> None:
    assert levels_of(comparison, [pair for pair, _ in expected]) == [level for _, level in expected]


def test_a_comparison_that_another_implies_is_left_out_where_that_one_s_values_are_equal(
    make_table: MakeTable, settings_of: SettingsOf
) -> None:
    number = {"kind": "code", "columns": ["number"]}
    born = {"kind": "date", "columns": ["born"], "implied_by": "number"}
    table = make_table({"number": ["1", "1", "2"], "born": ["1850", "1851", "1850"]})
    chosen = settings_of(number, born)
    data = _prepared(table, chosen)
    pairs = np.array([0, 0], np.int32), np.array([1, 2], np.int32)
    assert unpack(compare_patterns(data, plan(chosen), *pairs), 2)[:, 1].tolist() == [MISSING, 1]


def test_rare_values_say_more(make_table: MakeTable, settings_of: SettingsOf) -> None:
    names = ["smith"] * 600 + ["wotherspoon"] * 2 + [f"name{n}" for n in range(70_000)]
    chosen = settings_of({"kind": "exact", "columns": ["name"]})
    data = _prepared(make_table({"name": names}), chosen)
    pairs = np.array([0, 600], np.int32), np.array([1, 601], np.int32)
    assert unpack(compare_patterns(data, plan(chosen), *pairs), 1)[:, 0].tolist() == [3, 0]


WORDS = {"kind": "tokens", "columns": ["given", "family"], "matched": [6, 4, 2, 1], "conflict": [0.5, 3]}


@pytest.mark.parametrize(
    ("one", "other", "starts", "ends"),
    [
        (("Jean", "Martin"), ("Martin", "Jean"), "much", ""),
        (("Jean Paul", "Martin"), ("Jean", "Martin"), "much", ""),
        (("J.", "Martin"), ("Jean", "Martin"), "good", ""),
        (("Jean", "Martin"), ("Zoe", "Martin"), "", "against"),
        (("Jean", "Martin"), ("Zoe", "Abt"), "none", "against"),
    ],
)
def test_words_match_wherever_they_stand(
    make_table: MakeTable, settings_of: SettingsOf, one: Pair, other: Pair, starts: str, ends: str
) -> None:
    filler = [(f"first{n}", f"last{n}") for n in range(14)]
    rows = [one, other, *filler]
    table = make_table({"given": [r[0] for r in rows], "family": [r[1] for r in rows]})
    chosen = settings_of(WORDS)
    data = _prepared(table, chosen)
    level = unpack(compare_patterns(data, plan(chosen), np.array([0], np.int32), np.array([1], np.int32)), 1)[
        0, 0
    ]
    key = chosen.described[0].levels[level].key
    assert key.startswith(starts)
    assert key.endswith(ends)


def slow_string(one: str | None, other: str | None, similarity: str, limits: list[float]) -> str | None:
    if not one or not other:
        return None
    if one == other:
        return "same"
    if similarity == "jaro_winkler":
        found = JaroWinkler.similarity(one, other)
        return next((f"above_{limit:g}" for limit in limits if found >= limit), "different")
    found = OSA.distance(one, other)
    return next((f"edits_{limit:g}" for limit in limits if found <= limit), "different")


names = st.one_of(st.none(), st.text(alphabet="abcé王芳伟", max_size=8))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(names, names), min_size=1, max_size=20), st.sampled_from(["jaro_winkler", "edits"]))
def test_strings_as_slow_code_compares_them(levels_of: LevelsOf, pairs: list[Pair], similarity: str) -> None:
    limits = [0.9, 0.75] if similarity == "jaro_winkler" else [1.0, 2.0]
    comparison = {
        "kind": "string",
        "columns": ["name"],
        "frequency": False,
        "similarity": similarity,
        "thresholds": limits,
    }
    expected = [slow_string(a, b, similarity, limits) for a, b in pairs]
    assert levels_of(comparison, pairs) == expected


degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(degrees, degrees)
def test_kilometres_are_the_haversine(one: tuple[float, float], other: tuple[float, float]) -> None:
    a, b = radians(one[0]), radians(other[0])
    h = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other[1] - one[1]) / 2) ** 2
    assert kilometres(one, other) == pytest.approx(2 * 6371.0088 * asin(min(1.0, sqrt(h))), abs=1e-6)
