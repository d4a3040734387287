"""The one-record match over a snapshot: its index lies beside the look-ups and is made when first needed."""

from resolver.derived import made_once
from resolver.linkage.index import MatchIndex
from resolver.linkage.index_files import index_name, make_index, write_index
from resolver.linkage.model import Model
from resolver.lookup import FOLDER, Lookup
from resolver.snapshot import Snapshot


def open_match_index(snapshot: Snapshot, lookup: Lookup, model: Model) -> MatchIndex:
    """The one-record match of a snapshot; its index is made first if it is not there.

    Args:
        snapshot: The snapshot.
        lookup: Its look-ups, for the values that explanations show.
        model: The model version that made it.

    Raises:
        SnapshotError: There is no space or right to make the index.
        LinkageError: The index is damaged.
    """
    folder = made_once(
        snapshot.folder / FOLDER / index_name(model),
        lambda target: write_index(
            make_index(lookup.person_records, snapshot.read("members"), model), target, model
        ),
    )
    return MatchIndex.open(folder, lookup.person_records, model)
