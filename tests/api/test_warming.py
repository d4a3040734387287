"""What is published is made ready once, and freed without the collector."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from api.published import Publications
from api.warming import Warming
from resolver.ledger.ledger import Ledger


@pytest.fixture
def publications(workspace_copy) -> Iterator[Publications]:
    """What is published, looked up."""
    with Ledger.open(workspace_copy.ledger_url) as ledger:
        found = Publications(workspace_copy, ledger)
        found.refresh()
        yield found
        found.close()


@pytest.fixture
def unfrozen() -> Iterator[None]:
    """Nothing is frozen before and after."""
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_it_is_made_ready_once(publications, monkeypatch):
    published = publications.current()
    asked, read = [], []
    match = published.matcher.match
    monkeypatch.setattr(published.matcher, "match", lambda *given: asked.append(given) or match(*given))
    monkeypatch.setattr(published.matcher, "read", lambda: read.append(len(asked)))
    assert publications.warm()
    assert not publications.warm()
    assert len(asked) == 1
    assert read == [0]


@pytest.mark.usefixtures("unfrozen")
def test_what_has_come_to_stay_is_frozen_once_all_is_ready(publications):
    warming = Warming(publications)
    assert gc.get_freeze_count() == 0
    warming()
    frozen = gc.get_freeze_count()
    assert frozen > 1000
    more = [[n] for n in range(1000)]
    warming()
    assert gc.get_freeze_count() < frozen + len(more)


@pytest.mark.usefixtures("unfrozen")
def test_nothing_is_frozen_while_nothing_is_published(publications):
    publications.close()
    Warming(publications)()
    assert gc.get_freeze_count() == 0


def test_what_was_published_is_freed_by_its_last_reader(publications):
    """Frozen objects are never collected: were it in a circle, its snapshot could not be deleted any more."""
    publications.warm()
    published = publications.current()
    assert published.rules
    assert published.findings.num_columns
    held = weakref.ref(published)
    del published
    gc.disable()
    try:
        publications.close()
        assert held() is None
    finally:
        gc.enable()
