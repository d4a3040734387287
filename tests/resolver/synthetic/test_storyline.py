"""Days that a rule with days of grace first speaks of in a period."""

import numpy as np
import pytest

from resolver.synthetic.storyline import days_overdue
from resolver.synthetic.timeline import Timeline, month_number


class _Lives:
    timeline = Timeline(month_number(2026, 8), 3)


@pytest.mark.parametrize("grace", [0, 30, 90])
def test_a_day_is_overdue_at_the_end_of_its_period_and_not_before(grace: int) -> None:
    timeline = _Lives.timeline
    periods = np.arange(6000) % 3
    days = days_overdue(_Lives(), periods, grace, 200, np.random.default_rng(1))
    for period in (1, 2):
        mine = days[periods == period]
        assert set(timeline.end(period) - mine - grace) == set(
            range(1, timeline.end(period) - timeline.end(period - 1) + 1)
        )
        assert (timeline.end(period - 1) - mine <= grace).all()
    history = timeline.end(0) - days[periods == 0] - grace
    assert (history.min(), history.max()) == (1, 201)
