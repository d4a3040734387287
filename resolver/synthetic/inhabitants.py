"""The true persons and organisations of a world, column by column, with what follows from them."""

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic.draws import Bools, Ints
from resolver.synthetic.world import World
from resolver.synthetic.written_addresses import N_WORDINGS, wordings


class Inhabitants:
    """Quick access to a world's persons and organisations by number; -1 is nobody."""

    def __init__(self, world: World) -> None:
        self._persons = world.persons
        self._organisations = world.organisations
        self._columns: dict[str, pa.Array] = {}

    def __len__(self) -> int:
        return int(self._persons.num_rows)

    def column(self, name: str) -> pa.Array:
        """A column of the persons table in one piece."""
        if name not in self._columns:
            self._columns[name] = in_one_piece(self._persons[name])
        return self._columns[name]

    def of(self, name: str, person: Ints) -> pa.Array:
        """Values of a column for some persons; null for -1."""
        return self.column(name).take(pa.array(person, mask=person < 0))

    def numbers(self, name: str) -> Ints:
        """A column of person or organisation numbers; null as -1."""
        column = pc.fill_null(self.column(name).cast(pa.int64()), -1)
        return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)

    def related(self, name: str, person: Ints) -> Ints:
        """Number of the spouse, mother, employer, … of some persons; -1 for nobody and of nobody."""
        return np.where(person < 0, -1, self.numbers(name)[person])

    def of_organisation(self, name: str, organisation: Ints) -> pa.Array:
        """Values of a column for some organisations; null for -1."""
        return in_one_piece(self._organisations[name]).take(pa.array(organisation, mask=organisation < 0))

    @cached_property
    def wordings(self) -> list[pa.Array]:
        """The names of all organisations in each of the wordings that departments use."""
        names = [wordings(name) for name in self._organisations["name"].to_pylist()]
        return [pa.array([name[k] for name in names], pa.string()) for k in range(N_WORDINGS)]

    @cached_property
    def birth_days(self) -> Ints:
        """Birth dates as days since 1970-01-01."""
        days = self.column("birth_date").cast(pa.int32()).cast(pa.int64())
        return np.asarray(days.to_numpy(zero_copy_only=False), dtype=np.int64)

    @cached_property
    def resident(self) -> Bools:
        """Whose number has 18 characters and a check digit."""
        return np.asarray(pc.fill_null(pc.utf8_length(self.column("id_number")), 0).to_numpy() == 18)

    @cached_property
    def moved(self) -> Bools:
        """Who lived elsewhere before."""
        return np.asarray(self.column("former_village").is_valid().to_numpy(zero_copy_only=False))

    @cached_property
    def next_of_kin(self) -> Ints:
        """Spouse, else a child, else a parent; -1 if alone."""
        child = np.full(len(self) + 1, -1, dtype=np.int64)
        for parent in ("father", "mother"):
            child[self.numbers(parent)[::-1]] = np.arange(len(self) - 1, -1, -1)
        return _first(self.numbers("spouse"), child[:-1], self.numbers("mother"), self.numbers("father"))

    @cached_property
    def family(self) -> Ints:
        """Whose number may be written by mistake: the spouse's, else a parent's; -1 if none."""
        return _first(self.numbers("spouse"), self.numbers("mother"), self.numbers("father"))


def in_one_piece(column: pa.ChunkedArray) -> pa.Array:
    """The column as one array."""
    combined = column.combine_chunks()
    return combined if isinstance(combined, pa.Array) else pa.concat_arrays(combined.chunks)


def _first(*choices: Ints) -> Ints:
    found = choices[0]
    for choice in choices[1:]:
        found = np.where(found < 0, choice, found)
    return found
