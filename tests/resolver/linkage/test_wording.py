import pytest

from resolver.linkage.wording import (
    Clause,
    Spoken,
    Text,
    percent,
    readable,
    sentence,
    starting_point,
    summary,
)

SAME = Clause(Text("姓名相同", "the name is the same"), agrees=True)
OTHER = Clause(Text("性别不同", "the sex is different"), agrees=False)


@pytest.mark.parametrize(
    ("clause", "weight", "zh", "en"),
    [
        (
            SAME,
            12.0,
            "姓名相同：极有力地表明是同一人。",
            "The name is the same: this speaks very strongly for one person.",
        ),
        (
            SAME,
            5.0,
            "姓名相同：有力地表明是同一人。",
            "The name is the same: this speaks strongly for one person.",
        ),
        (
            SAME,
            0.5,
            "姓名相同：略微倾向于同一人。",
            "The name is the same: this speaks slightly for one person.",
        ),
        (
            SAME,
            0.49,
            "姓名相同：在这里几乎不说明问题。",
            "The name is the same: this says next to nothing here.",
        ),
        (
            OTHER,
            -0.49,
            "性别不同：在这里几乎不说明问题。",
            "The sex is different: this says next to nothing here.",
        ),
        (
            OTHER,
            -2.0,
            "性别不同：较明显地表明是两个人。",
            "The sex is different: this speaks clearly against one person.",
        ),
        (
            SAME,
            -3.0,
            "姓名相同：但结合其他各项，这更常见于两个人之间（如亲属、同名的人），因此较明显地表明是两个人。",
            "The name is the same; but beside all the rest this is more often found with two people, such as relatives "
            "or namesakes, so it speaks clearly against one person.",
        ),
        (
            OTHER,
            3.0,
            "性别不同：但结合其他各项，这更常见于同一人，因此较明显地表明是同一人。",
            "The sex is different; but beside all the rest this is more often found with one person, so it speaks "
            "clearly for one person.",
        ),
    ],
)
def test_a_sentence_says_what_and_how_strongly(clause: Clause, weight: float, zh: str, en: str) -> None:
    assert sentence(clause, weight) == (zh, en)


@pytest.mark.parametrize(
    ("probability", "zh", "en"),
    [
        (
            0.99,
            "极可能是同一人，主要因为姓名相同。不过性别不同，这不像同一人。",
            "Very probably one person, mainly because the name is the same. What speaks against one person is that",
        ),
        (
            0.5,
            "无法判断是否为同一人。姓名相同，这像同一人。性别不同，这不像同一人。",
            "It cannot be told whether this is one person. What speaks for one person is that the name",
        ),
        (
            0.01,
            "极可能是两个人，主要因为性别不同。不过姓名相同，这像同一人。",
            "Very probably two people, mainly because the sex is different. What speaks for one person is that",
        ),
    ],
)
def test_a_summary_begins_with_what_decides(probability: float, zh: str, en: str) -> None:
    found = summary([Spoken(OTHER, -4.0), Spoken(SAME, 5.0)], probability)
    assert found.zh.startswith(zh)
    assert found.en.startswith(en)


def test_where_nothing_speaks_against_it_there_may_be_too_little_for_it() -> None:
    assert "too little to take them for one person" in summary([Spoken(SAME, 2.0)], 0.1).en
    assert "next to nothing in common" in summary([], 0.1).en
    assert summary([], 0.99).zh.startswith("极可能是同一人。")


def test_one_thing_that_speaks_for_a_person_alone_is_said_to_be_alone() -> None:
    alone = summary([Spoken(SAME, 8.0), Spoken(OTHER, -0.2)], 0.99)
    assert "主要因为姓名相同。此外没有别的依据。与此相像" in alone.zh
    assert "because the name is the same. Nothing else speaks for it. Of 1,000" in alone.en
    for steps in ([Spoken(SAME, 8.0)] * 2, [Spoken(SAME, 8.0), Spoken(OTHER, -2.0)], []):
        assert "Nothing else" not in summary(steps, 0.99).en
    assert "Nothing else" not in summary([Spoken(SAME, 2.0)], 0.1).en


def test_what_agrees_against_one_person_is_named_only_where_nothing_else_is() -> None:
    assert "name" not in summary([Spoken(SAME, -9.0), Spoken(OTHER, -4.0)], 0.01).en
    assert "the name is the same" in summary([Spoken(SAME, -9.0)], 0.01).en


@pytest.mark.parametrize(
    ("probability", "en"),
    [
        (0.9999, "more than 999 are"),
        (0.0001, "fewer than 1 is"),
        (0.0011, "about 1 is"),
        (0.25, "about 250 are"),
    ],
)
def test_how_many_of_a_thousand(probability: float, en: str) -> None:
    assert f"Of 1,000 pairs as alike as this one, {en} of one person." in summary([], probability).en


def test_the_prior_as_so_many_of_a_thousand() -> None:
    assert "about 500 are of one person" in starting_point(0.0).en
    assert "约 500 对" in starting_point(0.0).zh


def test_a_percentage_is_never_rounded_to_certainty() -> None:
    assert [percent(p) for p in (1.0, 0.99999, 0.5401, 0.00001, 0.0)] == [
        "> 99.99 %", "> 99.99 %", "54.01 %", "< 0.01 %", "< 0.01 %",
    ]  # fmt: skip


def test_codes_are_read_out() -> None:
    assert (readable("sex", 1), readable("sex", 2), readable("name", "王艳")) == (
        "男 male",
        "女 female",
        "王艳",
    )
    assert readable("id_status", "valid") == ""
    assert "check digit" in readable("id_status", "checksum")
