from datetime import date

from api.delivery_report import delivery_page

_FACT = {
    "department": "CIVIL", "feed": "W16", "title": "低保对象<i>", "title_en": "Allowance", "period": date(2024, 5, 1),
    "due_on": date(2024, 6, 10), "received_on": date(2024, 6, 3), "status": "on_time", "zero": False, "deliveries": 1,
    "rows": 1234, "usual_rows": None, "rejected": 2, "corrected": 1, "with_elements": 0.925, "to_village": None,
}  # fmt: skip


def test_every_month_has_its_colour_and_the_newest_its_quality() -> None:
    late = {**_FACT, "period": date(2024, 6, 1), "status": "late", "with_elements": 0.5, "usual_rows": 1200.0}
    other = {**_FACT, "feed": "W17", "period": date(2024, 6, 1), "status": "missing", "rows": 0}
    text = delivery_page([_FACT, late, other], "2024-06-30")
    assert '<td class="month on_time" title="2024-06-03">1,234</td>' in text
    assert '<td class="month late"' in text
    assert ">—</td>" in text
    assert "50.0%" in text
    assert "92.5%" in text  # of W17's newest month; W16's May is not shown again
    assert text.count("92.5%") == 1
    assert "1,200" in text


def test_what_contracts_say_is_escaped_and_nothing_is_loaded() -> None:
    text = delivery_page([_FACT], "2024-06-30")
    assert "低保对象&lt;i&gt;" in text
    assert "http" not in text
    assert "<script" not in text


def test_nothing_delivered_is_a_page_too() -> None:
    assert "报送情况" in delivery_page([], "2024-06-30")
