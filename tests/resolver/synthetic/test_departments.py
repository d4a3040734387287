import statistics
import tomllib
from importlib import resources

import pytest

from resolver.synthetic.departments import departments

FEEDS = sorted(departments())


def contract(feed):
    folder = resources.files("resolver.feeds") / "contracts"
    shared = tomllib.loads((folder / "columns.toml").read_text("utf-8"))
    own = tomllib.loads((folder / f"{feed}.toml").read_text("utf-8"))
    own["columns"] = {name: _column(shared.get(name, {}), column) for name, column in own["columns"].items()}
    return own


def _column(shared, own):
    column = shared | own
    return column | {"aliases": [*column.get("aliases", []), *shared.get("platform", [])]}


@pytest.mark.parametrize("feed", FEEDS)
@pytest.mark.parametrize("period", [0, 1])
def test_every_header_is_one_the_department_may_use(feed, period):
    columns = contract(feed)["columns"]
    headers = departments()[feed].headers(period)
    assert set(headers) <= set(columns)  # a department may lack what the contract can do without
    assert {name for name, column in columns.items() if column.get("mandatory")} <= set(headers)
    for column, header in headers.items():
        assert header in (columns[column]["header"], column, *columns[column]["aliases"]), column
    assert len(set(headers.values())) == len(headers)


@pytest.mark.parametrize("feed", FEEDS)
def test_headers_change_and_are_in_an_order_of_their_own(feed):
    department = departments()[feed]
    assert department.headers(0) != department.headers(1)
    assert department.headers(1) == department.headers(2)


def test_not_all_departments_keep_the_order_of_the_contract():
    differing = [
        feed for feed in FEEDS if list(departments()[feed].headers(0)) != list(contract(feed)["columns"])
    ]
    assert len(differing) >= len(FEEDS) / 2


@pytest.mark.parametrize("feed", FEEDS)
def test_every_choice_has_a_word_that_means_it(feed):
    for column, words in departments()[feed].words.items():
        choices = contract(feed)["columns"][column]["choices"]
        assert set(words) == set(choices), column
        for code, word in words.items():
            assert word == code or word in choices[code], column


@pytest.mark.parametrize("feed", FEEDS)
def test_the_file_name_says_which_feed_it_is(feed):
    department = departments()[feed]
    name = department.file.format(title=department.title, year=2026, month=10, mm="10", extent="全量")
    assert feed in name or contract(feed)["title"] in name


@pytest.mark.parametrize("feed", FEEDS)
def test_required_columns_are_those_of_the_contract(feed):
    required = [name for name, column in contract(feed)["columns"].items() if column.get("required")]
    own = departments()[feed].required
    assert own in required if own else not required


def test_carelessness_has_mean_one_and_the_household_register_a_fifth():
    factors = {department.register: department.factor for department in departments().values()}
    assert factors.pop("POLICE") == 0.2
    assert statistics.mean(factors.values()) == pytest.approx(1.0)


def test_all_feeds_have_a_department_and_both_kinds_of_file_and_encoding():
    folder = resources.files("resolver.feeds") / "contracts"
    feeds = {entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")}
    assert set(FEEDS) == feeds - {"columns"}
    assert {department.format for department in departments().values()} == {"xlsx", "csv"}
    texts = [department for department in departments().values() if department.format == "csv"]
    assert {department.encoding for department in texts} == {"utf-8", "utf-8-sig", "gb18030"}
