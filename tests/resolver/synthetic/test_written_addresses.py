import numpy as np
import pyarrow as pa
import pytest

from resolver.synthetic.draws import mix, salt
from resolver.synthetic.identity_errors import BIT
from resolver.synthetic.written_addresses import (
    N_WORDINGS,
    AddressParts,
    chinese_numerals,
    wordings,
    write_addresses,
    write_organisation_names,
)

N = 20_000
KEYS = mix(salt("test"), np.arange(N))
PARTS = AddressParts(
    city=pa.array(["威海市"] * N),
    county=pa.array(["文登区"] * N),
    town=pa.array(["泽头镇"] * N),
    village=pa.array(["王家庄村"] * N),
    door=pa.array(["12号"] * N),
    former=pa.array(["宋村镇北山村3号"] * N),
)


@pytest.mark.parametrize(
    ("text", "written"),
    [("12号", "十二号"), ("20号楼3单元105室", "二十号楼三单元一〇五室"), ("10号", "十号"), ("", "")],
)
def test_numerals(text, written):
    assert chinese_numerals(text) == written


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("威海众诚物流有限公司", {"威海众诚物流有限责任公司", "众诚物流有限公司", "威海众诚物流"}),
        (
            "荣成鑫海(集团)有限责任公司",
            {"荣成鑫海（集团）有限责任公司", "荣成鑫海(集团)有限公司", "荣成鑫海(集团)"},
        ),
        ("环翠区中医院", set()),
    ],
)
def test_organisations_have_several_wordings(name, others):
    found = wordings(name)
    assert len(found) == N_WORDINGS
    assert found[0] == name
    assert others <= set(found)


def test_addresses_are_written_otherwise_at_their_rate():
    moved = np.arange(N) % 25 == 0
    written, errors = write_addresses(PARTS, KEYS, moved, 0.30, "city")
    assert ((errors & BIT["address:otherwise"]) != 0).mean() == pytest.approx(0.30, abs=0.015)
    assert np.array_equal((errors & BIT["address:moved"]) != 0, moved)
    texts = written.to_pylist()
    for text, error in zip(texts, errors.tolist(), strict=True):
        assert (text == "威海市文登区泽头镇王家庄村12号") == (error == 0)
        assert ("北山村" in text) == bool(error & int(BIT["address:moved"])) or "宋村镇北山村三号" in text
    for sign in ("十二号", "12#", "王家庄村委会", "文登市", " ", "山东省"):
        assert any(sign in text for text in texts), sign
    assert any(text == "泽头镇王家庄村12号" for text in texts)


def test_organisation_names_are_written_otherwise_at_their_rate():
    names = ["威海众诚物流有限公司", "荣成鑫海（集团）有限公司"]
    table = [pa.array([wordings(name)[k] for name in names]) for k in range(N_WORDINGS)]
    organisation = np.arange(N) % 3 - 1
    written, errors = write_organisation_names(table, organisation, KEYS, 0.5)
    for text, number, error in zip(written.to_pylist(), organisation.tolist(), errors.tolist(), strict=True):
        assert (text is None) == (number < 0)
        assert (error == 0) == (number < 0 or text == names[number])
    assert 0.25 < (errors[organisation == 1] != 0).mean() <= 0.5
