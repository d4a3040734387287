"""What full text search finds a node by: the terms it is indexed under, and the words of a query.

Chinese is not cut into words: a name is indexed under its single characters and its pairs of neighbouring
characters, so that 张, 张三 and 三丰 all find 张三丰. Terms hold letters, digits and non-ASCII characters only;
those that stand for something else than their text begin with a letter: `n` a whole name, `r` a number read
backwards (to find it by its end), `d` the date part of a resident number, `b` a birth date.

An index over terms may hold more than it should (terms of an older version of the node, pairs that do not stand
together): `Query.matches` decides.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Literal

from graph.elements import Value
from graph.schema import NODES, Searched

_MIN_END = 4
_MIN_BEGINNING = 6
_WHOLE, _BORN = "name", "birth_date"
_MAX_SYLLABLES = 4  # longer runs of pinyin are found by the whole only
_LATIN = re.compile(r"[a-z]+")
_RESIDENT = re.compile(r"\d{17}[\dx]")
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅․●", "·"))

Kind = Literal["han", "latin", "number"]


@dataclass(frozen=True)
class _Fields:
    """The searched values of one node, in comparison form."""

    names: tuple[str, ...]
    runs: frozenset[str]
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Word:
    """One condition of a query.

    Attributes:
        kind: What it is compared with: names; pinyin and Latin names; numbers and phones.
        text: In comparison form.
    """

    kind: Kind
    text: str

    def holds(self, fields: _Fields) -> bool:
        if self.kind == "han":
            return any(self.text in name for name in fields.names)
        if self.kind == "latin":
            return self.text in fields.runs
        return any(self._in_number(number) for number in fields.numbers)

    def _in_number(self, number: str) -> bool:
        size = len(self.text)
        return (
            number == self.text
            or (size >= _MIN_BEGINNING and number.startswith(self.text))
            or (size >= _MIN_END and number.endswith(self.text))
            or (size == 8 and _RESIDENT.fullmatch(number) is not None and number[6:14] == self.text)
        )


@dataclass(frozen=True)
class Query:
    """A parsed search.

    Attributes:
        words: All of them must hold.
        whole: The whole text in the form of a name.
        birth_date: Only persons born on this day.
    """

    words: tuple[Word, ...]
    whole: str
    birth_date: date | None = None

    def matches(self, label: str, properties: Mapping[str, Value]) -> bool:
        """Whether a node is found."""
        if self.birth_date is not None and properties.get("birth_date") != self.birth_date:
            return False
        fields = _fields(label, properties)
        return bool(self.words) and all(word.holds(fields) for word in self.words)

    def is_name_of(self, properties: Mapping[str, Value]) -> bool:
        """Whether the whole text is exactly the name of a node."""
        name = properties.get("name")
        return isinstance(name, str) and comparison_form(name) == self.whole


def parse_query(text: str, birth_date: date | None = None) -> Query:
    """Understand what a user typed.

    Latin words that follow each other are one (`zhang san` is `zhangsan`). A number of fewer than four
    characters finds nothing.
    """
    words: list[Word] = []
    for part in unicodedata.normalize("NFKC", text).casefold().split():
        form = comparison_form(part)
        if not form:
            continue
        kind: Kind = "han" if not form.isascii() else "latin" if form.isalpha() else "number"
        if kind == "latin" and words and words[-1].kind == "latin":
            words[-1] = Word("latin", words[-1].text + form)
        else:
            words.append(Word(kind, form))
    return Query(tuple(words), comparison_form(text), birth_date)


def index_terms(label: str, properties: Mapping[str, Value]) -> list[str]:
    """Terms to index a node under, each once."""
    terms: list[str] = []
    for name, kind in searched_properties(label):
        for value in _values(properties.get(name)):
            terms += value_terms(kind, value)
    return list(dict.fromkeys(terms))


@cache
def searched_properties(label: str) -> tuple[tuple[str, str], ...]:
    """Properties of a label from whose values terms are made, with the kind of value; none when it is not searched."""
    searched = _searched(label)
    if not searched:
        return ()
    beside = [(p.name, p.name) for p in NODES[label].properties if p.name in (_WHOLE, _BORN)]
    return (*((name, f"part of {kind}" if kind == _WHOLE else kind) for name, kind in searched), *beside)


def value_terms(kind: str, value: str) -> Sequence[str]:
    """Terms of one value of a kind that `searched_properties` gives."""
    if kind == _WHOLE:
        return (whole_name_term(comparison_form(value)),)
    if kind == _BORN:
        return (birth_date_term(value),)
    if kind == "pinyin":
        return _runs(value)
    if kind in ("number", "phone"):
        return _number_terms(comparison_form(value))
    return _name_terms(value)


def whole_name_term(form: str) -> str:
    """Term of a whole name in comparison form."""
    return "n" + form


def birth_date_term(iso: str) -> str:
    """Term of a birth date."""
    return "b" + iso.replace("-", "")


def required_terms(word: Word) -> list[list[tuple[str, bool]]]:
    """What a node must be indexed under to be found by a word.

    Returns:
        A conjunction of alternatives; each alternative is a term and whether it is only the beginning of one.
        No alternatives: nothing can be found.
    """
    text = word.text
    if word.kind == "han":
        return [[(text, False)]] if len(text) == 1 else [[(pair, False)] for pair in _pairs(text)]
    if word.kind == "latin":
        return [[(text, False)]]
    if len(text) < _MIN_END:
        return [[]]
    ways = [("r" + text[::-1], True)]
    if len(text) >= _MIN_BEGINNING:
        ways.append((text, True))
    if len(text) == 8:
        ways.append(("d" + text, False))
    return [ways]


def comparison_form(text: str) -> str:
    """Text as names and numbers are compared: half width, lower case, no spaces and no ASCII punctuation."""
    if text.isascii() and text.isalnum():
        return text.lower()
    return _form_of_name(text)


@lru_cache(maxsize=1 << 17)
def _form_of_name(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.translate(_DOTS)).casefold()
    if plain.isalnum():
        return plain
    return "".join(c for c in plain if c.isalnum() or (not c.isascii() and not c.isspace()))


@cache
def _searched(label: str) -> tuple[tuple[str, Searched], ...]:
    return tuple((p.name, p.searched) for p in NODES[label].properties if p.searched)


def _values(value: Value) -> list[str]:
    """The values of a property as texts; a node lacks what it has no value for."""
    if not value:
        return []
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]


def _fields(label: str, properties: Mapping[str, Value]) -> _Fields:
    names: list[str] = []
    runs: set[str] = set()
    numbers: list[str] = []
    for name, kind in _searched(label):
        values = _values(properties.get(name))
        if kind == "pinyin":
            runs.update(*map(_runs, values))
        elif kind in ("name", "former_name"):
            names += map(comparison_form, values)
        else:
            numbers += map(comparison_form, values)
    for form in names:
        runs.update(_LATIN.findall(form))
    return _Fields(tuple(names), frozenset(runs), tuple(numbers))


@lru_cache(maxsize=1 << 17)
def _runs(pinyin: str) -> tuple[str, ...]:
    syllables = [comparison_form(s) for s in pinyin.split()]
    count = len(syllables)
    runs = {
        "".join(syllables[i:j])
        for i in range(count)
        for j in range(i + 1, min(i + _MAX_SYLLABLES, count) + 1)
    }
    return tuple(runs | {"".join(syllables)})


@lru_cache(maxsize=1 << 17)
def _name_terms(name: str) -> tuple[str, ...]:
    form = comparison_form(name)
    return (*form, *_pairs(form), *_LATIN.findall(form))


def _pairs(form: str) -> list[str]:
    return [form[i : i + 2] for i in range(len(form) - 1)]


def _number_terms(number: str) -> tuple[str, ...]:
    if not number:
        return ()
    terms = (number, "r" + number[::-1])
    return (*terms, "d" + number[6:14]) if _RESIDENT.fullmatch(number) else terms
