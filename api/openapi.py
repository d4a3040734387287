"""The OpenAPI document of the service, as `docs/openapi.json` holds it: `python -m api.openapi > docs/openapi.json`."""

import json
import sys
import tempfile
from pathlib import Path

from api.app import create_app
from resolver.workspace import Workspace


def document() -> str:
    """The document, the same for every workspace."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Workspace.create(Path(folder) / "workspace"))
        return json.dumps(app.openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
