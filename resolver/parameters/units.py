"""Units of administration: provinces, cities, counties, and functional zones, which GB/T 2260 does not know.

Scope, reports and letters go by unit. A unit that has no code of its own maps to the county around it, so that the
region code of a person, which is always a county's, finds all units that may be meant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from resolver.identifiers import county_codes


@dataclass(frozen=True)
class Unit:
    """A functional zone, or a county or city by its code.

    Attributes:
        key: Its statistics code if it has one, else the code of the county around it and its ordinal among the zones
            there (`370811-2`): stable, and never a code of GB/T 2260 that means something else.
        name: Full name.
        parent: Code of the city.
        county: GB/T 2260 code of the county that it is, or that lies around it.
        is_zone: Whether it is a functional zone.
    """

    key: str
    name: str
    parent: str
    county: str
    is_zone: bool


@cache
def zone_units() -> Mapping[str, Unit]:
    """The functional zones by key."""
    units: dict[str, Unit] = {}
    around: dict[str, int] = {}
    for zone in county_codes.zones():
        around[zone.county] = around.get(zone.county, 0) + 1
        key = zone.code or f"{zone.county}-{around[zone.county]}"
        units[key] = Unit(key, zone.name, zone.city, zone.county, True)
    return MappingProxyType(units)


def unit_of(key: str) -> Unit | None:
    """The unit with a key; None if there is no such zone, and no county or city of that code today."""
    zone = zone_units().get(key)
    if zone is not None:
        return zone
    name = county_codes.name(key) if county_codes.is_current(key) else None
    return Unit(key, name, f"{key[:4]}00", key, False) if name else None


def units_of_county(county: str) -> tuple[Unit, ...]:
    """The county and the zones in it: all units that may be responsible for a person of this region code."""
    own = unit_of(county)
    zones = tuple(unit for unit in zone_units().values() if unit.county == county)
    return (*((own,) if own else ()), *zones)
