import pytest

from api.security.masking import masked_embedded, masked_number, masked_phone


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("371002198001010017", "371002********0017"),
        ("371002800101001", "371002*****1001"),
        ("E12345678", "E1*****78"),
        ("12345", "12*45"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_numbers(number, shown):
    assert masked_number(number) == shown
    assert len(shown) == len(number)


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13812345678", "138****5678"), ("06315201234", "063****1234"), ("5201234", "*******")],
)
def test_phones(phone, shown):
    assert masked_phone(phone) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("残疾证37100219800101001742", "残疾证371002********001742"),
        ("id_number:37100219800101001X", "id_number:371002********001X"),
        ("旧号371002800101001。", "旧号371002*****1001。"),
        ("电话13812345678转", "电话138****5678转"),
        ("psn_no:3710001618374742", "psn_no:3710001618374742"),
        ("M1955632269", "M1955632269"),
        ("2026-03-02 14:25:15", "2026-03-02 14:25:15"),
    ],
)
def test_numbers_inside_texts(text, shown):
    assert masked_embedded(text) == shown
