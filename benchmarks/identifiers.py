"""How fast identity numbers are understood over a column: python benchmarks/identifiers.py [count]."""

import sys
import time
from datetime import date

import numpy as np
import pyarrow as pa

from resolver.identifiers import identity_number, person_number

SEED = 20240101


def numbers(count: int) -> pa.Array:
    """Made-up numbers of counties of all times: 2 % with a wrong check, 2 % of fifteen digits, 1 % with a space."""
    rng = np.random.default_rng(SEED)
    places = rng.choice(np.flatnonzero(person_number.possible_places()[:700_000]), count)
    days = (rng.integers(0, 30_000, count).astype("datetime64[D]") - 10_000).astype(str)
    orders = rng.integers(1, 1000, count)
    texts = []
    for place, day, order in zip(places.tolist(), days.tolist(), orders.tolist(), strict=True):
        first17 = f"{place:06d}{day.replace('-', '')}{order:03d}"
        texts.append(first17 + person_number.check_character(first17))
    for place in range(0, count, 50):
        texts[place] = texts[place][:17] + ("5" if texts[place][17] != "5" else "6")
    for place in range(1, count, 50):
        texts[place] = texts[place][:6] + texts[place][8:17]
    for place in range(2, count, 100):
        texts[place] = texts[place] + " "
    return pa.array(texts)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    column = numbers(count)
    started = time.process_time()
    found = identity_number.classify_column(column, as_of=date(2024, 1, 1))
    column_seconds = time.process_time() - started
    sample = column.slice(0, count // 10).to_pylist()
    started = time.process_time()
    for text in sample:
        identity_number.classify(text, as_of=date(2024, 1, 1))
    scalar_seconds = time.process_time() - started
    counts = {entry["values"]: entry["counts"] for entry in found.field("status").value_counts().to_pylist()}
    print(f"column: {count / column_seconds:,.0f} numbers per CPU second ({count:,} numbers, {counts})")
    print(f"one by one: {len(sample) / scalar_seconds:,.0f} numbers per CPU second")


if __name__ == "__main__":
    main()
