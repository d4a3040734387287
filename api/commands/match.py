"""`guiyi match`: who is meant by a description, or by each of those in a file."""

from pathlib import Path
from typing import Annotated

import typer

from api.match_report import audit, matched, show
from api.published import Publications
from api.session import JsonOption, WorkspaceOption, opened
from resolver.errors import LinkageError
from resolver.standardize.example_file import read_examples


def match(  # noqa: PLR0913, PLR0917  (each is an option)
    name: Annotated[str, typer.Option(help="Name 姓名.")] = "",
    former_name: Annotated[str, typer.Option(help="Former name 曾用名.")] = "",
    id_number: Annotated[str, typer.Option(help="ID number 证件号码.")] = "",
    sex: Annotated[str, typer.Option(help="Sex 性别.")] = "",
    birth_date: Annotated[str, typer.Option(help="Birth date 出生日期, in any form.")] = "",
    phone: Annotated[str, typer.Option(help="Phone 电话.")] = "",
    address: Annotated[str, typer.Option(help="Address 地址.")] = "",
    employer: Annotated[str, typer.Option(help="Employer 单位.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="A table of descriptions (xlsx, csv), one a row, instead of options.")
    ] = None,
    k: Annotated[int, typer.Option("--k", min=1, max=50, help="At most so many persons each.")] = 5,
    full: Annotated[bool, typer.Option("--full", help="Show ID numbers and phones unmasked.")] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who is meant by a description, and why.

    Values are understood as in departments' files and weighed as by the monthly linkage. The look is in the audit
    trail, on disk before it is shown.
    """
    given = {
        "name": name, "former_name": former_name, "id_number": id_number, "sex": sex, "birth_date": birth_date,
        "phone": phone, "address": address, "employer": employer,
    }  # fmt: skip
    values = {attribute: text for attribute, text in given.items() if text.strip()}
    if (file is None) == (not values):
        raise LinkageError(
            "nobody is described" if file is None else "a file and a description are given at once",
            remedy="Give a value such as --name or --id-number, or a table with --file.",
        )
    with opened(workspace) as (held, ledger):
        publications = Publications(held, ledger)
        try:
            publications.refresh()
            published = publications.current()
            answers = matched(published, [(None, values)] if file is None else read_examples(file), k)
            audit(ledger, answers, published, full=full)
        finally:
            publications.close()
    show(answers, full=full, as_json=as_json)
