"""Two birth dates in plain values: which two may be one date written in two ways."""

from calendar import isleap
from datetime import date
from functools import cache

from lunar_python import Solar
from rapidfuzz.distance import OSA, Hamming

from resolver.linkage.levels import BirthDate
from resolver.linkage.lunar import FIRST_YEAR, LAST_YEAR


def birth_level(one: date, other: date) -> BirthDate:
    """Level of two birth dates."""
    if one == other:
        return BirthDate.SAME
    if one == written_lunar(other) or other == written_lunar(one):
        return BirthDate.LUNAR
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return BirthDate.SWAPPED
    written = _typed(one, other), _typed(other, one)
    if Hamming.distance(*written) == 1:
        return BirthDate.ONE_DIGIT
    if is_swap_of_neighbours(*written):
        return BirthDate.TRANSPOSED
    if abs(one.year - other.year) == 1 and written[0][4:] == written[1][4:]:
        return BirthDate.YEAR_OFF
    return BirthDate.SAME_YEAR if one.year == other.year else BirthDate.DIFFERENT


def _typed(day: date, other: date) -> str:
    """A date's digits as typed beside another one: what a 29 February became in a year that has none is one again."""
    beside = (other.month, other.day) == (2, 29) and (day.month, day.day) in ((2, 28), (3, 1))
    written = day.isoformat().replace("-", "")
    return f"{written[:4]}0229" if beside and not isleap(day.year) else written


def is_one_date(one: date, other: date) -> bool:
    """Whether two dates may be one date written in two ways."""
    return birth_level(one, other) <= BirthDate.YEAR_OFF


@cache
def written_lunar(day: date) -> date | None:
    """The day's date in the lunar calendar, read as a solar one; None if the solar calendar has no such date."""
    if not FIRST_YEAR < day.year < LAST_YEAR:
        return None
    lunar = Solar.fromYmd(day.year, day.month, day.day).getLunar()
    try:
        return date(lunar.getYear(), abs(lunar.getMonth()), lunar.getDay())
    except ValueError:
        return None


def is_swap_of_neighbours(one: str, other: str) -> bool:
    """Whether two texts equally long differ by two neighbours that changed places, and nothing else.

    Such a swap is one edit of the optimal string alignment distance, and two of Hamming's.
    """
    return Hamming.distance(one, other) == 2 and OSA.distance(one, other) == 1
