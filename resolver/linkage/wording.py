"""Words for match weights, in Chinese and English, for people who know no statistics.

The clauses of each level stand in `resolver/models/person_wording.toml`; here they become sentences: how strongly
something speaks, and what follows from everything together.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

TELLING = 0.5
"""Bits below which a step says next to nothing either way."""
_UNDECIDED = (0.3, 0.7)
_MOST_NAMED = 3
_WORTH_NAMING = 0.15  # of the strongest step on the same side

_STRENGTHS = (
    (10.0, "极有力地表明", "very strongly"),
    (5.0, "有力地表明", "strongly"),
    (2.0, "较明显地表明", "clearly"),
    (TELLING, "略微倾向于", "slightly"),
)
_VERDICTS = (
    (0.95, "极可能是同一人", "Very probably one person"),
    (0.7, "可能是同一人", "Probably one person"),
    (0.3, "无法判断是否为同一人", "It cannot be told whether this is one person"),
    (0.05, "可能是两个人", "Probably two people"),
    (0.0, "极可能是两个人", "Very probably two people"),
)


class Text(NamedTuple):
    """One statement in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Clause:
    """What a level says, and whether it looks like one person."""

    text: Text
    agrees: bool


class Spoken(NamedTuple):
    """A step as a summary needs it."""

    clause: Clause
    match_weight: float


@cache
def _person() -> dict[str, dict[str, Any]]:
    text = (resources.files("resolver.models") / "person_wording.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def person_clause(comparison: str, level: str) -> Clause | None:
    """What a level of `person.toml` says; None for a level that the wording does not know."""
    found = _person().get(comparison, {}).get(level)
    return None if found is None else Clause(Text(found["zh"], found["en"]), found["agrees"])


def atom_label(atom: str) -> Text:
    """What a blocking rule's atom is called; its own name where the wording does not know it."""
    found = _person()["atoms"].get(atom, {})
    return Text(found.get("zh", atom), found.get("en", atom))


def readable(column: str, value: Any) -> str:
    """A value of a record as people read it: codes in words, an empty text for what says nothing."""
    codes = _person()["values"].get(column, {})
    return str(codes.get(str(value), value))


def sentence(clause: Clause, match_weight: float) -> Text:
    """What a step of a waterfall says, and how strongly it speaks for or against one person."""
    return _sentence(clause, _strength(match_weight), match_weight > 0)


@cache  # there are as many as levels, bands of strength and signs
def _sentence(clause: Clause, strength: tuple[str, str], up: bool) -> Text:
    return Text(
        f"{clause.text.zh}：{_ending_zh(clause, strength[0], up)}。", _sentence_en(clause, strength[1], up)
    )


def _strength(match_weight: float) -> tuple[str, str]:
    for least, zh, en in _STRENGTHS:
        if abs(match_weight) >= least:
            return zh, en
    return "", ""


def _ending_zh(clause: Clause, strength: str, up: bool) -> str:
    if not strength:
        return "在这里几乎不说明问题"
    who = "同一人" if up else "两个人"
    verb = strength if strength.endswith("于") else f"{strength}是"
    said = f"{verb}{who}"
    if clause.agrees and not up:
        return f"但结合其他各项，这更常见于两个人之间（如亲属、同名的人），因此{said}"
    if not clause.agrees and up:
        return f"但结合其他各项，这更常见于同一人，因此{said}"
    return said


def _sentence_en(clause: Clause, strength: str, up: bool) -> str:
    said = clause.text.en[0].upper() + clause.text.en[1:]
    if not strength:
        return f"{said}: this says next to nothing here."
    speaks = f"speaks {strength} {'for' if up else 'against'} one person"
    if clause.agrees and not up:
        why = "beside all the rest this is more often found with two people, such as relatives or namesakes"
        return f"{said}; but {why}, so it {speaks}."
    if not clause.agrees and up:
        return f"{said}; but beside all the rest this is more often found with one person, so it {speaks}."
    return f"{said}: this {speaks}."


def calibration_text(change: float) -> Text:
    """What the last step of a waterfall says.

    Args:
        change: What the calibration adds to the weight, in bits.
    """
    zh, en = ("多", "more") if change > 0 else ("少", "fewer")
    moved = ("上调", "raised") if change > 0 else ("下调", "lowered")
    return Text(
        f"校准：训练所见，权重与此相近的记录对中，实际是同一人的比各项合计所示的{zh}，因此{moved[0]}。",
        f"Calibration: of the pairs of about this weight that training saw, {en} are of one person than the steps"
        f" together say, so it is {moved[1]}.",
    )


def percent(probability: float) -> str:
    """A probability for people, never rounded to certainty."""
    if probability > 0.99995:
        return "> 99.99 %"
    if probability < 0.00005:
        return "< 0.01 %"
    return f"{probability:.2%}".replace("%", " %")


def starting_point(prior: float) -> Text:
    """What the prior of a waterfall says.

    Args:
        prior: Match weight before anything is compared, in bits.
    """
    zh, en = _of_thousand(1.0 / (1.0 + 2.0**-prior))
    return Text(
        f"起点：还什么都没有比较；凡被拿来比较的记录对，每 1,000 对中{zh}对是同一人。",
        f"Start: nothing is compared yet; of 1,000 pairs that are looked at, {en} of one person.",
    )


def summary(steps: Sequence[Spoken], match_probability: float) -> Text:
    """What a waterfall comes to: the verdict, what speaks for it most, what speaks against it, how sure that is.

    Args:
        steps: In any order.
        match_probability: Of the pair.
    """
    support = _named([step for step in steps if step.match_weight >= TELLING])
    against = _named([step for step in steps if step.match_weight <= -TELLING])
    verdict = next(Text(*words) for least, *words in _VERDICTS if match_probability >= least)
    zh, en = _of_thousand(match_probability)
    known = f"与此相像的记录对，每 1,000 对中{zh}对是同一人。"
    told = f"Of 1,000 pairs as alike as this one, {en} of one person."
    if _UNDECIDED[0] <= match_probability < _UNDECIDED[1]:
        zh_for, zh_against = _but_zh(support, one=False), _but_zh(against, one=True)
        en_for, en_against = _but_en(support, one=False), _but_en(against, one=True)
        return Text(f"{verdict.zh}。{zh_for}{zh_against}{known}", f"{verdict.en}.{en_for}{en_against} {told}")
    one = match_probability >= 0.5
    because_zh, because_en = _because(support if one else against, support, one=one)
    other = against if one else support
    if not one and not against:
        other = []  # what there is was named already
    but_zh = "不过" * bool(other) + _but_zh(other, one=one)
    only = one and not other and sum(step.match_weight >= TELLING for step in steps) == 1
    alone = Text("此外没有别的依据。", " Nothing else speaks for it.") if only else Text("", "")
    return Text(
        f"{verdict.zh}{because_zh}{alone.zh}{but_zh}{known}",
        f"{verdict.en}{because_en}{alone.en}{_but_en(other, one=one)} {told}",
    )


def _named(steps: list[Spoken]) -> list[Text]:
    """Clauses of the strongest steps of one side, those left out that hardly matter beside them.

    What speaks for one person though it differs (or against it though it agrees), only because the rest makes the
    other case even less likely, would puzzle in a summary; it is named only where there is nothing else.
    """
    plain = [step for step in steps if step.clause.agrees == (step.match_weight > 0)]
    steps = sorted(plain or steps, key=lambda step: -abs(step.match_weight))
    strong = [s for s in steps if abs(s.match_weight) >= _WORTH_NAMING * abs(steps[0].match_weight)]
    return [step.clause.text for step in strong[:_MOST_NAMED]]


def _because(main: list[Text], support: list[Text], *, one: bool) -> Text:
    if main:
        return Text(f"，主要因为{_list_zh(main)}。", f", mainly because {_list_en(main)}.")
    if one:
        return Text("。", ".")
    if support:
        return Text(
            f"：虽然{_list_zh(support)}，但仅凭这些还不足以认定为同一人。",
            f": {_list_en(support)}, but that alone is too little to take them for one person.",
        )
    return Text("：两条记录几乎没有可比的相同之处。", ": the two records have next to nothing in common.")


def _but_zh(clauses: list[Text], *, one: bool) -> str:
    if not clauses:
        return ""
    return f"{_list_zh(clauses)}，{'这不像同一人' if one else '这像同一人'}。"


def _but_en(clauses: list[Text], *, one: bool) -> str:
    if not clauses:
        return ""
    return f" What speaks {'against' if one else 'for'} one person is that {_list_en(clauses)}."


def _list_zh(clauses: list[Text]) -> str:
    return "；".join(clause.zh for clause in clauses)


def _list_en(clauses: list[Text]) -> str:
    said = [clause.en for clause in clauses]
    return said[0] if len(said) == 1 else f"{'; '.join(said[:-1])}; and {said[-1]}"


def _of_thousand(probability: float) -> tuple[str, str]:
    """How many of a thousand, in Chinese and, with its verb, in English."""
    count = round(probability * 1000)
    if probability > 0.9995:
        return "超过 999 ", "more than 999 are"
    if probability < 0.0005:
        return "不到 1 ", "fewer than 1 is"
    count = min(max(count, 1), 999)
    return f"约 {count} ", f"about {count} {'is' if count == 1 else 'are'}"
