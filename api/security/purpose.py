"""Why a person's data is asked for. Every request that reads a person states one of these (PIPL 6; 国令735 第32条)."""

from typing import Literal, get_args

Purpose = Literal["verification", "enrolment", "settlement", "aid", "liability", "inspection", "service"]

PURPOSES: dict[Purpose, str] = {
    "verification": "核查疑点: verifying a finding or a case",
    "enrolment": "参保登记: enrolling, pausing or ending cover",
    "settlement": "待遇结算: settling a benefit",
    "aid": "医疗救助: granting or reviewing aid",
    "liability": "第三人责任追偿: recovering from a liable third party",
    "inspection": "基金监管稽核: inspecting the use of the fund",
    "service": "群众办事: answering the person concerned",
}

ALL: tuple[Purpose, ...] = get_args(Purpose)
