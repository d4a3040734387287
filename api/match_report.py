"""`guiyi match`: who is meant by descriptions, with the reasons in words; audited before anything is shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.console import print_json, print_table, say
from api.explaining import masked_value
from api.looking import recorded
from api.published import Published
from api.security.masking import masked_number
from resolver.entities.entity_id import to_text
from resolver.ledger.ledger import Ledger
from resolver.linkage.explanation import Explanation, Step
from resolver.linkage.index import Match
from resolver.standardize.example import person_example


@dataclass(frozen=True)
class Answer:
    """Who may be meant by one description.

    Attributes:
        row: Number of its row in a file; None for one given on the command line.
        matches: The most probable first.
        too_common: Blocking rules whose records were not looked at, because there are too many of them.
        persons: Entity id -> golden record.
    """

    row: int | None
    matches: list[Match]
    too_common: list[str]
    persons: Mapping[int, Mapping[str, Any]] = field(repr=False)


def matched(
    published: Published, examples: Iterable[tuple[int | None, Mapping[str, str]]], k: int
) -> list[Answer]:
    """Look up every description; at most k persons each."""
    answers = []
    for row, values in examples:
        record = person_example(values)
        found = published.matcher.match(record, k)
        persons = {m.entity_id: published.lookup.golden(m.entity_id) or {} for m in found}
        answers.append(Answer(row, found, published.matcher.left_out(record), persons))
    return answers


def audit(ledger: Ledger, answers: Sequence[Answer], published: Published, *, full: bool) -> None:
    """Note whom the answers tell of, on disk when this returns."""
    persons = sorted({m.entity_id for answer in answers for m in answer.matches})
    recorded(
        ledger,
        "cli.match",
        persons=[to_text(person, "person") for person in persons],
        results=sum(len(answer.matches) for answer in answers),
        numbers_shown=full,
        snapshot=published.snapshot.number,
    )


def show(answers: Sequence[Answer], *, full: bool, as_json: bool) -> None:
    """Print the answers; `full` shows ID numbers and phones unmasked."""
    if as_json:
        print_json([_facts(answer, full=full) for answer in answers])
        return
    for answer in answers:
        title = "Who may be meant" if answer.row is None else f"Row {answer.row}"
        if answer.matches:
            _print(title, answer, full=full)
        else:
            say(f"{title}: {_nobody(answer)}")


def _nobody(answer: Answer) -> str:
    if not answer.too_common:
        return "nobody in what is published"
    shared = ", ".join(answer.too_common).replace("_", " and ")
    return f"too many records share {shared}; say more (birth date, number, phone, address)"


def _print(title: str, answer: Answer, *, full: bool) -> None:
    headers = ["person", "name", "born", "ID number", "records", "probability", "why, in bits"]
    rows = []
    for match in answer.matches:
        person = _person(match, answer, full=full)
        shown = [person[name] for name in ("person_id", "name", "birth_date", "id_number", "n_records")]
        why = "; ".join(_words(step) for step in match.explanation.steps)
        rows.append([*shown, f"{match.match_probability:.2%}", why])
    print_table(title, headers, rows)


def _words(step: Step) -> str:
    return f"{step.comparison_zh}{step.label_zh} {step.match_weight:+.1f}"


def _person(match: Match, answer: Answer, *, full: bool) -> dict[str, Any]:
    golden = answer.persons[match.entity_id]
    number = golden.get("id_number")
    return {
        "person_id": to_text(match.entity_id, "person"),
        "name": golden.get("name"),
        "sex": golden.get("sex"),
        "birth_date": golden.get("birth_date"),
        "id_number": number if full or number is None else masked_number(number),
        "n_records": golden.get("n_records"),
    }


def _facts(answer: Answer, *, full: bool) -> dict[str, Any]:
    items = [
        {
            "person": _person(match, answer, full=full),
            "record_key": str(match.record_key),
            "explanation": _explanation(match.explanation, full=full),
        }
        for match in answer.matches
    ]
    return {"row": answer.row, "items": items, "too_common": answer.too_common}


def _explanation(explanation: Explanation, *, full: bool) -> dict[str, Any]:
    def value(step: Step, text: str | None) -> str | None:
        return text if full or text is None else masked_value(step.comparison, text)

    return {
        "prior": explanation.prior,
        "steps": [
            {
                "comparison": step.comparison,
                "level": step.label,
                "match_weight": step.match_weight,
                "value_l": value(step, step.value_l),
                "value_r": value(step, step.value_r),
            }
            for step in explanation.steps
        ],
        "match_weight": explanation.match_weight,
        "match_probability": explanation.match_probability,
    }
