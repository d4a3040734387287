"""The feeds in words: `docs/feeds.md` is written from the contracts by `python -m resolver.feeds.catalogue`."""

import sys
from collections.abc import Iterable

from resolver.feeds.contract import Column, Contract, EntityRole, contracts
from resolver.feeds.output import Output, outputs

_INTRODUCTION = """# Feeds

Written by `python -m resolver.feeds.catalogue > docs/feeds.md` from the contracts in `resolver/feeds/contracts/` and
`resolver/feeds/outputs/`. *S1* = 威医保发〔2020〕60号, *S2* = 济医保发〔2023〕13号. A file is known by its feed's id or
title in its name, else by its header. Besides the header, the canonical name and every other header listed are
understood, whatever the width, case and remarks in brackets; field names of the national platform are among them.
**!** = the file is refused without the column · **!!** = besides, a row without it goes back for correction.
"""


def feed_catalogue() -> str:
    """`docs/feeds.md`: what is received, column by column, and what is written."""
    inputs, written = contracts().values(), outputs().values()
    parts = [_INTRODUCTION, "## Received\n", _table(_summary(inputs)), "\n## Written\n"]
    parts += [_table(_output_summary(written)), "\n## Columns received\n"]
    parts += [_received(contract) for contract in inputs]
    parts += ["## Columns written\n", *(_written(output) for output in written)]
    return "\n".join(parts).rstrip("\n") + "\n"


def short_basis(basis: str) -> str:
    """A contract's basis with the two policies by their short names."""
    return basis.replace("威医保发〔2020〕60号", "S1").replace("济医保发〔2023〕13号", "S2")


def _summary(feeds: Iterable[Contract]) -> list[list[str]]:
    head = ["feed", "item", "department", "basis", "kind", "a delivery is", "view"]
    rows = [
        [
            f"[{c.feed}](#{c.feed.lower()}){' (optional)' if c.optional else ''}",
            f"{c.title} {c.title_en}",
            c.department,
            short_basis(c.basis),
            c.kind,
            {"full": "everything", "delta": "changes", "full_then_delta": "everything, then changes"}[
                c.default_extent
            ],
            f"`{c.view}`",
        ]
        for c in feeds
    ]
    return [head, *rows]


def _output_summary(feeds: Iterable[Output]) -> list[list[str]]:
    head = ["feed", "item", "to", "basis", "one row per"]
    return [
        head,
        *(
            [o.feed, f"{o.title} {o.title_en}", ", ".join(o.to), short_basis(o.basis), o.one_row_per]
            for o in feeds
        ),
    ]


def _received(contract: Contract) -> str:
    key = " + ".join(f"`{name}`" for name in contract.natural_key)
    if contract.natural_key_else:
        key += ", else " + " + ".join(f"`{name}`" for name in contract.natural_key_else)
    if contract.key_blanks:
        key += "; blank counts as a value in " + " and ".join(
            f"`{name}`" for name in sorted(contract.key_blanks)
        )
    word = "until before" if contract.stops else "to"
    valid = f"from `{contract.valid_from}`" + (f" {word} `{contract.valid_to}`" if contract.valid_to else "")
    lines = [f"### {contract.feed}", "", f"{contract.title} {contract.title_en}. Key: {key}. Holds {valid}."]
    lines += [_role(entity) for entity in contract.entities] or ["Speaks of no person and no organisation."]
    if contract.elements:
        named = ", ".join(f"{element} in `{column}`" for element, column in contract.elements.items())
        lines.append(f"Required by S1 §三(二): {named}.")
    head = ["column", "header", "type", "also understood"]
    return "\n".join([*lines, "", _table([head, *(_column(c) for c in contract.columns.values())])]) + "\n"


def _written(output: Output) -> str:
    head = ["column", "header", "type"]
    rows = [
        [f"`{c.name}`", c.header + (" (for the answer)" if c.name in output.answer else ""), c.type]
        for c in output.columns.values()
    ]
    return f"### {output.feed} (written)\n\n{output.title} {output.title_en}.\n\n{_table([head, *rows])}\n"


def _role(entity: EntityRole) -> str:
    key = f", own key `{entity.source_key}` ({entity.source_key_scheme})" if entity.source_key else ""
    named = ", ".join(f"{attribute} = `{column}`" for attribute, column in entity.values.items())
    return f"*{entity.role}* ({entity.kind}{key}): {named or 'nothing else'}."


def _column(column: Column) -> list[str]:
    mark = "!!" if column.required else "!" if column.mandatory else ""
    words = "; ".join(f"{code} = {'/'.join(meant)}" for code, meant in column.choices.items())
    kind = f"{column.type}: {words}" if words else column.type
    return [f"`{column.name}` {mark}".strip(), column.header, kind, " · ".join(column.aliases)]


def _table(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    lines.insert(1, "|" + "---|" * len(rows[0]))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(feed_catalogue())
