"""The rules of the package, and folders with bad files among good ones."""

from pathlib import Path

from graph.rules.catalogue import load_catalogue

TWELVE = ["E01", "E05", "E06", "E07", "L01", "L03", "L05", "L12", "P01", "P08", "Q01", "T01"]


def test_the_twelve_are_there_and_sound() -> None:
    catalogue = load_catalogue()
    assert catalogue.problems == ()
    assert list(catalogue.rules) == TWELVE
    assert [rule.id for rule in catalogue.rules.values()] == TWELVE


def test_protective_rules_protect() -> None:
    rules = load_catalogue().rules.values()
    assert {rule.id for rule in rules if rule.direction == "protect"} == {"L12", "P01"}


def test_one_bad_file_stops_no_other(tmp_path: Path) -> None:
    folder = Path(__file__).parents[3] / "graph" / "rules"
    for rule in ("L01", "L05"):
        text = (folder / f"{rule}.sql").read_text("utf-8")
        (tmp_path / f"{rule}.sql").write_text(text.replace('"10wd"', '"whenever"') if rule == "L01" else text)
    (tmp_path / "E99.sql").write_bytes(b"-- title = \xd5\xc5\n")
    (tmp_path / "notes.txt").write_text("no rule")
    catalogue = load_catalogue(tmp_path)
    assert list(catalogue.rules) == ["L05"]
    assert [(problem.file, problem.line) for problem in catalogue.problems] == [
        ("E99.sql", 1),
        ("L01.sql", 9),
    ]
