"""The rules of the package, and folders with bad files among good ones."""

from pathlib import Path

from graph.rules.catalogue import load_catalogue

CATALOGUE = load_catalogue()


def test_every_file_is_sound() -> None:
    assert CATALOGUE.problems == ()


def test_no_hold_for_the_wrongly_dead() -> None:
    rule = CATALOGUE.rules["L12"]
    assert rule.direction == "protect"
    assert "false AS hold_allowed" in rule.sql
    assert rule.silences == ("L01", "L02", "L03", "L05", "L06", "L07", "L10")


def test_one_bad_file_stops_no_other(tmp_path: Path) -> None:
    folder = Path(__file__).parents[3] / "graph" / "rules"
    for rule in ("L01", "L05"):
        text = (folder / f"{rule}.sql").read_text("utf-8")
        (tmp_path / f"{rule}.sql").write_text(text.replace('"10wd"', '"whenever"') if rule == "L01" else text)
    (tmp_path / "E99.sql").write_bytes(b"-- title = \xd5\xc5\n")
    (tmp_path / "notes.txt").write_text("no rule")
    catalogue = load_catalogue(files=sorted(tmp_path.glob("*.sql")))
    assert list(catalogue.rules) == ["L05"]
    assert [(problem.file, problem.line) for problem in catalogue.problems] == [
        ("E99.sql", 1),
        ("L01.sql", 9),
    ]
