import json
from datetime import date
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from resolver.errors import LinkageError
from resolver.linkage.engine import link
from resolver.linkage.model import Model
from resolver.linkage.trainer import train
from resolver.linkage.why_not import MOST_RECORDS, Side, WhyNot, why_not

BORN = date(1985, 6, 7)


def kinds(found: WhyNot) -> list[str]:
    return [reason.kind for reason in found.reasons]


def side(records, rows: list[dict[str, Any]], first: int, ambiguous: bool = False) -> Side:  # type: ignore[no-untyped-def]
    table = records([{"record_key": first + place, **row} for place, row in enumerate(rows)])
    return Side(first, table, ambiguous)


def test_records_that_never_met_are_told_which_rule_was_nearest(records, model: Model) -> None:  # type: ignore[no-untyped-def]
    found = why_not(
        model,
        side(records, [{"name": "王伟", "phone": "13812345678"}], 1),
        side(records, [{"name": "李娜", "phone": "13812345678"}], 2),
    )
    assert found.rules == found.oversized == ()
    assert kinds(found)[0] == "not_compared"
    assert found.explanation.against[0].comparison == "name"
    near = {need.name: need for need in found.nearest}
    assert near["name_phone"].shared == ("phone",)
    assert near["name_phone"].differing == ("name",)
    assert near["phone_birth"].missing == ("birth",)
    assert near["phone_birth"].text.en == "phone + birth date, but the birth date is missing in one of them"
    assert near["name_phone"].text.zh == "电话＋姓名，其中姓名不同"
    assert json.loads(json.dumps(found.to_json()))["nearest"][0]["shared"] == ["phone"]


def test_rules_that_two_records_share(records, model: Model) -> None:  # type: ignore[no-untyped-def]
    found = why_not(model, side(records, [{"name": "王伟"}], 1), side(records, [{"name": "王伟"}], 2))
    assert found.rules == ("name",)
    assert found.nearest == ()
    assert "not_compared" not in kinds(found)


def test_a_block_left_out_is_named(records, model: Model) -> None:  # type: ignore[no-untyped-def]
    crowd = records([{"name": "王伟", "birth_date": date(1950 + n % 50, 1, 1 + n % 28)} for n in range(80)])
    found = why_not(
        train(crowd),
        Side(1, crowd.slice(0, 1)),
        Side(2, crowd.slice(1, 1)),
    )
    assert found.rules == found.oversized == ("name",)
    assert kinds(found)[0] == "oversized"


def test_a_weight_below_the_threshold(records, resident_number, model: Model) -> None:  # type: ignore[no-untyped-def]
    rows = [
        {"name": "王秀英", "sex": 2, "birth_date": born, "id_number": resident_number("371002", born, 102)}
        for born in (BORN, date(1951, 11, 30))
    ]
    found = why_not(model, side(records, rows[:1], 1), side(records, rows[1:], 2))
    assert kinds(found) == ["below"]
    assert f"{found.explanation.match_weight:+.1f} bits" in found.reasons[0].text.en


def test_two_entries_of_the_register(records, resident_number, model: Model) -> None:  # type: ignore[no-untyped-def]
    rows = [
        {"name": "赵建军", "sex": 1, "birth_date": BORN, "id_number": resident_number("371002", BORN, order)}
        for order in (111, 113)
    ]
    sides = [
        side(records, [{**row, "feed": "W07"}, {**row, "id_number": None}], 10 * n)
        for n, row in enumerate(rows)
    ]
    found = why_not(model, *sides)
    assert kinds(found) == ["below", "registers"]
    assert [(p.record_key_l, p.record_key_r) for p in found.reasons[1].speaking] == [(0, 10)]


def test_a_pair_alike_is_outvoted_by_the_other_records(
    small_town: tuple[pa.Table, Any], records, resident_number, model: Model
) -> None:  # type: ignore[no-untyped-def]
    """Seen under the other's number, a record is like it; all the other records say that they are two."""
    one, other = (resident_number("371002", BORN, order) for order in (111, 345))
    left = [{"name": "赵建军", "sex": 1, "birth_date": BORN, "id_number": one}] * 3
    right = [{"name": "钱国栋", "sex": 1, "birth_date": BORN, "id_number": other}] * 3
    right.append({"name": "赵建军", "sex": 1, "birth_date": BORN, "id_number": None})
    sides = side(records, left, 10**9), side(records, right[3:] + right[:3], 2 * 10**9)
    found = why_not(model, *sides)
    assert found.explanation.match_weight > 0
    assert kinds(found) == ["outvoted"]
    (reason,) = found.reasons
    assert "records with a valid number" in reason.text.en
    assert 0 < len(reason.speaking) <= 5
    assert all(p.match_weight < 0 and p.record_key_l < p.record_key_r for p in reason.speaking)
    weights = [p.match_weight for p in reason.speaking]
    assert weights == sorted(weights)


def test_judged_and_ambiguous(records, model: Model) -> None:  # type: ignore[no-untyped-def]
    row = {"name": "宋丽娟", "sex": 2, "birth_date": BORN}
    sides = side(records, [row, row], 1, ambiguous=True), side(records, [row], 5)
    different = SimpleNamespace(decision="different", record_key_l=5, record_key_r=2)
    elsewhere = SimpleNamespace(decision="different", record_key_l=77, record_key_r=2)
    assert kinds(why_not(model, *sides, [elsewhere, different])) == ["judged", "ambiguous"]
    assert kinds(why_not(model, *sides, [elsewhere])) == ["ambiguous"]
    assert kinds(why_not(model, side(records, [row], 1), side(records, [row], 5))) == ["nearer"]


def test_persons_of_very_many_records(records, model: Model) -> None:  # type: ignore[no-untyped-def]
    row = {"name": "宋丽娟", "sex": 2, "birth_date": BORN}
    many = side(records, [row] * (MOST_RECORDS + 50), 1)
    assert Side(180, many.records).limited()["record_key"][0].as_py() == 180
    assert Side(180, many.records).limited().num_rows == MOST_RECORDS
    with pytest.raises(LinkageError, match="no record 9000"):
        why_not(model, Side(9000, many.records), side(records, [row], 9001))


def test_whoever_is_apart_in_a_town_has_a_reason(small_town: tuple[pa.Table, Any], model: Model) -> None:
    """Pairs kept by linkage whose ends are two persons: `nearer` alone would explain nothing."""
    found = link(small_town[0], model)
    cluster = dict(zip(*(found.members[c].to_pylist() for c in ("record_key", "cluster")), strict=True))
    ambiguous = {cluster[key] for key in found.ambiguous.to_pylist()}
    labels = pa.array([cluster[key] for key in small_town[0]["record_key"].to_pylist()])

    def of(key: int) -> Side:
        own = small_town[0].filter(pa.compute.equal(labels, cluster[key]))
        return Side(key, own, cluster[key] in ambiguous)

    apart = [p for p in found.pairs.to_pylist() if cluster[p["record_key_l"]] != cluster[p["record_key_r"]]][
        :60
    ]
    assert len(apart) > 5
    reasons = [kinds(why_not(model, of(p["record_key_l"]), of(p["record_key_r"]))) for p in apart]
    assert sum(found == ["nearer"] for found in reasons) <= len(apart) // 10
