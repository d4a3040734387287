from pathlib import Path

from resolver.feeds.catalogue import feed_catalogue
from resolver.feeds.contract import contracts
from resolver.feeds.output import outputs

COMMITTED = Path(__file__).parents[3] / "docs" / "feeds.md"


def test_the_document_is_up_to_date() -> None:
    assert COMMITTED.read_text("utf-8") == feed_catalogue(), (
        "run: python -m resolver.feeds.catalogue > docs/feeds.md"
    )


def test_it_names_every_feed_and_column() -> None:
    text = feed_catalogue()
    for contract in contracts().values():
        assert f"\n### {contract.feed}\n" in text
        assert all(f"`{name}`" in text for name in contract.columns)
    assert all(f"\n### {feed} (written)\n" in text for feed in outputs())
