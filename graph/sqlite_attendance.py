"""Who was treated at the same facility on the same day, in the embedded graph store."""

from graph.elements import stable_number
from graph.sqlite_reading import Reading, day_of
from graph.view import Attendance

_SERVICES = ("RECEIVED", "PROVIDED_BY")


def attendances(reading: Reading, person: int, days: int, limit: int) -> tuple[Attendance, ...]:
    """See `GraphView.attendances`."""
    received, provided = (reading.types((name,)) for name in _SERVICES)
    if reading.node(person) is None or any(name not in reading.codes for name in _SERVICES):
        return ()
    own: set[tuple[int, int]] = set()
    for treatment in reading.others([person], received)[person]:
        own.update(_provisions(reading, treatment, provided))
    chosen = sorted(own, key=lambda visit: (-visit[0], visit[1]))[:days]
    facilities = {stable_number(node.id): node for node in reading.nodes({number for _, number in chosen})}
    found: list[Attendance] = []
    for days_since_1970, facility in chosen:
        day = day_of(days_since_1970)
        others = _patients(reading, facility, days_since_1970)
        others.discard(person)
        if others and day is not None:
            first = tuple(reading.nodes(sorted(others)[:limit]))
            found.append(Attendance(facilities[facility], len(others), first, len(others) > limit, day))
    return tuple(sorted(found, key=lambda a: (-a.day.toordinal(), a.via.id)))


def _provisions(reading: Reading, treatment: int, provided: str) -> list[tuple[int, int]]:
    """(first day, facility) of a treatment."""
    rows = reading.db.execute(
        f"SELECT valid_from, other FROM adjacent WHERE n = ? AND {reading.live}{reading.edge_seen}{provided} "
        "AND valid_from IS NOT NULL",
        (treatment,),
    )
    return rows.fetchall()


def _patients(reading: Reading, facility: int, day: int) -> set[int]:
    """Everyone treated at a facility from a day on.

    The facility's side is read through the index `adjacent_day`, for a hospital has a million treatments.
    """
    code = reading.codes["PROVIDED_BY"]
    received = reading.types(("RECEIVED",))
    treatments = (
        f"SELECT DISTINCT other FROM adjacent WHERE n = ? AND type = {code} AND valid_from = ? "
        f"AND {reading.live}{reading.edge_seen}"
    )
    rows = reading.db.execute(
        f"SELECT DISTINCT adjacent.other FROM ({treatments}) AS treated CROSS JOIN adjacent "
        f"ON adjacent.n = treated.other WHERE {reading.live}{reading.edge_seen}{received}",
        (facility, day),
    )
    return {row[0] for row in rows}
