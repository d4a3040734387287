"""An incremental run gives what a full run gives, to the last bit, and leaves the same for the next one."""

import gc
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.errors import LinkageError
from resolver.linkage import completion, regrouping, state_files
from resolver.linkage.delivered import Delivered
from resolver.linkage.descriptions import FEW
from resolver.linkage.engine import Linkage
from resolver.linkage.incremental import Run, link_changes, link_from
from resolver.linkage.model import Model
from resolver.linkage.state import State
from resolver.linkage.state_files import open_state, write_state
from resolver.linkage.whole_state import arrays_in_order

Build = Callable[[list[dict[str, Any]]], pa.Table]
Town = tuple[pa.Table, np.ndarray[tuple[int], np.dtype[np.int64]]]
Number = Callable[[str, date, int], str]
Row = dict[str, Any]


@dataclass(frozen=True)
class Said:
    decision: Literal["same", "different", "undo"]
    record_key_l: int
    record_key_r: int


def assert_same(run: Run, records: pa.Table, model: Model, said: Sequence[Said] = ()) -> None:
    """Hold a run against a full one: the tables, the counts, and the state."""
    whole = link_from(None, records, model, said)
    assert_same_linkage(run.linkage, whole.linkage)
    assert_same_state(run.state, whole.state)


def assert_same_linkage(one: Linkage, other: Linkage) -> None:
    assert one.pairs.equals(other.pairs)
    assert one.members.equals(other.members)
    assert one.ambiguous.equals(other.ambiguous)
    assert one.report == other.report


def assert_same_state(one: State, other: State) -> None:
    for (name, mine), (other_name, others) in zip(arrays_in_order(one), arrays_in_order(other), strict=True):
        assert (name, mine.dtype) == (other_name, others.dtype)
        assert np.array_equal(mine, others, equal_nan=mine.dtype.kind == "f"), name
    for name in ("ambiguous", "same", "different"):
        assert np.array_equal(getattr(one.known, name), getattr(other.known, name)), name
    assert one.known.report == other.known.report


def stepped(run: Run, records: pa.Table, model: Model, said: Sequence[Said] = ()) -> Run:
    return link_changes(run.state, Delivered(records), model, said)


@pytest.fixture(scope="module", autouse=True)
def _long_lived_objects_are_left_aside() -> Iterator[None]:
    """A full run collects garbage several times; what was imported and compiled need not be looked through again."""
    gc.freeze()
    yield
    gc.unfreeze()


class World:
    """What the walks go through; no data class, because hypothesis would print all of it.

    Attributes:
        records: Part of the town, and descriptions repeated so often that the first of them stands for the others.
        model: The town's model.
        tight: The model with so low a limit on blocks that they cross it in both directions.
    """

    def __init__(self, records: pa.Table, model: Model) -> None:
        blocking = replace(model.settings.blocking, cap=3, hard_cap=5)
        self.records = records
        self.model = model
        self.tight = replace(model, settings=replace(model.settings, blocking=blocking))


@pytest.fixture(scope="module")
def world(small_town: Town, records: Build, model: Model) -> World:
    return World(crowded(small_town, records), model)


def crowded(small_town: Town, records: Build) -> pa.Table:
    town = small_town[0].slice(0, 420)
    some = town.slice(100, 3).to_pylist()
    repeated = [row | {"source_key": f"visit:{n}"} for row in some for n in range(FEW + 2)]
    repeated += [{"name": "王伟", "source_key": f"visit:{n}"} for n in range(FEW + 3)]
    keyed = [row | {"record_key": 4 + 42 * n} for n, row in enumerate(repeated)]
    return pa.concat_tables([town, records(keyed)]).unify_dictionaries().sort_by("record_key")


def judgements(chance: Random, keys: list[int]) -> list[Said]:
    """Some that do not contradict one another: a record judged different is never judged the same."""
    chosen = chance.sample(keys, min(len(keys), 8))
    pairs = list(zip(chosen[::2], chosen[1::2], strict=True))
    return [Said("same" if n % 2 else "different", a, b) for n, (a, b) in enumerate(pairs)]


def walk(
    records: pa.Table,
    model: Model,
    chance: Random,
    steps: int,
    between: Callable[[Run], Run] = lambda run: run,
) -> None:
    """Deliver and take away records at random, judge and undo; after every step hold the result against a full run."""
    n = records.num_rows
    every = records.column("record_key").to_pylist()
    said = judgements(chance, every)
    present = [chance.random() < 0.6 for _ in range(n)]
    run = link_from(None, records.filter(pa.array(present)), model, said)
    for _ in range(steps):
        share = chance.choice([0.0, 0.01, 0.05, 0.3])
        present = [there != (chance.random() < share) for there in present]
        kept = [one for one in said if chance.random() < 0.7]
        said = kept + (judgements(chance, every) if not kept else [])
        delivered = [row for row, there in enumerate(present) if there]
        chance.shuffle(delivered)
        now = records.take(delivered)
        run = stepped(between(run), now, model, said)
        assert_same(run, now, model, said)
        assert run.facts["mode"] == "incremental"


SEARCH = settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])


@given(st.integers(0, 10**9))
@SEARCH
def test_deliveries_in_any_order_and_removals(world: World, seed: int) -> None:
    walk(world.records, world.model, Random(seed), steps=3)


@given(st.integers(0, 10**9))
@SEARCH
def test_blocks_that_cross_the_limit(world: World, seed: int) -> None:
    walk(world.records, world.tight, Random(seed), steps=3)


def with_large_groups_of(largest: int, records: pa.Table, model: Model, chance: Random) -> None:
    """A walk on which groups of more records than usual are large: only candidates are compared in them."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (completion, regrouping):
            patch.setattr(module, "LARGEST", largest)
        walk(records, model, chance, steps=3)


@given(st.integers(0, 10**9))
@SEARCH
def test_large_groups(world: World, seed: int) -> None:
    with_large_groups_of(6, world.records, world.model, Random(seed))


@given(st.integers(0, 10**9))
@settings(SEARCH, max_examples=4)
def test_deliveries_that_go_on_from_what_lies_on_the_disk(world: World, seed: int) -> None:
    """Each step reads what the one before wrote, which is now and then a new base."""
    chance = Random(seed)
    with TemporaryDirectory() as scratch:
        folders = (Path(scratch) / str(number) for number in count())

        def reopened(run: Run) -> Run:
            folder = next(folders)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(state_files, "LARGE", chance.choice([0.0, 0.25, 10.0]))
                write_state(run.state, folder)
            state = open_state(folder)
            assert state is not None
            return replace(run, state=state)

        walk(world.records, world.tight, chance, steps=4, between=reopened)


@pytest.mark.soak
@given(st.integers(0, 10**9), st.sampled_from([3, 6, 50]), st.booleans())
@settings(max_examples=100, suppress_health_check=list(HealthCheck))
def test_everything_at_once(world: World, seed: int, largest: int, is_tight: bool) -> None:
    model = world.tight if is_tight else world.model
    with_large_groups_of(largest, world.records, model, Random(seed))


def strangers(n: int, **values: Any) -> list[Row]:
    return [{"record_key": 100 + place, "name": "欧阳娜娜", **values} for place in range(n)]


def test_a_block_that_outgrows_the_limit_takes_its_pairs_with_it(world: World, records: Build) -> None:
    six = records(strangers(6))
    run = link_from(None, six.slice(0, 5), world.tight)
    assert run.linkage.pairs.num_rows == 10
    run = stepped(run, six, world.tight)
    assert run.linkage.pairs.num_rows == 0
    assert_same(run, six, world.tight)
    run = stepped(run, six.slice(1), world.tight)
    assert run.linkage.pairs.num_rows == 10
    assert_same(run, six.slice(1), world.tight)


def test_another_record_comes_to_stand_for_a_repeated_description(
    world: World, records: Build, resident_number: Number
) -> None:
    """The second record is judged different from some other, so nothing stands for it; then the first one goes."""
    number = resident_number("371002", date(1980, 1, 2), 15)
    rows = [*strangers(FEW + 3, id_number=number), {"record_key": 900, "name": "王伟"}]
    every, said = records(rows), [Said("different", 101, 900)]
    run = link_from(None, every, world.model, said)
    assert run.state.known.repeats.held.all()
    assert 1 not in run.state.known.repeats.row
    run = stepped(run, every.slice(1), world.model, said)
    assert set(run.state.numbering.row[run.state.known.repeats.first].tolist()) == {0}
    assert_same(run, every.slice(1), world.model, said)


def test_nothing_changed(world: World) -> None:
    run = link_from(None, world.records, world.model)
    again = link_from(run.state, world.records, world.model)
    assert_same_linkage(again.linkage, run.linkage)
    assert_same_state(again.state, run.state)
    assert again.facts == {
        "mode": "incremental",
        "records_new": 0,
        "records_gone": 0,
        "pairs_compared": 0,
        "groups_clustered": 0,
    }


@pytest.mark.parametrize(("before", "now"), [(0, 0), (0, 1), (1, 0), (1, 2), (2, 1)])
def test_few_records(world: World, before: int, now: int) -> None:
    run = link_from(None, world.records.slice(0, before), world.model)
    run = stepped(run, world.records.slice(0, now), world.model)
    assert_same(run, world.records.slice(0, now), world.model)


def test_only_pairs_of_new_records_are_compared(world: World, records: Build) -> None:
    """One new record of a lone person: its candidates, and nothing of the rest of the town."""
    run = link_from(None, world.records, world.model)
    twin = world.records.slice(17, 1).to_pylist()[0] | {"record_key": 10**12, "source_key": "other:1"}
    now = pa.concat_tables([world.records, records([twin])]).unify_dictionaries()
    run = stepped(run, now, world.model)
    assert_same(run, now, world.model)
    assert run.facts["records_new"] == 1
    assert 0 < run.facts["pairs_compared"] < 60
    assert run.facts["groups_clustered"] < 5


def test_another_model_version_is_a_full_run(world: World) -> None:
    run = link_from(None, world.records, world.model)
    again = link_from(run.state, world.records, world.tight)
    assert again.facts == {
        "mode": "full",
        "reason": f"the run before used model version {world.model.version}",
    }
    assert_same(again, world.records, world.tight)


def test_a_large_delivery_is_a_full_run(world: World) -> None:
    run = link_from(None, world.records.slice(0, 100), world.model)
    facts = link_from(run.state, world.records, world.model).facts
    assert facts == {"mode": "full", "reason": f"{world.records.num_rows - 100} records are new or gone"}


def test_contradictory_judgements_are_refused(world: World) -> None:
    run = link_from(None, world.records, world.model)
    a, b = world.records.column("record_key").to_pylist()[:2]
    with pytest.raises(LinkageError, match="judged different"):
        stepped(run, world.records, world.model, [Said("same", a, b), Said("different", a, b)])


def test_a_state_is_read_as_it_was_written(world: World, tmp_path: Path) -> None:
    run = link_from(None, world.records.slice(0, 300), world.model)
    write_state(run.state, tmp_path / "linkage")
    read = open_state(tmp_path / "linkage")
    assert read is not None
    assert_same_state(read, run.state)
    now = world.records.slice(5, 300)
    run = link_changes(read, Delivered(now), world.model)
    assert_same(run, now, world.model)
    write_state(run.state, tmp_path / "next")
    again = open_state(tmp_path / "next")
    assert again is not None
    assert_same_state(again, run.state)


@pytest.mark.parametrize("large", [0.0, 10.0])
def test_a_record_that_comes_goes_and_comes_back(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: float
) -> None:
    """Records of the base, and records that came later; on the way through files, with and without new bases."""
    monkeypatch.setattr(state_files, "LARGE", large)
    every = world.records.slice(0, 120)
    base, later = set(range(100)), {100, 101, 119}
    steps = [base, base | later, base - {3, 4, 50} | {101}, base - {4} | later, base | {119}, base | later]
    run = link_from(None, every.take(sorted(steps[0])), world.model)
    for number, rows in enumerate(steps[1:]):
        write_state(run.state, tmp_path / str(number))
        state = open_state(tmp_path / str(number))
        assert state is not None
        now = every.take(sorted(rows))
        run = link_changes(state, Delivered(now), world.model)
        assert_same(run, now, world.model)


def test_the_base_is_not_written_again(world: World, tmp_path: Path) -> None:
    """Its file gets another name, so the folder that it was in can go."""
    write_state(link_from(None, world.records.slice(0, 300), world.model).state, tmp_path / "first")
    state = open_state(tmp_path / "first")
    assert state is not None
    now = world.records.slice(2, 300)
    run = link_changes(state, Delivered(now), world.model)
    write_state(run.state, tmp_path / "second")
    first, second = (tmp_path / name / "base.bin" for name in ("first", "second"))
    assert first.samefile(second)
    assert (tmp_path / "second" / "since.bin").stat().st_size < second.stat().st_size / 4
    shutil.rmtree(tmp_path / "first")
    again = open_state(tmp_path / "second")
    assert again is not None
    assert_same(link_changes(again, Delivered(now), world.model), now, world.model)


def test_where_files_cannot_be_linked_the_base_is_written(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: Any) -> None:
        raise OSError("no links here")

    write_state(link_from(None, world.records.slice(0, 300), world.model).state, tmp_path / "first")
    state = open_state(tmp_path / "first")
    assert state is not None
    now = world.records.slice(2, 300)
    run = link_changes(state, Delivered(now), world.model)
    monkeypatch.setattr("os.link", refused)
    write_state(run.state, tmp_path / "second")
    again = open_state(tmp_path / "second")
    assert again is not None
    assert_same_state(again, run.state)


def test_a_state_that_cannot_be_used_is_left_aside(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "linkage"
    assert open_state(folder) is None
    write_state(link_from(None, world.records.slice(0, 50), world.model).state, folder)
    assert open_state(folder) is not None
    for file in ("base.bin", "since.bin"):
        whole = (folder / file).read_bytes()
        (folder / file).write_bytes(whole[:-1])
        assert open_state(folder) is None
        (folder / file).write_bytes(whole)
    text = (folder / "state.json").read_text("utf-8")
    for damaged in (
        "",
        "{}",
        "[]",
        text[:-5],
        text.replace('"software_version": "', '"software_version": "x'),
    ):
        (folder / "state.json").write_text(damaged, "utf-8")
        assert open_state(folder) is None
