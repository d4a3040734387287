"""docs/rules.md: every rule with what it fires on, from the headers of the rule files.

python -m graph.rules_document > docs/rules.md
"""

import sys
from collections.abc import Iterable

from graph.rule import Rule
from graph.rule_settings import RuleSettings, default_settings, profiles
from graph.rules.catalogue import Catalogue, load_catalogue

FAMILIES = {
    "L": "生死 Life and death",
    "E": "身份与参保 Identity and enrolment",
    "C": "缴费基数 Contribution base",
    "P": "困难与救助 Hardship and aid",
    "D": "残疾 Disability",
    "M": "婚姻 Marriage",
    "T": "第三方责任 Third-party liability",
    "FA": "机构与基金 Facilities and fund",
    "MW": "监测预警 Monitoring",
    "Q": "数据质量 Data quality",
}

_HEAD = """# Rules

Written by `python -m graph.rules_document > docs/rules.md` from the headers in `graph/rules/`; do not edit.

One file per rule: a header, one SELECT, and examples that must and must not raise it (`guiyi rules test`).
Severity: A act now, B money or entitlement at risk, C status inconsistent, D data quality.
Direction: protect (应保尽保), recover (追回、核实), quality.
Due: `10wd` = reply within 10 working days, `m10` = within the month's review by the 10th, `mth` and `monthly` = every
month, `10th` = by the 10th, `-` = no reply owed.
A feed in brackets is used where it is there; without one that is not, the rule is not run and the report says so.
A rule that is off by default runs only where a jurisdiction switches it on.
"""


def rules_document(catalogue: Catalogue, settings: RuleSettings) -> str:
    """The document, as Markdown.

    Args:
        catalogue: The rules.
        settings: Which of them are on.
    """
    rules = [*catalogue.rules.values()]
    parts = [_HEAD, f"{len(rules)} rules. Profiles: {', '.join(profiles())}.\n"]
    for family, title in FAMILIES.items():
        own = [rule for rule in rules if family_of(rule.id) == family]
        if own:
            parts.append(f"## {title}\n")
            parts += [_described(rule, settings) for rule in sorted(own, key=lambda rule: rule.id)]
    return "\n".join(parts)


def family_of(rule_id: str) -> str:
    """The letters at the beginning of a rule's id."""
    return rule_id.rstrip("0123456789")


def needed_and_used(rule: Rule) -> str:
    """The feeds that a rule needs, `/` between those of which one is enough; in brackets those it uses beside."""
    needed = " ".join("/".join(feeds) for feeds in rule.needs)
    beside = [feed for feed in rule.feeds if not any(feed in feeds for feeds in rule.needs)]
    if len(beside) > 30:  # every feed there is
        return "all"
    return f"{needed} ({' '.join(beside)})".strip() if beside else needed


def _described(rule: Rule, settings: RuleSettings) -> str:
    facts = [
        f"{rule.severity} · {rule.direction}",
        "on" if settings.is_on(rule) else "**off by default**",
        f"to {', '.join(rule.return_to)}",
        f"due `{rule.due}`",
        f"version {rule.version}",
    ]
    lines = [
        f"### {rule.id} {rule.title} · {rule.title_en}\n",
        " | ".join(facts) + "  ",
        f"Basis: {rule.basis}  ",
        f"Feeds: {needed_and_used(rule)}\n",
        rule.fires + "\n",
    ]
    if rule.silences:
        lines.append(f"Silences {', '.join(rule.silences)} for the same person.\n")
    if rule.parameters:
        lines += ["| parameter | default | range | unit |", "|---|---|---|---|"]
        lines += [
            f"| `{p.name}` | {p.default} | {p.minimum} – {p.maximum} | {p.unit} |" for p in rule.parameters
        ]
        lines.append("")
    lines.append(f"Evidence: {_words(rule.evidence)}\n")
    return "\n".join(lines)


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


if __name__ == "__main__":
    found = load_catalogue()
    sys.stdout.write(rules_document(found, default_settings(found)))
