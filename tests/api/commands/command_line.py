"""Commands as a user types them."""

import json
from typing import Any

from typer.testing import CliRunner

from api.cli import app


def run(*arguments: Any) -> Any:
    """What became of a command."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def parsed(result: Any) -> Any:
    """What a command that went well printed as JSON."""
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)
