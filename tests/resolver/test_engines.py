import subprocess
import sys

import pytest

from resolver.engines import ENGINES, engine
from resolver.errors import SettingsError
from resolver.linkage.engine import link
from resolver.toolkit import link_with_toolkit


def test_every_engine_is_found_by_name() -> None:
    assert [engine(name) for name in ENGINES] == [link, link_with_toolkit]


def test_another_name_is_refused() -> None:
    with pytest.raises(SettingsError, match="no engine 'splink'"):
        engine("splink")


def test_the_slow_toolkit_is_loaded_only_where_it_is_asked_for() -> None:
    code = "import sys, resolver.engines, resolver.linkage.evaluation; print('recordlinkage' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
