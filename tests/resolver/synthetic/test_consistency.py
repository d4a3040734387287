"""Feeds that tell of the same thing agree in an orderly city: whoever is in no storyline contradicts nobody."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from resolver.synthetic.build import build_world
from resolver.synthetic.hardship import RANKS
from resolver.synthetic.world import World

Row = dict[str, Any]
LISTS = {
    "subsistence": "W16", "destitute": "W17", "orphan": "W18", "unattended_child": "W19", "severe_disability": "W20",
    "poverty_registered": "W14", "immediate_help": "W15", "near_subsistence": "J01", "illness_poverty": "J02",
    "relapsed": "J03", "monitored": "J04",
}  # fmt: skip
LISTED_ROLE = {
    "W16": "recipient",
    "W17": "recipient",
    "W18": "child",
    "W19": "child",
    "W20": "holder",
    "J02": "patient",
}


@pytest.fixture(scope="module")
def made() -> World:
    return build_world(12_000, 6, 3, "weihai")


@pytest.fixture(scope="module")
def rows(made: World) -> dict[str, list[Row]]:
    """Feed -> what it says by the newest month: of lists sent in full, the last ones."""
    newest = len(made.periods) - 1
    return {
        feed: [row for row in table.to_pylist() if row.get("last_period", -1) in (-1, newest)]
        for feed, table in made.facts.items()
    }


@pytest.fixture(scope="module")
def storied(made: World) -> set[int]:
    """Persons in a storyline, the staff of firms in one, and whoever lives with them."""
    households = made.persons["household"].to_pylist()
    about = {person for conflict in made.conflicts for person in conflict.persons}
    # What is told of goods, licences and the fund's money leaves the staff alone.
    firms = {c.organisation for c in made.conflicts if not c.rule.startswith("FA")} - {-1}
    about |= {
        person for person, employer in enumerate(made.persons["employer"].to_pylist()) if employer in firms
    }
    mine = {households[person] for person in about if person >= 0}
    return {person for person, household in enumerate(households) if household in mine}


def test_every_feed_says_something(rows: dict[str, list[Row]]) -> None:
    assert {feed for feed, found in rows.items() if not found} <= {"J10"}
    assert len(rows) == 46 + 2  # J10 and J12 among them


def test_flags_are_those_of_the_owners_lists(rows: dict[str, list[Row]], storied: set[int]) -> None:
    begin = {"W16": "approval_month", "W17": "approval_month", "W18": "approval_month", "W19": "approval_month",
             "W14": "identified_date", "W15": "help_start_date", "W20": "start_date", "J01": "approval_month",
             "J02": "determination_date", "J03": "identified_date", "J04": "identified_date"}  # fmt: skip
    year = date(2026, 1, 1)
    flags = {(row["recipient"], row["category"]): row for row in rows["J06"]}
    listed = {}
    for category, feed in LISTS.items():
        end = next((c for c in ("stop_month", "exit_date", "help_end_date", "end_date", "eliminated_date",
                                "risk_removed_date") if c in rows[feed][0]), "")  # fmt: skip
        for row in rows[feed]:
            person = row[LISTED_ROLE.get(feed, "member")]
            until = row[end]
            if until is not None and end == "stop_month":
                until -= timedelta(days=1)
            if until is None or until >= year:
                listed[person, category] = (max(row[begin[feed]], year), until)
    assert {key for key in flags if key[0] not in storied} == {key for key in listed if key[0] not in storied}
    for key, (start, until) in listed.items():
        if key[0] not in storied:
            assert (flags[key]["begin_date"], flags[key]["end_date"]) == (start, until), key
    subsidised = defaultdict(list)
    for (person, _), row in flags.items():
        if person not in storied:
            subsidised[person].append(row["subsidy"] > 0)
    assert all(sum(paid) == 1 for paid in subsidised.values())  # the premium is subsidised once
    assert set(LISTS) == set(RANKS)


def test_other_systems_hold_the_same_lists(rows: dict[str, list[Row]], storied: set[int]) -> None:
    copies = [
        {
            (row["recipient"], row["aid_category"], row["begin_date"], row["end_date"])
            for row in rows[feed]
            if row["recipient"] not in storied
        }
        for feed in ("J13", "X06")
    ]
    assert copies[0] == copies[1]
    own = {
        (row[LISTED_ROLE.get(feed, "member")], category)
        for category, feed in LISTS.items()
        if category != "severe_disability"
        for row in rows[feed]
        if row[LISTED_ROLE.get(feed, "member")] not in storied
    }
    assert len(own) > 100
    assert own == {key[:2] for key in copies[0]}


def test_monthly_changes_are_those_of_the_lists(rows: dict[str, list[Row]], storied: set[int]) -> None:
    first = date(2026, 5, 1)  # three months before the first delivery
    changes = [row for row in rows["J07"] if row["recipient"] not in storied]
    copies = [row for row in rows["J13"] if row["recipient"] not in storied]
    entered = {(r["recipient"], r["category_after"]) for r in changes if r["change_type"] == "enter"}
    left = {(r["recipient"], r["category_before"]) for r in changes if r["change_type"] == "exit"}
    assert entered == {(r["recipient"], r["aid_category"]) for r in copies if r["begin_date"] >= first}
    last = {
        (r["recipient"], r["aid_category"])
        for r in copies
        if r["end_date"] and r["end_date"] >= first - timedelta(days=1)
    }
    assert left == last
    assert entered
    assert left


def test_nobody_is_on_two_lists_that_exclude_each_other(
    rows: dict[str, list[Row]], storied: set[int]
) -> None:
    on = {
        category: {row[LISTED_ROLE.get(feed, "member")] for row in rows[feed]} - storied
        for category, feed in LISTS.items()
    }
    assert not on["subsistence"] & on["near_subsistence"]
    assert not on["orphan"] & on["unattended_child"]


def test_orphans_have_no_living_parent_and_the_destitute_no_family(
    made: World, rows: dict[str, list[Row]], storied: set[int]
) -> None:
    people = made.persons.to_pylist()
    orphans = [row for row in rows["W18"] if row["child"] not in storied]
    assert orphans
    for row in orphans:
        parents = [people[row["child"]][side] for side in ("mother", "father")]
        assert all(parent < 0 or people[parent]["death_date"] for parent in parents)
        assert "dead" in (row["father_status"], row["mother_status"])
    parents = {person[side] for person in people for side in ("mother", "father")}
    destitute = [row for row in rows["W17"] if row["recipient"] not in storied]
    assert destitute
    for row in destitute:
        assert people[row["recipient"]]["spouse"] < 0
        assert row["recipient"] not in parents


def test_contribution_bases_agree(made: World, rows: dict[str, list[Row]], storied: set[int]) -> None:
    pension = {(row["insured"], row["employer"]): row["base"] for row in rows["W11"]}
    medical = {
        (row["insured"], row["employer"]): row["contribution_base"]
        for row in rows["W29"]
        if row["contribution_base"] and row["insured"] not in storied
    }
    # A base that a row lacks is the matter of rules Q.
    fund = {
        (row["depositor"], row["employer"]): row["base"]
        for row in rows["W13"]
        if row["base"] and row["depositor"] not in storied
    }
    assert len(medical) > 500
    assert all(pension.get(key, base) == base for key, base in medical.items())
    assert len(fund) > 200
    assert all(pension.get(key, base) == base for key, base in fund.items())
    # Who pays into the fund pays for all: headcounts agree.
    current = {key for key, row in ((k, None) for k in pension) if key[0] not in storied}
    employers = {employer for _, employer in fund} - {conflict.organisation for conflict in made.conflicts}
    living = {(r["insured"], r["employer"]) for r in rows["W11"] if r["owed_period"] == date(2026, 10, 1)}
    assert {key for key in living & current if key[1] in employers} <= {
        (row["depositor"], row["employer"]) for row in rows["W13"]
    }


def test_bills_and_fee_lines_are_those_of_the_settlements(made: World, rows: dict[str, list[Row]]) -> None:
    other = {p for c in made.conflicts if c.rule == "FA04" for p in c.persons}
    bills = {(row["bill_code"], row["bill_no"]): row for row in rows["W23"] if row["payer"] not in other}
    shown = [row for row in rows["J05"] if row["bill_no"] and row["patient"] not in other]
    # A bill that was handed in twice is that of the first settlement.
    billed = list({(row["bill_code"], row["bill_no"]): row for row in reversed(shown)}.values())
    assert len(bills) == len(billed) > 1000
    reversed_ = {row["reverses"] for row in rows["J05"] if row["reverses"]}
    for row in billed:
        bill = bills[row["bill_code"], row["bill_no"]]
        assert (bill["setl_id"], bill["amount"], bill["payer"]) == (
            row["setl_id"],
            row["total_amount"],
            row["patient"],
        )
        assert bill["bill_status"] == ("reversed" if row["setl_id"] in reversed_ else "normal")
    assert any(row["original_bill_no"] for row in rows["W23"])
    fees: dict[str, float] = defaultdict(float)
    for row in rows["W28L"]:
        fees[row["setl_id"]] += row["amount"]
        assert row["quantity"] > 0
    totals = {row["setl_id"]: row["total_amount"] for row in rows["J05"]}
    assert len(fees) > 1000
    assert all(abs(totals[setl] - amount) < 0.005 for setl, amount in fees.items())
    for row in rows["J05"]:
        parts = row["pooled_amount"] + row["serious_illness_amount"] + row["aid_amount"]
        assert abs(parts - row["fund_amount"]) < 0.005
        assert abs(row["in_scope_amount"] + row["out_scope_amount"] - row["total_amount"]) < 0.005
        assert abs(row["account_amount"] + row["self_amount"] - row["personal_amount"]) < 0.005


def test_the_funds_money_is_the_same_in_three_books(made: World, rows: dict[str, list[Row]]) -> None:
    amended = {fact for c in made.conflicts if c.rule == "FA05" for _, fact in c.facts}
    other = {
        (row["facility"], row["account_month"], row["insutype"])
        for row in rows["W26"]
        if row["fact"] in amended
    }
    assert other
    claimed: dict[tuple[Any, ...], float] = defaultdict(float)
    for row in rows["J05"]:
        claimed[row["facility"], row["settle_time"].date().replace(day=1), row["insutype"]] += row[
            "fund_amount"
        ]
    paid = {
        (r["payee"], r["account_month"], r["insutype"]): r["amount"] for r in rows["W24"] if r["payee"] >= 0
    }
    said = {
        (r["facility"], r["account_month"], r["insutype"]): r["amount"]
        for r in rows["W26"]
        if r["item"] == "claimed"
    }
    assert {key for key in paid if paid[key] != said[key]} <= other
    assert set(paid) == set(said) == set(claimed)
    assert all(abs(claimed[key] - amount) < 0.006 for key, amount in paid.items())


def test_stock_covers_what_the_insured_are_charged_for(made: World, rows: dict[str, list[Row]]) -> None:
    told = {fact for c in made.conflicts if c.rule in ("FA01", "FA02") for _, fact in c.facts}
    other = {(row["facility"], row["med_list_codg"]) for row in rows["W27"] if row["fact"] in told}
    assert other
    stock: dict[tuple[Any, ...], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows["W27"]:
        if (row["facility"], row["med_list_codg"]) in other:
            continue
        key = (row["facility"], row["med_list_codg"], row["movement_time"].date().replace(day=1))
        stock[key][row["movement_type"]] += row["quantity"]
    sold: dict[tuple[Any, ...], float] = defaultdict(float)
    for row in rows["W28L"]:
        if row["item_kind"] != "service":
            # Until the stock-take at six in the morning of the first day the month before is meant.
            month = (row["fee_time"] - timedelta(hours=6, seconds=1)).date().replace(day=1)
            month = max(month, made.periods[0])
            sold[row["facility"], row["med_list_codg"], month] += row["quantity"]
    for key, movements in stock.items():
        assert movements["stocktake"] >= 0
        assert sold[key] <= movements["stocktake"] + movements["purchase"]
        following = (key[0], key[1], (key[2] + timedelta(days=32)).replace(day=1))
        if following in stock:
            rest = movements["stocktake"] + movements["purchase"] - movements["sale"]
            assert stock[following]["stocktake"] == rest


def test_pharmacies_sell_after_their_licence_ended_only_where_that_is_a_case(made: World) -> None:
    licences = made.facts["W25"].to_pylist()
    ended = {row["pharmacy"]: row["cancel_date"] for row in licences if row["cancel_date"]}
    granted = Counter(row["pharmacy"] for row in licences if row["op"] == "add")
    renewed = {pharmacy for pharmacy in ended if granted[pharmacy] > 1}
    late: dict[int, int] = {}
    for row in made.facts["J05"].to_pylist():
        end = ended.get(row["facility"])
        if end and row["service_begin"].date() > end and row["facility"] not in renewed:
            late[row["facility"]] = min(row["period"], late.get(row["facility"], row["period"]))
    cases = {c.organisation: c.period for c in made.conflicts if c.rule == "FA03" and c.planted}
    assert len(cases) >= 30
    assert late == cases


def test_nobody_is_in_two_places(made: World, rows: dict[str, list[Row]]) -> None:
    stays: dict[int, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    visits: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for row in rows["W28"] + [row for row in rows["J05"] if row["mdtrt_id"] is None]:
        visits[row["patient"]].append((row["service_begin"], row["mdtrt_id"] or row["setl_id"]))
        if row["med_type"] in ("inpatient", "maternity_inpatient"):
            stays[row["patient"]].append((row["service_begin"], row["service_end"], row["mdtrt_id"]))
    assert sum(len(found) for found in stays.values()) > 300
    twice = {p for c in made.conflicts if c.rule == "FA06" for p in c.persons}
    for person, found in stays.items():
        for begin, end, own in found if person not in twice else ():
            assert not [v for v in visits[person] if begin <= v[0] <= end and v[1] != own], person


def test_mothers_in_hospital_have_a_birth_and_a_handbook(
    rows: dict[str, list[Row]], storied: set[int]
) -> None:
    born = {row["mother"] for row in rows["W02"]}
    registered = {row["wife"] for row in rows["W03"]}
    mothers = {row["patient"] for row in rows["W28"] if row["med_type"] == "maternity_inpatient"}
    assert mothers - storied
    assert mothers - storied <= born
    assert mothers - storied <= registered


def test_everyone_in_the_register_is_insured_and_everyone_insured_is_known(
    made: World, rows: dict[str, list[Row]], storied: set[int]
) -> None:
    latest = {row["person"]: row for row in rows["W07"]}
    insured = {row["insured"] for row in rows["W29"]}
    open_ = {row["insured"] for row in rows["W29"] if row["end_date"] is None and row["insutype"] == "390"}
    present = {p for p, row in latest.items() if row["cancel_date"] is None} - storied
    newborn = {
        p
        for p, born in enumerate(made.persons["birth_date"].to_pylist())
        if (made.reference_date - born).days < 90
    }
    assert present - newborn <= insured
    assert insured - storied <= set(latest) | {row["holder"] for row in rows["X02"]}
    gone = {p for p, row in latest.items() if row["cancel_reason"] == "moved_out"}
    assert gone
    old = {p for p in gone if (made.reference_date - latest[p]["cancel_date"]).days > 60} - storied
    assert old
    assert not old & open_


def test_deaths_are_certified_and_cancel_the_register(
    made: World, rows: dict[str, list[Row]], storied: set[int]
) -> None:
    certified = {row["deceased"]: row["death_time"].date() for row in rows["W01"]}
    cancelled = {row["person"] for row in rows["W07"] if row["cancel_reason"] == "death"}
    exits = {row["insured"]: row["death_date"] for row in rows["W06"] if row["reason"] == "death"}
    old = {p for p, day in certified.items() if (made.reference_date - day).days > 60} - storied
    assert len(old) > 100
    traps = {person for trap in made.traps for person in trap_persons(made, trap)}
    assert old - traps <= cancelled
    assert {row["deceased"] for row in rows["W05"]} - storied - traps <= set(certified)
    assert exits
    assert all(certified.get(p, day) == day for p, day in exits.items() if p not in storied | traps)


def trap_persons(made: World, trap: Any) -> set[int]:
    return {made.facts[feed][role][fact].as_py() for feed, fact, role in trap.facts}
