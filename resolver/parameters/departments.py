"""The register of departments: which body has a role on a day, and in a functional zone; see `departments.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from resolver.errors import SettingsError
from resolver.parameters.units import unit_of, zone_units


@dataclass(frozen=True)
class Name:
    """A name that a department has had.

    Attributes:
        text: The name.
        since: First day.
        until: Last day; None while it is in use.
    """

    text: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Department:
    """A role and who has had it.

    Attributes:
        role: Key, as in feed contracts and rule headers.
        title: What it does, in English.
        names: Oldest first, without a gap.
        agency: The body that does the handling (经办) where it is another one; empty otherwise.
        also: Other bodies that share the role.
        seed: Policies that name it: S1, S2.
        zones: Key of a functional zone -> its own body for the role.
    """

    role: str
    title: str
    names: tuple[Name, ...]
    agency: str
    also: tuple[str, ...]
    seed: tuple[str, ...]
    zones: Mapping[str, str]

    def name_on(self, day: date, unit: str = "") -> str:
        """The name of the body that had the role on a day, in a zone its own one.

        Args:
            day: The day.
            unit: Key of the unit (`resolver.parameters.units`); empty = the name as such.

        Raises:
            ValueError: The role did not exist yet.
        """
        if unit in self.zones:
            return self.zones[unit]
        for name in self.names:
            if name.since <= day and (name.until is None or day <= name.until):
                found = unit_of(unit) if unit else None
                return f"{found.name}{name.text}" if found else name.text
        raise ValueError(f"no department had the role {self.role} on {day}")


@cache
def departments() -> Mapping[str, Department]:
    """All departments by role.

    Raises:
        SettingsError: The file lacks something, has a gap between names, or names a zone that does not exist.
    """
    text = (resources.files("resolver.parameters") / "departments.toml").read_text("utf-8")
    return MappingProxyType(parse_departments(tomllib.loads(text), "departments.toml"))


def parse_departments(raw: Mapping[str, Any], where: str) -> dict[str, Department]:
    """The departments of a parsed file; see `departments` for what it raises."""
    by_name = {unit.name: unit.key for unit in zone_units().values()}
    bodies: dict[str, dict[str, str]] = {}
    for zone, roles in raw.get("zones", {}).items():
        if zone not in by_name:
            raise SettingsError(f"{where}: there is no zone {zone}", remedy=f"Zones: {', '.join(by_name)}")
        for role, body in roles.items():
            bodies.setdefault(role, {})[by_name[zone]] = body
    unknown = sorted(set(bodies) - set(raw["roles"]))
    if unknown:
        raise SettingsError(
            f"{where}: a zone names the role {unknown[0]}, which is none", remedy="Correct it."
        )
    return {
        role: _department(role, table, bodies.get(role, {}), where) for role, table in raw["roles"].items()
    }


def _department(role: str, table: Mapping[str, Any], zones: Mapping[str, str], where: str) -> Department:
    try:
        names = tuple(
            Name(
                text=entry["name"],
                since=date.fromisoformat(entry["from"]),
                until=date.fromisoformat(entry["until"]) if "until" in entry else None,
            )
            for entry in table["names"]
        )
        title = table["title"]
    except (KeyError, ValueError) as error:
        raise SettingsError(f"{where}, role {role}: {error}", remedy="Correct the file.") from error
    for before, after in pairwise(names):
        if before.until is None or (after.since - before.until).days != 1:
            raise SettingsError(
                f"{where}, role {role}: {after.text} does not follow {before.text} the day after",
                remedy="Correct `from` or `until`.",
            )
    if not names or names[-1].until is not None:
        raise SettingsError(
            f"{where}, role {role}: nobody has the role today", remedy="Leave out the last `until`."
        )
    return Department(
        role=role,
        title=title,
        names=names,
        agency=table.get("agency", ""),
        also=tuple(table.get("also", ())),
        seed=tuple(table.get("seed", ())),
        zones=MappingProxyType(dict(zones)),
    )
