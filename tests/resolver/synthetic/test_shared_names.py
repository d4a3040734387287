from types import SimpleNamespace

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.synthetic.inhabitants import Inhabitants
from resolver.synthetic.shared_names import SharedNames
from resolver.synthetic.written_addresses import wordings

NAMES = [
    "威海海润渔具有限公司", "荣成市海润渔具有限公司", "海润渔具", "荣成市东联农民专业合作社",
    "乳山市东联农民专业合作社", "环翠区益源手机店", "文登区益源手机店",
]  # fmt: skip


def _plain(name: str) -> str:
    return name.replace(" ", "").replace("（", "(").replace("）", ")")


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from(NAMES), max_size=6),
    st.sampled_from([*NAMES, "益源手机店", "海润渔具 有限公司", "无"]),
)
def test_a_name_that_two_organisations_may_write_is_shared(names: list[str], written: str) -> None:
    """By the definition: more than one of them has it among its wordings."""
    empty = pa.table({"name": pa.array([], pa.string())})
    organisations = pa.table({"name": pa.array(names, pa.string())})
    shared = SharedNames(Inhabitants(SimpleNamespace(persons=empty, organisations=organisations)))
    owners = [name for name in names if _plain(written) in {_plain(one) for one in wordings(name)}]
    found = shared.unlinkable(pa.array([written, None], pa.string()))
    assert found.tolist() == [len(owners) > 1, False]


def test_a_facility_known_by_its_code_is_shut_off_only_if_its_full_name_is_anothers() -> None:
    names = ["荣成市人民医院", "荣成市中医院", "荣成市人民医院", "文登区益源诊所", "乳山市益源诊所"]
    empty = pa.table({"name": pa.array([], pa.string())})
    organisations = pa.table({"name": pa.array(names, pa.string())})
    shared = SharedNames(Inhabitants(SimpleNamespace(persons=empty, organisations=organisations)))
    assert shared.unlinkable(pa.array(["益源诊所"], pa.string())).tolist() == [True]
    found = shared.unlinkable_facilities(np.array([0, 1, 2, 3, 4, -1]))
    assert found.tolist() == [True, False, True, False, False, False]
