"""What happens to names, dates and places in Latin script between a person and a directory of persons."""

import re
import unicodedata
from random import Random

from benchmarks.linkage_data.latin_names import Place, other_forms


def _changes(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((old, new) for old, new in (change.split(">") for change in text.split()))


_FOLDED = dict(_changes("ä>ae ö>oe ü>ue ß>ss ø>oe å>aa æ>ae ł>l Ä>Ae Ö>Oe Ü>Ue Ø>Oe Å>Aa"))
_PLAIN = dict(_changes("ß>ss ø>o æ>ae ł>l Ł>L Ø>O"))
_SPELLINGS = _changes(
    "ph>f ck>k k>ck y>i i>y ie>y tt>t t>tt ll>l l>ll nn>n n>nn sch>sh w>v v>w c>k k>c ei>ey ai>ay dt>t th>t ts>cz "
    "ov>off ev>eff ski>sky sky>ski ch>tsch sh>sch son>sen sen>son mann>man meyer>maier eau>aut er>ar ee>ea oo>ou "
    "z>s s>z ley>leigh more>moor ford>forth den>don s>ss e> h>"
)
_SCANS = _changes("rn>m m>rn e>c c>e u>n n>u h>li l>t t>l a>o o>a i>l g>q S>5 B>R f>t y>v")
_TITLES = {
    False: ("Sir", "Dr.", "Rev.", "Mr", "Capt.", "Prof.", "Hon."),
    True: ("Mrs", "Lady", "Miss", "Mme", "Frau"),
}


def without_diacritics(text: str, rng: Random) -> str:
    """The text in plain letters: folded (Mueller) or merely stripped (Muller)."""
    table = _FOLDED if rng.random() < 0.5 else _PLAIN
    replaced = "".join(table.get(c, c) for c in text)
    return "".join(c for c in unicodedata.normalize("NFD", replaced) if not unicodedata.combining(c))


def respelt(text: str, rng: Random) -> str:
    """Another spelling of the same sound, not of the first letter."""
    fitting = [(old, new) for old, new in _SPELLINGS if old in text[1:]]
    if not fitting:
        return typed_wrong(text, rng)
    old, new = rng.choice(fitting)
    return text[0] + text[1:].replace(old, new, 1)


def misread(text: str, rng: Random) -> str:
    """As a machine reads a worn page."""
    fitting = [pair for pair in _SCANS if pair[0] in text]
    if not fitting:
        return typed_wrong(text, rng)
    old, new = rng.choice(fitting)
    places = [m.start() for m in re.finditer(re.escape(old), text)]
    at = rng.choice(places)
    return text[:at] + new + text[at + len(old) :]


def typed_wrong(text: str, rng: Random) -> str:
    """One letter lost, doubled, wrong, or two neighbours swapped."""
    if len(text) < 3:
        return text
    at, kind = rng.randrange(1, len(text) - 1), rng.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    if kind == 2:
        return text[:at] + rng.choice("abcdefghiklmnoprstuvwz") + text[at + 1 :]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def written(text: str, rate: float, rng: Random) -> str:
    """A text with the errors of writing, each with its share times the rate."""
    if not text.isascii() and rng.random() < 0.35:
        text = without_diacritics(text, rng)
    for share, change in ((0.055, respelt), (0.03, misread), (0.035, typed_wrong)):
        if rng.random() < share * rate:
            text = change(text, rng)
    return text


def given_as_written(names: tuple[str, ...], female: bool, rate: float, rng: Random) -> str | None:
    """A person's given names as one record has them: short, in full, as initials, by another form, with a title."""
    first, chance = names[0], rng.random()
    if rng.random() < 0.10 + 0.06 * rate and other_forms().get(first):
        first = rng.choice(other_forms()[first])
    if chance < 0.03 * rate:
        return None
    if chance < 0.07 * rate:
        return " ".join(f"{n[0]}." for n in names)
    if chance < 0.09 * rate and len(names) > 1:
        text = names[1]
    elif len(names) > 1 and chance < 0.45:
        text = " ".join((first, *names[1:])) if chance < 0.28 else f"{first} {names[1][0]}."
    else:
        text = first
    text = written(text, rate, rng)
    return f"{rng.choice(_TITLES[female])} {text}" if rng.random() < 0.05 else text


def family_as_written(name: str, married: str | None, rate: float, rng: Random) -> str:
    """A family name: by birth or marriage or both, with or without its particle."""
    if married and (chance := rng.random()) < 0.42:
        forms = (married, f"{married}-{name}", f"{name} {married}", f"{married} née {name}")
        name = forms[0 if chance < 0.28 else 1 if chance < 0.32 else 2 if chance < 0.36 else 3]
    if name[0].islower() and rng.random() < 0.3:
        name = name.split()[-1]
    elif " " in name and rng.random() < 0.3:
        name = name.split()[0] if name[0].isupper() else name.replace(" ", "", 1)
    text = written(name, rate, rng)
    return text.upper() if rng.random() < 0.04 else text


def date_as_written(year: int, month: int, day: int, rate: float, rng: Random) -> str | None:
    """A birth date as far as the record knows it, in ISO order."""
    if rng.random() < 0.10 + 0.05 * rate:
        return None
    if rng.random() < 0.025 * rate:
        year += rng.choice((-10, -3, -2, -1, -1, -1, 1, 1, 1, 2, 3, 10))
    chance = rng.random()
    if chance < 0.20 + 0.08 * rate:
        return f"{year:04d}"
    if rng.random() < 0.03 * rate:
        day = min(max(day + rng.choice((-10, -2, -1, 1, 2, 3, 10)), 1), 28)
    if rng.random() < 0.015 * rate and day <= 12:
        month, day = day, month
    if rng.random() < 0.015 * rate:
        month = rng.randint(1, 12)
    return f"{year:04d}-{month:02d}" if chance > 0.94 else f"{year:04d}-{month:02d}-{day:02d}"


def place_as_written(place: Place, missing: float, rate: float, rng: Random) -> str | None:
    """A place by one of its names, with or without region (in full or short) and country."""
    if rng.random() < missing:
        return None
    if rng.random() < 0.05:
        return rng.choice((place.region, f"{place.region}, {place.country[0]}"))
    name = rng.choice(place.names) if rng.random() < 0.3 else place.names[0]
    parts = [written(name, rate, rng)]
    if rng.random() < 0.55:
        parts.append(place.region_short if rng.random() < 0.35 else place.region)
    if rng.random() < 0.35:
        parts.append(rng.choice(place.country))
    return ", ".join(parts)
