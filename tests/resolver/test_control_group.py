from pathlib import Path

import pytest

from resolver.control_group import UNLIMITED, free_memory


def group(folder: Path, files: dict[str, object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_text(f"{content}\n")


def second(limit: object, used: int, spare: int = 0) -> dict[str, object]:
    return {"memory.max": limit, "memory.current": used, "memory.stat": f"anon 7\ninactive_file {spare}"}


def first(limit: int, used: int, spare: int = 0) -> dict[str, object]:
    stat = f"inactive_file 1\ntotal_inactive_file {spare}"
    return {"memory.limit_in_bytes": limit, "memory.usage_in_bytes": used, "memory.stat": stat}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / "own"


def test_without_groups_there_is_no_limit(tmp_path: Path, own: Path) -> None:
    assert free_memory(tmp_path, own) == UNLIMITED


def test_a_containers_own_group_is_the_root(tmp_path: Path, own: Path) -> None:
    own.write_text("0::/../../elsewhere\n")
    group(tmp_path, second(1_000_000, 400_000))
    assert free_memory(tmp_path, own) == 600_000


def test_the_narrowest_of_the_groups_around_it_decides(tmp_path: Path, own: Path) -> None:
    own.write_text("0::/user.slice/session.scope\n")
    group(tmp_path, second("max", 9_000_000))
    group(tmp_path / "user.slice", second(5_000_000, 4_500_000))
    group(tmp_path / "user.slice" / "session.scope", second(2_000_000, 1_000_000))
    assert free_memory(tmp_path, own) == 500_000


def test_groups_of_the_first_version(tmp_path: Path, own: Path) -> None:
    own.write_text("5:devices:/\n4:memory:/service\n0::/\n")
    group(tmp_path / "memory", first(9_223_372_036_854_771_712, 1))
    group(tmp_path / "memory" / "service", first(3_000_000, 1_000_000))
    group(tmp_path / "service", second(1, 1))  # of a controller that does not limit memory
    assert free_memory(tmp_path, own) == 2_000_000


def test_cache_that_would_be_dropped_counts_as_free(tmp_path: Path, own: Path) -> None:
    group(tmp_path, second(1_000_000, 900_000, 300_000))
    assert free_memory(tmp_path, own) == 400_000


def test_more_used_than_allowed_leaves_nothing(tmp_path: Path, own: Path) -> None:
    group(tmp_path, second(1_000_000, 1_200_000))
    assert free_memory(tmp_path, own) == 0
