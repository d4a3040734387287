"""The kinds of comparison there are for any table: their options, and the levels they give, strongest first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from resolver.linkage.settings import Level

Options = Mapping[str, Any]
_Labels = list[tuple[str, str, str]]

BITS = (15.0, 11.0, 7.0)
"""A value of at least so many bits (-log2 of its share) is rare, uncommon, common; less is very common."""

MATCHED_BITS = (22.0, 15.0, 10.0, 5.0)
CONFLICT_BITS = (0.5, 9.0)
"""Words in common and words in conflict, in bits: where the bands of `tokens` begin."""

_SAME = (
    ("same_rare", "相同（少见）", "same, a rare value"),
    ("same_uncommon", "相同（较少见）", "same, an uncommon value"),
    ("same_common", "相同（常见）", "same, a common value"),
    ("same_very_common", "相同（极常见）", "same, a very common value"),
)
_DIFFERENT = ("different", "不同", "different")
_MOST_LEVELS = 15
_LENGTHS = {"bits": 3, "matched": 4, "conflict": 2}


@dataclass(frozen=True)
class Kind:
    """One kind of comparison.

    Attributes:
        columns: Fewest and most columns that it reads.
        asks: What to say when there are more or fewer.
        defaults: Options and their defaults.
        labels: Key, Chinese label and English label of every level, for given options.
    """

    columns: tuple[int, int]
    asks: str
    defaults: Options
    labels: Callable[[Options], _Labels]

    def takes(self, columns: int) -> bool:
        """Whether it can read so many columns."""
        return self.columns[0] <= columns <= self.columns[1]

    def checked(self, key: str, options: Options) -> dict[str, Any]:
        """Options with defaults filled in.

        Raises:
            ValueError: One is unknown or not of the kind it should be.
        """
        if unknown := sorted(set(options) - set(self.defaults)):
            raise ValueError(f"comparison {key!r} has the unknown option {', '.join(unknown)}")
        out = {**self.defaults, **options}
        for name, default in self.defaults.items():
            if isinstance(default, tuple):
                out[name] = _numbers(key, name, out[name])
            elif not isinstance(out[name], type(default)):
                raise ValueError(f"comparison {key!r}: {name} is {out[name]!r}")
        for name, length in _LENGTHS.items():
            if name in out and len(out[name]) != length:
                raise ValueError(f"comparison {key!r}: {name} must be {length} numbers")
        _check_order(key, out)
        if "similarity" in out and out["similarity"] not in SIMILARITIES:
            raise ValueError(f"comparison {key!r}: similarity must be one of {', '.join(SIMILARITIES)}")
        count = len(self.labels(out))
        if count > _MOST_LEVELS:
            raise ValueError(f"comparison {key!r} has {count} levels; {_MOST_LEVELS} at most")
        return out

    def levels(self, options: Options) -> tuple[Level, ...]:
        """Its levels; m and u are flat: nothing is believed before the data are seen."""
        labels = self.labels(options)
        share = 1.0 / len(labels)
        return tuple(Level(key, zh, en, share, share) for key, zh, en in labels)


SIMILARITIES = ("jaro_winkler", "edit", "edits")
"""`jaro_winkler` and `edit` (1 - edits over length) are from 0 to 1; `edits` counts characters."""


def _check_order(key: str, options: Options) -> None:
    """Levels come from agreement to conflict, so limits out of order would make levels that nothing reaches.

    Raises:
        ValueError: A list of limits does not go the way its levels do.
    """
    falling = {"bits", "matched", "prefixes"} | (
        {"thresholds"} if options.get("similarity") != "edits" else set()
    )
    for name, numbers in options.items():
        if isinstance(numbers, tuple) and list(numbers) != sorted(numbers, reverse=name in falling):
            order = "from the highest down" if name in falling else "from the lowest up"
            raise ValueError(f"comparison {key!r}: {name} must go {order}, not {list(numbers)}")


def _numbers(key: str, name: str, value: Any) -> tuple[float, ...]:
    numbers = (int, float)
    if not isinstance(value, list | tuple) or not all(
        isinstance(v, numbers) and not isinstance(v, bool) for v in value
    ):
        raise ValueError(f"comparison {key!r}: {name} must be a list of numbers, not {value!r}")
    return tuple(float(v) for v in value)


def _same(options: Options) -> _Labels:
    return list(_SAME) if options["frequency"] else [("same", "相同", "same")]


def _exact(options: Options) -> _Labels:
    return [*_same(options), _DIFFERENT]


def _string(options: Options) -> _Labels:
    counted = options["similarity"] == "edits"
    near = [
        (
            f"edits_{limit:g}" if counted else f"above_{limit:g}",
            f"相差不超过 {limit:g} 字" if counted else f"相似度不低于 {limit:g}",
            f"{limit:g} characters apart at most" if counted else f"{limit:g} alike or more",
        )
        for limit in options["thresholds"]
    ]
    return [*_same(options), *near, _DIFFERENT]


def _code(options: Options) -> _Labels:
    heads = [
        (f"first_{n:g}", f"前 {n:g} 位相同", f"the first {n:g} characters are the same")
        for n in options["prefixes"]
    ]
    return [
        *_same(options),
        ("one_character", "一位不同", "one character differs"),
        ("swapped", "相邻两位颠倒", "two neighbours swapped"),
        ("one_more", "多或少一位", "one character more or less"),
        *heads,
        _DIFFERENT,
    ]


def _date(_: Options) -> _Labels:
    return [
        ("same", "相同", "same day"),
        ("same_known", "已知部分相同", "same as far as both are known"),
        ("swapped", "月日颠倒", "day and month swapped"),
        ("one_digit", "一位数字不同或颠倒", "one digit differs or two are swapped"),
        ("near", "相近", "within a month"),
        ("same_day_of_year", "月日相同、年份不同", "same day of another year"),
        ("same_year", "仅年份相同", "same year only"),
        ("near_year", "年份相近", "within two years"),
        _DIFFERENT,
    ]


def _within(unit_zh: str, unit_en: str) -> Callable[[Options], _Labels]:
    def labels(options: Options) -> _Labels:
        near = [
            (f"within_{limit:g}", f"相差不超过 {limit:g}{unit_zh}", f"within {limit:g}{unit_en}")
            for limit in options["within"]
        ]
        return [("same", "相同", "same"), *near, _DIFFERENT]

    return labels


def _overlap(options: Options) -> _Labels:
    some = [
        (f"shared_{limit:g}", f"至少 {limit:.0%} 相同", f"{limit:.0%} in common or more")
        for limit in options["thresholds"]
    ]
    return [
        ("same", "完全相同", "all in common"),
        *some,
        ("any", "部分相同", "something in common"),
        ("none", "无相同", "nothing in common"),
    ]


def _tokens(_: Options) -> _Labels:
    matched = [
        ("much", "大部分罕见词相同", "rare words in common"),
        ("good", "较罕见的词相同", "fairly rare words in common"),
        ("some", "有词相同", "words in common"),
        ("little", "常见词相同", "common words in common"),
        ("none", "几乎无相同词", "hardly anything in common"),
    ]
    conflict = [
        ("", "，无冲突", ", nothing in conflict"),
        ("_but", "，常见词不同", ", a common word in conflict"),
        ("_against", "，罕见词不同", ", rare words in conflict"),
    ]
    return [(m[0] + c[0], m[1] + c[1], m[2] + c[2]) for m in matched for c in conflict]


def _hierarchy(_: Options) -> _Labels:
    """Levels for four columns; with fewer, the first ones are never reached."""
    labels = [("same", "完全相同", "same down to the last part")]
    for depth in (3, 2, 1):
        labels.append((f"depth_{depth}", f"前 {depth} 级相同", f"the first {depth} parts are the same"))
        labels.append(
            (
                f"depth_{depth}_other",
                f"前 {depth} 级相同、其下不同",
                f"the first {depth} parts are the same, the next differs",
            )
        )
    return [*labels, _DIFFERENT]


def _han_name(options: Options) -> _Labels:
    return [
        *_same(options),
        ("homophone", "同音", "sounds the same"),
        ("order", "用字相同、次序不同", "the same characters in another order"),
        ("one_character", "名中一字不同", "one character of the given name differs"),
        ("shortened", "名中增减一字", "a character added or dropped"),
        ("surname_character", "仅姓不同", "only the surname differs"),
        ("surname_only", "仅姓相同", "same surname only"),
        _DIFFERENT,
    ]


_ONE = "it reads one column"
KINDS: dict[str, Kind] = {
    "exact": Kind((1, 1), _ONE, {"frequency": True, "bits": BITS}, _exact),
    "string": Kind(
        (1, 1),
        _ONE,
        {"frequency": True, "bits": BITS, "similarity": "jaro_winkler", "thresholds": (0.92, 0.8)},
        _string,
    ),
    "code": Kind((1, 1), _ONE, {"frequency": False, "bits": BITS, "prefixes": ()}, _code),
    "date": Kind((1, 1), _ONE, {}, _date),
    "number": Kind((1, 1), _ONE, {"within": (1.0,)}, _within("", "")),
    "distance": Kind(
        (2, 2),
        "it reads two columns, latitude and longitude",
        {"within": (1.0, 10.0)},
        _within(" 公里", " km"),
    ),
    "overlap": Kind((1, 1), _ONE, {"thresholds": (0.5,), "separator": ";"}, _overlap),
    "tokens": Kind(
        (1, 4),
        "it reads one to four columns",
        {"matched": MATCHED_BITS, "conflict": CONFLICT_BITS, "alike": 0.88, "initials": True},
        _tokens,
    ),
    "hierarchy": Kind(
        (2, 4), "it reads two to four columns, from the largest part to the smallest", {}, _hierarchy
    ),
    "han_name": Kind(
        (1, 2),
        "it reads the name, and the pinyin if there is a column of it",
        {"frequency": True, "bits": BITS},
        _han_name,
    ),
}
"""Kind -> what is known of it."""
