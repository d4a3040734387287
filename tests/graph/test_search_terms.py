"""Whatever a query finds by looking at the node must also be found through the index terms."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.search_terms import (
    Query,
    birth_date_term,
    comparison_form,
    index_terms,
    parse_query,
    required_terms,
    whole_name_term,
)
from graph.store import Value

PERSON: dict[str, Value] = {
    "name": "阿卜杜拉·买买提",
    "former_names": ["阿不都拉"],
    "pinyin": ["a bu du la mai mai ti"],
    "birth_date": date(1990, 2, 3),
    "id_numbers": ["653101199002031234"],
    "phones": ["13806310001"],
}


def through_index(query: Query, terms: list[str]) -> bool:
    """What the full text index answers."""
    wanted = [ways for word in query.words for ways in required_terms(word)]
    born = query.birth_date is None or birth_date_term(query.birth_date.isoformat()) in terms
    return (
        bool(wanted)
        and born
        and all(
            any(
                any(t.startswith(term) if beginning else t == term for t in terms) for term, beginning in ways
            )
            for ways in wanted
        )
    )


@pytest.mark.parametrize(
    "text",
    ["阿卜杜拉", "阿卜杜拉·买买提", "阿卜杜拉•买买提", "买买提", "阿不都拉", "a bu", "abudulamaimaiti", "mai mai ti",
     "653101", "6531011990", "1234", "19900203", "653101199002031234", "13806310001", "138063", "0001", "买 1234"],
)  # fmt: skip
def test_found(text: str) -> None:
    query = parse_query(text)
    assert query.matches("Person", PERSON)
    assert through_index(query, index_terms("Person", PERSON))


@pytest.mark.parametrize("text", ["阿买", "买提阿", "bu a", "65310", "90203", "123", "", "  ", "阿 9999"])
def test_not_found(text: str) -> None:
    assert not parse_query(text).matches("Person", PERSON)


def test_the_day_of_birth_narrows() -> None:
    assert parse_query("买", date(1990, 2, 3)).matches("Person", PERSON)
    assert not parse_query("买", date(1990, 2, 4)).matches("Person", PERSON)


def test_the_whole_name_has_a_term_of_its_own() -> None:
    query = parse_query("阿卜杜拉 买买提")
    assert not query.is_name_of(PERSON)
    assert parse_query("阿卜杜拉·买买提").is_name_of(PERSON)
    assert whole_name_term(comparison_form("阿卜杜拉・买买提")) in index_terms("Person", PERSON)


_TEXT = st.text(alphabet="张三丰王伟ab12·() X", max_size=7)


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "name": _TEXT,
            "former_names": st.lists(_TEXT, max_size=2),
            "pinyin": st.lists(st.sampled_from(["zhang san", "wang wei", "a b ab"]), max_size=2),
            "id_numbers": st.lists(st.sampled_from(["37100219870512001X", "12", "A1234567"]), max_size=2),
            "phones": st.lists(st.sampled_from(["13806310001", "0631123"]), max_size=2),
            "birth_date": st.just(date(1987, 5, 12)),
        },
    ),
    _TEXT | st.sampled_from(["zhang", "san", "zhangsan", "3710021987", "001x", "19870512", "1234"]),
    st.sampled_from([None, date(1987, 5, 12), date(2000, 1, 1)]),
)
def test_the_index_never_misses(properties: dict[str, Any], text: str, birth_date: date | None) -> None:
    query = parse_query(text, birth_date)
    terms = index_terms("Person", properties)
    if query.matches("Person", properties):
        assert through_index(query, terms)
    assert all(term == "".join(term.split()) for term in terms)
