import json
from datetime import date
from pathlib import Path

from resolver.errors import DeliveryError
from resolver.feeds.checks import QUARANTINE, Checked, Unread, accepted_schema
from resolver.feeds.contract import contracts
from resolver.feeds.receipt import Receipt, Tally, refusal

W01 = contracts()["W01"]
BLANK = Receipt("received", Path("x.csv"), "W01", date(2026, 10, 1), "delta", "00")


def checked(
    reasons: list[str], rows: int, unread: dict[str, Unread], skipped: dict[str, list[int]]
) -> Checked:
    quarantined = QUARANTINE.empty_table().from_pylist([{"reason": reason} for reason in reasons], QUARANTINE)
    return Checked(accepted_schema(W01).empty_table(), quarantined, rows, unread, skipped)


def test_batches_add_up() -> None:
    tally = Tally()
    one = "“死亡时间”的内容“昨天”不是日期时间 date and time"
    two = "“死亡时间”的内容“前天”不是日期时间 date and time"
    tally.add("甲", checked([one], 10, {"sex": Unread("性别", 2, {"x": 3})}, {"合计": [9]}))
    tally.add("甲", checked([two, "其他"], 5, {"sex": Unread("性别", 1, {"x": 20, "y": 21})}, {"合计": [25]}))
    receipt = tally.receipt(BLANK, W01, [])
    assert (receipt.n_rows, receipt.n_accepted, receipt.n_quarantined, receipt.zero) == (15, 12, 3, False)
    assert receipt.reasons == {"“死亡时间”无法识别，不是日期时间 date and time": 2, "其他": 1}
    assert receipt.warnings == (
        "“性别”有3个单元格内容无法识别 unreadable: “x”(第3行 row 3)、“y”(第21行 row 21)",
    )
    assert receipt.notes == ("甲: 合计: 9, 25",)


def test_what_goes_to_the_ledger_is_json() -> None:
    told = Tally().receipt(BLANK, W01, []).for_ledger()
    assert json.loads(json.dumps(told)) == told


def test_a_refusal_says_why_and_what_to_do() -> None:
    receipt = refusal(Path("x.csv"), DeliveryError("wrong", remedy="Do this."), "W01", None)
    assert (receipt.status, receipt.refused, receipt.feed) == ("refused", "wrong\nDo this.", "W01")
