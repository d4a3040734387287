"""Makes ready in the background what a request would otherwise wait for."""

import gc

from api.published import Publications


class Warming:
    """Called after each look into the ledger: warms what is new, and lets the collector forget what has come to stay.

    Half a million objects of libraries and compiled code live as long as the service. The collector would look
    through them all now and then, which takes .2 seconds in which nobody is answered; once frozen, it looks only at
    what requests leave behind. What is published is freed as before when another takes its place: it is in no
    circle, so its last reader frees it, not the collector.
    """

    def __init__(self, publications: Publications) -> None:
        self._publications = publications
        self._frozen = False

    def __call__(self) -> None:
        """Make ready what is published now, unless it is."""
        if self._publications.warm() and not self._frozen:
            self._frozen = True
            gc.collect()
            gc.freeze()
