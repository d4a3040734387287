"""How much speaks for a lead: points that add up, each with its reason, so that a reader can follow the order.

    strength = Σ points of what holds + log2(link probability)

The points are rough weights in bits, set by hand (no labelled cases were at hand) and the same for every lead. What
people say about the cause counts little against a lead: who is hurt by another and treated at the fund's cost says
"a fall" more often than not. Precision at k from closed cases (`graph.recovery`) tells whether they hold.
"""

POINTS = {
    "treated within a day": 4.0,
    "treated within three days": 3.0,
    "treated within a week": 2.0,
    "treated within two weeks": 1.0,
    "injury (ICD-10 S, T, V-Y, or the flag)": 3.0,
    "external cause by another (V01-V99, X85-Y09)": 3.0,
    "external cause of one's own (W00-W19, X60-X84)": -3.0,
    "admitted, or an emergency": 2.0,
    "declared as another's doing": 3.0,
    "declared as nobody else's doing": -1.0,
    "seriously hurt, by the police": 2.0,
    "hurt, by the police": 1.0,
    "treated again for the same injury": 1.0,
    "a third party paid": 4.0,
    "a recognised work injury": 5.0,
}
"""What may hold of a lead -> points."""

_CONDITIONS = {
    "treated within a day": "gap <= 1",
    "treated within three days": "gap > 1 AND gap <= 3",
    "treated within a week": "gap > 3 AND gap <= 7",
    "treated within two weeks": "gap > 7 AND gap <= 14",
    "injury (ICD-10 S, T, V-Y, or the flag)": "trauma",
    "external cause by another (V01-V99, X85-Y09)": "by_another",
    "external cause of one's own (W00-W19, X60-X84)": "by_oneself",
    "admitted, or an emergency": "hospital",
    "declared as another's doing": "third_party_declared OR regexp_matches(cause, '交通|车祸|车|撞|他人|打伤|咬')",
    "declared as nobody else's doing": "NOT coalesce(third_party_declared, false) "
    "AND regexp_matches(cause, '自|摔|跌|劳动|运动|扭') AND NOT regexp_matches(cause, '交通|车祸|车|撞|他人|打伤|咬')",
    "seriously hurt, by the police": "injury IN ('serious', 'fatal')",
    "hurt, by the police": "injury = 'minor'",
    "treated again for the same injury": "len(follow_ups) > 0",
    "a third party paid": "third_party_paid > 0",
    "a recognised work injury": "work_injury",
}


def reasons_sql() -> str:
    """SQL of a list of structs `reason`, `points` over the columns of a lead: what holds, in the order of `POINTS`."""
    cases = ", ".join(
        f"CASE WHEN {_CONDITIONS[reason]} THEN "
        f"{{'reason': '{reason.replace(chr(39), chr(39) * 2)}', 'points': {points}::DOUBLE}} END"
        for reason, points in POINTS.items()
    )
    return f"list_filter([{cases}], lambda reason: reason IS NOT NULL)"


def strength_sql(reasons: str) -> str:
    """SQL of the strength: the reasons' points and what the link is worth; a lead is never stronger for its link."""
    total = f"coalesce(list_sum(list_transform({reasons}, lambda reason: reason.points)), 0)"
    return f"round({total} + log2(greatest(link_probability, 1e-6)), 2)"
