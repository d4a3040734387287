"""How good leads for third-party liability are: of thousands of injuries one in twenty is another's doing.

    python -m benchmarks.liability [--persons 12000] [--injuries 4000] [--seed 1] [--profile typical] [--json]

The whole line runs over the departments' files with their errors; then the leads are held against the truth:
all planted ones found or listed as candidates, and precision among the first k, k being how many are planted.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.month import guiyi
from resolver.synthetic.build import build_world
from resolver.synthetic.city import write_city


def measured(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Make the city in `folder`, run the month, and compare the leads with the truth."""
    city, workspace = folder / "city", str(folder / "workspace")
    world = build_world(options.persons, options.seed, 1, options.profile, injuries=options.injuries)
    write_city(city, world, options.profile, lambda _stage, _done, _total: None)
    care = world.facts["W28"]
    guiyi("init", workspace)
    guiyi("month", str(city), "--workspace", workspace)
    leads = guiyi("evaluate", "--truth", str(city), "--workspace", workspace)["leads"]
    trauma = sum(care["trauma_flag"].to_pylist())
    return {"persons": options.persons, "profile": options.profile, "trauma_visits": trauma, **leads}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=12_000)
    parser.add_argument("--injuries", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--profile", default="typical", choices=["typical", "hard"])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measured(Path(folder), options)
    if options.json:
        sys.stdout.write(json.dumps(result, ensure_ascii=False, indent=2) + "\n")
        return
    for name, value in result.items():
        lines = value if isinstance(value, list) else None
        sys.stdout.write(f"{name}: {len(lines) if lines is not None else value}\n")
        for line in lines or []:
            sys.stdout.write(f"    {json.dumps(line, ensure_ascii=False)}\n")


if __name__ == "__main__":
    main()
