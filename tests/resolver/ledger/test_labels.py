from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resolver.errors import LinkageError
from resolver.ledger.labels import LABELS, add_labels, add_sample, labelled_pairs, read_labels, read_sample
from resolver.ledger.ledger import Ledger

AT = datetime(2026, 11, 3, 13, 5, 7, tzinfo=UTC)
BIG = 2**62 + 1


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


def test_samples_and_labels_are_kept(ledger: Ledger) -> None:
    with pytest.raises(LinkageError, match="no sample was drawn yet"):
        read_sample(ledger)
    assert add_sample(ledger, {"seed": 1}, [(1, BIG, 0), (5, 3, 1), (7, 8, 1)], AT) == 1
    assert add_sample(ledger, {"seed": 2}, [(1, BIG, 0)], AT) == 2
    assert read_sample(ledger).about == {"seed": 2}
    with pytest.raises(LinkageError, match="there is no sample 3"):
        read_sample(ledger, 3)
    sample = read_sample(ledger, 1)
    assert sample.pairs == ((1, BIG, 0), (5, 3, 1), (7, 8, 1))
    assert add_labels(ledger, sample, {1: "same", 2: "unsure", 3: "different"}, "li", AT) == 3
    assert add_labels(ledger, sample, {1: "same", 2: "different"}, "li", AT) == 1
    assert add_labels(ledger, sample, {1: "different"}, "wang", AT) == 1
    assert read_labels(ledger, sample) == {1: "different", 2: "different", 3: "different"}
    assert read_labels(ledger, read_sample(ledger, 2)) == {}
    assert ledger.verify_chain(LABELS).n_events == 5


def test_labels_for_training_are_the_newest_of_each_pair(ledger: Ledger) -> None:
    assert labelled_pairs(ledger).num_rows == 0
    add_sample(ledger, {}, [(1, BIG, 0), (5, 3, 1), (7, 8, 1)], AT)
    add_sample(ledger, {}, [(BIG, 1, 0)], AT)
    add_labels(ledger, read_sample(ledger, 1), {1: "different", 2: "same", 3: "same"}, "li", AT)
    add_labels(ledger, read_sample(ledger, 2), {1: "same"}, "li", AT)
    add_labels(ledger, read_sample(ledger, 1), {3: "unsure"}, "li", AT)
    assert labelled_pairs(ledger).to_pydict() == {
        "record_key_l": [1, 3],
        "record_key_r": [BIG, 5],
        "is_match": [True, True],
    }
