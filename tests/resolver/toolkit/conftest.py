"""Records of a made-up city of 2,000 persons, received and standardised as every month is, and a model of them."""

from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
import pytest

from resolver.feeds.intake import ReceiveOptions, receive
from resolver.ledger.ledger import Ledger
from resolver.linkage.model import Model
from resolver.pipeline import resolve
from resolver.synthetic.city import synthesize
from resolver.toolkit import to_frame
from resolver.workspace import Workspace

City = tuple[pa.Table, Model]
MakeCity = Callable[[int, str], City]


@pytest.fixture(scope="session")
def make_city(tmp_path_factory: pytest.TempPathFactory) -> MakeCity:
    def make(persons: int, profile: str) -> City:
        folder = tmp_path_factory.mktemp("city")
        synthesize(folder / "city", persons, seed=11, months=1, profile=profile)
        workspace = Workspace.create(folder / "workspace")
        with workspace.writer(), Ledger.open(workspace.ledger_url) as ledger:
            options = ReceiveOptions(now=datetime(2026, 11, 3, tzinfo=UTC))
            receive(workspace, ledger, [folder / "city"], options)
            snapshot = resolve(workspace, ledger)
        model = Model.read(workspace.models / f"{snapshot.manifest['model_version']}.json")
        return snapshot.read("records"), model

    return make


@pytest.fixture(scope="session")
def two_thousand(make_city: MakeCity) -> City:
    return make_city(2_000, "typical")


@pytest.fixture(scope="session")
def city_model(two_thousand: City) -> Model:
    return two_thousand[1]


@pytest.fixture(scope="session")
def few(two_thousand: City) -> pd.DataFrame:
    """600 records of people born within few years, in no order."""
    by_birth = to_frame(two_thousand[0]).sort_values(["birth_date", "id_number"], kind="stable")
    return by_birth.head(600).sample(frac=1.0, random_state=3)
