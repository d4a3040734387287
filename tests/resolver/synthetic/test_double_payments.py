"""What is settled twice in the made-up city, in the books that tell of it."""

from collections import Counter, defaultdict

import pytest

from resolver.synthetic.build import build_world
from resolver.synthetic.world import World


@pytest.fixture(scope="module")
def made() -> World:
    return build_world(6000, 3, 3, "typical")


def persons_of(made: World, rule: str, why: str) -> set[int]:
    found = {p for c in made.conflicts if c.rule == rule and c.why == why for p in c.persons}
    assert found
    return found


def test_a_service_settled_again_is_paid_twice_and_charged_once(made: World) -> None:
    twice = persons_of(made, "E03", "one service settled twice")
    settled = defaultdict(list)
    for row in made.facts["J05"].to_pylist():
        if row["patient"] in twice:
            settled[row["patient"]].append(row)
    lines = Counter((row["mdtrt_id"], row["line_no"]) for row in made.facts["W28L"].to_pylist())
    for first, again in settled.values():
        assert first["setl_id"] != again["setl_id"]
        assert first["settle_time"] < again["settle_time"]
        for column in ("mdtrt_id", "service_begin", "total_amount", "fund_amount", "facility", "med_type"):
            assert first[column] == again[column]
    assert max(lines.values()) == 1


def test_a_bill_shown_twice_is_one_bill(made: World) -> None:
    bills = Counter((row["bill_code"], row["bill_no"]) for row in made.facts["W23"].to_pylist())
    shown = Counter((r["bill_code"], r["bill_no"]) for r in made.facts["J05"].to_pylist() if r["bill_no"])
    twice = {bill: times for bill, times in shown.items() if times > 1}
    assert set(twice.values()) == {2}
    assert len(twice) == sum(c.rule == "E04" and c.planted for c in made.conflicts)
    assert all(bills[bill] == 1 for bill in twice)


def test_a_settlement_taken_back_and_made_again_stands_once(made: World) -> None:
    corrected = persons_of(made, "E03", "the first settlement was taken back")
    for person in corrected:
        rows = [row for row in made.facts["J05"].to_pylist() if row["patient"] == person]
        gone = {row["reverses"] for row in rows if row["reverses"]}
        standing = [row for row in rows if not row["reverses"] and row["setl_id"] not in gone]
        assert (len(rows), len(standing)) == (3, 1)
