"""Traps that lie in how a cell is written: old numbers, rounded ones, lost characters, lunar dates, broken encodings.

Each instance overrides one row of one feed and names it together with the person's row in the household register,
which linkage should bring together. Only rows are taken that carry nothing else planted. Numbers of the traps are those
of the list of forty in the project's notes on identity data.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from resolver.synthetic import confusions
from resolver.synthetic.cells import write_dates
from resolver.synthetic.departments import departments
from resolver.synthetic.draws import Bools, Ints, mix, salt
from resolver.synthetic.identity_errors import EPOCH, lunar_as_solar, misspell, mistype
from resolver.synthetic.inhabitants import Inhabitants, in_one_piece
from resolver.synthetic.world import Override, Trap, World

_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_DOTS = ("•", "・", ".", "‧", "")
_PRIVATE = "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864"  # what old fonts and Python make of FE59 … FEA0


@dataclass(frozen=True)
class _Person:
    """What a trap is made from: the true values of a person."""

    name: str
    number: str
    birth: date


@dataclass(frozen=True)
class _Kind:
    """A kind of trap: where it is set, for whom, and what is written instead.

    Attributes:
        write: From the person and a running number to the text.
        fits: For whom the trap makes sense.
    """

    trap: int
    name: str
    feed: str
    role: str
    column: str
    write: Callable[[_Person, int], str]
    fits: Callable[[_Person], bool]


def _old_number(person: _Person, _i: int) -> str:
    return person.number[:6] + person.number[8:17]


def _slipped_number(person: _Person, i: int) -> str:
    return mistype(person.number, 0, i * 7919)


def _other_x(person: _Person, i: int) -> str:
    whole = person.number.translate(_FULL_WIDTH)
    return (person.number[:17] + "x", person.number[:17] + "×", person.number[:17] + "Ｘ", whole)[i % 4]


def _rounded_number(person: _Person, _i: int) -> str:
    return f"{float(person.number[:15] + '000'):.14E}"


def _shown_number(person: _Person, _i: int) -> str:
    return f"{float(person.number[:15] + '000'):.5E}"


def _confused_name(person: _Person, i: int) -> str:
    variant = "".join(confusions.VARIANTS.get(char, char) for char in person.name)
    if i % 3 == 2 and variant != person.name:
        return variant
    return misspell(person.name, i % 2, i)[0]


def _lost_character(person: _Person, i: int) -> str:
    last = person.name[-1]
    pinyin = confusions.syllables().get(last, "?").upper()
    return person.name[:-1] + ("?", "□", "*", pinyin)[i % 4]


def _other_dot(person: _Person, i: int) -> str:
    if i % 6 == 5:
        return person.name[:10] if len(person.name) > 10 else person.name[:5]
    return person.name.replace("·", _DOTS[i % 6])


def _private_character(person: _Person, i: int) -> str:
    if i % 3 == 2:
        return "锟斤拷" * 2
    if i % 3 == 1:
        return misdecoded(person.name)
    return person.name[:-1] + _PRIVATE[i % len(_PRIVATE)]


def misdecoded(text: str) -> str:
    """What becomes of UTF-8 that is read as GBK; who knows that can read it again."""
    return text.encode("utf-8").decode("gbk", errors="replace").replace("\ufffd", "?")


def _written(feed: str, day: date) -> str:
    return str(write_dates(pa.array([day]), departments()[feed].dates)[0].as_py())


def _lunar(person: _Person, _i: int) -> str:
    return _written("W12", EPOCH + timedelta(days=lunar_as_solar((person.birth - EPOCH).days)))


def _placeholder(_person: _Person, i: int) -> str:
    return _written("W11", (date(1900, 1, 1), date(1970, 1, 1))[i % 2])


def _resident(person: _Person) -> bool:
    return len(person.number) == 18


def _had_old(person: _Person) -> bool:
    return _resident(person) and 1900 <= person.birth.year < 2000


def _han(person: _Person) -> bool:
    return all("\u4e00" <= char <= "\u9fff" for char in person.name)


_KINDS = (
    _Kind(3, "15-digit number", "W12", "pensioner", "id_number", _old_number, _had_old),
    _Kind(6, "one keystroke wrong", "W28", "patient", "id_number", _slipped_number, _resident),
    _Kind(7, "x, ×, full width", "W28", "patient", "id_number", _other_x, lambda p: p.number.endswith("X")),
    _Kind(8, "rounded by a spreadsheet", "W21", "holder", "id_number", _rounded_number, _resident),
    _Kind(8, "rounded by a spreadsheet", "W28", "patient", "id_number", _shown_number, _resident),
    _Kind(16, "homophone, shape, variant", "W28", "patient", "name", _confused_name, _han),
    _Kind(17, "character lost or spelt", "W12", "pensioner", "name", _lost_character, _han),
    _Kind(18, "dots", "W28", "patient", "name", _other_dot, lambda p: "·" in p.name),
    _Kind(20, "lunar birth date", "W12", "pensioner", "birth_date", _lunar, _resident),
    _Kind(21, "placeholder birth date", "W11", "insured", "birth_date", _placeholder, _resident),
    _Kind(40, "broken encoding", "W11", "insured", "name", _private_character, _han),
)  # fmt: skip


def add_rendering_traps(world: World, inhabitants: Inhabitants) -> None:
    """Add the traps to a world's overrides and traps; the same world always gets the same ones."""
    per_kind = int(np.clip(len(inhabitants) // 4000, 3, 40))
    registered = _first_fact(world, "W07", "person", len(inhabitants))
    taken = {feed: _taken(world, feed) for feed in world.facts}
    for kind in _KINDS:
        order = _shuffled(world, kind, taken[kind.feed], registered)
        subject = in_one_piece(world.facts[kind.feed][kind.role]).to_numpy(zero_copy_only=False)
        chosen = _fitting(kind, inhabitants, subject, order)
        for i, (fact, person) in zip(range(per_kind), chosen, strict=False):
            value = kind.write(person, i)
            world.overrides.append(Override(kind.feed, fact, kind.column, value))
            anchor = int(registered[subject[fact]])
            facts = ((kind.feed, fact, kind.role), ("W07", anchor, "person"))
            world.traps.append(Trap(kind.trap, kind.name, "same", facts, f"{kind.column} written {value}"))
            taken[kind.feed][fact] = True


def _fitting(
    kind: _Kind, inhabitants: Inhabitants, subject: Ints, order: Ints
) -> Iterator[tuple[int, _Person]]:
    seen: set[int] = set()
    for fact in order.tolist():
        number = int(subject[fact])
        values = [inhabitants.column(name)[number].as_py() for name in ("name", "id_number", "birth_date")]
        if number in seen or None in values:
            continue
        seen.add(number)
        person = _Person(*values)
        if kind.fits(person):
            yield fact, person


def _shuffled(world: World, kind: _Kind, taken: Bools, registered: Ints) -> Ints:
    """Facts of the feed that nothing else is planted on, of registered persons, in an order of their own."""
    subject = in_one_piece(world.facts[kind.feed][kind.role]).to_numpy(zero_copy_only=False)
    free = np.flatnonzero(~taken & (subject >= 0))
    free = free[registered[subject[free]] >= 0]
    order: Ints = free[np.argsort(mix(salt(world.seed, "trap", kind.trap, kind.feed), free), kind="stable")]
    return order


def _taken(world: World, feed: str) -> Bools:
    taken = np.zeros(world.facts[feed].num_rows, dtype=np.bool_)
    for conflict in world.conflicts:
        taken[[fact for name, fact in conflict.facts if name == feed]] = True
    for trap in world.traps:
        taken[[fact for name, fact, _ in trap.facts if name == feed]] = True
    taken[[override.fact for override in world.overrides if override.feed == feed]] = True
    return taken


def _first_fact(world: World, feed: str, role: str, n: int) -> Ints:
    """Person -> the first fact of the feed about them; -1 if none."""
    subject = in_one_piece(world.facts[feed][role]).to_numpy(zero_copy_only=False)
    first = np.full(n + 1, -1, dtype=np.int64)
    first[subject[::-1]] = np.arange(len(subject) - 1, -1, -1)
    return first[:n]
