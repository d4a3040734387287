"""`guiyi serve`: the API."""

from typing import Annotated

import typer

from api.server import listening, serve_on
from api.session import WorkspaceOption, opened

PortOption = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]


def serve(
    workspace: WorkspaceOption = None,
    host: Annotated[str, typer.Option(help="Address to listen on; TLS is the gateway's.")] = "127.0.0.1",
    port: PortOption = 8600,
) -> None:
    """Serve the API over what is published.

    A month that is published while it runs is served from then on. Ctrl+C ends it.
    """
    with opened(workspace) as (held, _), listening(host, port) as socket:
        serve_on(socket, held)
