from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from resolver.ledger.judgement import Judgement, Witness
from resolver.ledger.witness import renewed

AT = datetime(2026, 11, 3, 13, 5, 7, tzinfo=UTC)
ROWS = pa.table(
    {
        "row_id": pa.array([100, 100, 200], pa.int64()),
        "role": pa.array(["husband", "wife", "person"]).dictionary_encode(),
        "record_key": pa.array([11, 12, 13], pa.int64()),
    }
)
WIFE, PERSON = Witness("W05", "wife", 100), Witness("W01", "person", 200)


def judged(left: int, right: int, witness_l: Witness | None, witness_r: Witness | None) -> Judgement:
    return Judgement(
        "same", left, right, "li", "seen", AT, judgement_id=1, witness_l=witness_l, witness_r=witness_r
    )


def test_a_record_with_another_key_is_found_by_its_row() -> None:
    judgements = [judged(2, 13, WIFE, PERSON), judged(11, 3, None, PERSON)]
    found = renewed(judgements, np.array([11, 12, 13]), ROWS)
    assert [(j.record_key_l, j.record_key_r) for j in found] == [(12, 13), (11, 13)]


def test_what_is_there_or_has_no_witness_stays() -> None:
    judgements = [judged(11, 13, WIFE, WIFE), judged(2, 3, None, Witness("W01", "person", 999))]
    assert renewed(judgements, np.array([11, 12, 13]), ROWS) == judgements
    assert renewed([], np.array([11]), ROWS) == []
