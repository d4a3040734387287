"""`guiyi neo4j`: a Neo4j server of one's own, for trying and for a single machine."""

from pathlib import Path
from typing import Annotated

import typer

from api.console import print_json, say
from api.session import JsonOption
from graph.neo4j_server import Memory, Server
from graph.neo4j_server import running as running_server
from graph.neo4j_server import start as start_server
from graph.neo4j_server import stop as stop_server

server_app = typer.Typer(
    no_args_is_help=True, help="A Neo4j server of one's own: one folder, this machine only."
)

DirectoryOption = Annotated[Path, typer.Option(help="Where the server and its data lie.")]


@server_app.command()
def start(
    directory: DirectoryOption = Path(".neo4j"),
    heap: Annotated[
        str | None, typer.Option(help="Memory for its queries; default: as last time, at first 1g.")
    ] = None,
    page_cache: Annotated[
        str | None, typer.Option(help="Memory for its data; default: as last time, at first 512m.")
    ] = None,
    http: Annotated[bool, typer.Option("--http", help="Offer the HTTP interface as well.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Fetch the server if it is not there, start it, and say what to write into guiyi.toml."""
    memory = Memory(heap or "1g", page_cache or "512m") if heap or page_cache else None
    _tell(start_server(directory, memory, http=http), as_json=as_json)


@server_app.command()
def stop(directory: DirectoryOption = Path(".neo4j")) -> None:
    """Stop the server; its data stay."""
    say("stopped" if stop_server(directory) else "no server was running")


@server_app.command()
def status(directory: DirectoryOption = Path(".neo4j"), as_json: JsonOption = False) -> None:
    """Say whether the server runs, and where."""
    server = running_server(directory)
    if server is not None:
        _tell(server, as_json=as_json)
        return
    if as_json:
        print_json({"running": False})
    else:
        say(f"no server is running in {directory}")
    raise typer.Exit(1)


def _tell(server: Server, *, as_json: bool) -> None:
    if as_json:
        facts = {
            "uri": server.uri,
            "password_file": server.password_file,
            "server": server.folder,
            "pid": server.pid,
        }
        print_json({"running": True, **facts})
        return
    say(f"Neo4j runs at {server.uri} (pid {server.pid}); in guiyi.toml:\n")
    say(server.settings)
