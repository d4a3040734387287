"""Labels: what people found of sampled pairs. Measurements, not orders: linkage does not obey them (see `judgement`).

Samples and labels are events in two hash-chained streams of the ledger, so they are kept for ever and changes show. A
pair may be labelled again; the newest label counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

import pyarrow as pa

from resolver.errors import LinkageError
from resolver.ledger.chain import ChainedEvent
from resolver.ledger.ledger import Ledger

SAMPLES, LABELS = "quality_samples", "quality_labels"
Label = Literal["same", "different", "unsure"]


@dataclass(frozen=True)
class Sample:
    """Pairs that were drawn to be labelled.

    Attributes:
        number: Counts from 1.
        about: What it was drawn from: `snapshot`, `model_version`, `seed`, `strata` and more.
        pairs: Record keys and stratum of each; pair 1 is the first.
        at: When.
    """

    number: int
    about: dict[str, Any]
    pairs: tuple[tuple[int, int, int], ...]
    at: datetime


def add_sample(
    ledger: Ledger, about: Mapping[str, Any], pairs: Sequence[tuple[int, int, int]], at: datetime
) -> int:
    """Record a sample; returns its number."""
    body = {"about": dict(about), "pairs": [list(pair) for pair in pairs]}
    return ledger.append_chained(SAMPLES, [body], at)[0]


def read_sample(ledger: Ledger, number: int | None = None) -> Sample:
    """A sample; by default the newest.

    Raises:
        LinkageError: There is none.
    """
    wanted = number or ledger.chain_head(SAMPLES).seq
    events = ledger.read_chained(SAMPLES, after=wanted - 1, limit=1) if wanted > 0 else []
    if not events:
        raise LinkageError(
            f"there is no sample {number}" if number else "no sample was drawn yet",
            remedy="Draw one with `guiyi quality sample`.",
        )
    event = events[0]
    pairs = tuple((int(left), int(right), int(stratum)) for left, right, stratum in event.body["pairs"])
    return Sample(event.seq, event.body["about"], pairs, event.at)


def add_labels(ledger: Ledger, sample: Sample, labels: Mapping[int, Label], actor: str, at: datetime) -> int:
    """Record labels of a sample's pairs; those that the same person gave before, and last, are left out.

    Args:
        ledger: The ledger.
        sample: The sample.
        labels: Number of a pair, from 1 -> its label.
        actor: Who labelled.
        at: Now.

    Returns:
        How many are new.
    """
    known = {
        event.body["pair"]: event.body
        for event in _events(ledger, LABELS)
        if event.body["sample"] == sample.number
    }
    new = [
        {"sample": sample.number, "pair": pair, "label": label, "actor": actor}
        for pair, label in sorted(labels.items())
        if known.get(pair, {}).get("label") != label or known[pair]["actor"] != actor
    ]
    ledger.append_chained(LABELS, new, at)
    return len(new)


def read_labels(ledger: Ledger, sample: Sample) -> dict[int, Label]:
    """Number of a pair -> its newest label."""
    return {
        int(event.body["pair"]): cast(Label, event.body["label"])
        for event in _events(ledger, LABELS)
        if event.body["sample"] == sample.number
    }


def labelled_pairs(ledger: Ledger) -> pa.Table:
    """All labels of all samples, for training: of a pair labelled several times the newest, unsure ones left out.

    Returns:
        `record_key_l` int64 < `record_key_r` int64, `is_match` bool; sorted.
    """
    samples: dict[int, Sample] = {}
    decided: dict[tuple[int, int], Label] = {}
    for event in _events(ledger, LABELS):
        number = int(event.body["sample"])
        if number not in samples:
            samples[number] = read_sample(ledger, number)
        left, right, _ = samples[number].pairs[event.body["pair"] - 1]
        decided[min(left, right), max(left, right)] = event.body["label"]
    known = sorted(pair for pair, label in decided.items() if label != "unsure")
    return pa.table(
        {
            "record_key_l": pa.array([left for left, _ in known], pa.int64()),
            "record_key_r": pa.array([right for _, right in known], pa.int64()),
            "is_match": pa.array([decided[pair] == "same" for pair in known], pa.bool_()),
        }
    )


def _events(ledger: Ledger, stream: str) -> Iterator[ChainedEvent]:
    after = 0
    while events := ledger.read_chained(stream, after=after):
        yield from events
        after = events[-1].seq
