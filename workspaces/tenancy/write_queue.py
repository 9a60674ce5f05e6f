"""Limits how many threads of this process wait for one workspace's write lock.

A server has few threads. Without a limit, a long operation in one workspace would let everyone who saves
there hold a thread until it is over, and pages of all other workspaces would wait with them.
"""

from collections import Counter
from contextlib import contextmanager
from threading import Condition

from django.db import OperationalError

PLACES = 3  # requests of one workspace that write, or wait for the lock of the database; of four threads
PATIENCE_SECONDS = 3  # that a further one waits for a place


class WriteQueue:
    """Counts the writing requests of each workspace in this process."""

    def __init__(self):
        self.condition, self.counts = Condition(), Counter()

    @contextmanager
    def place(self, slug):
        """Hold one of the workspace's places; OperationalError (503, nothing was saved) if none is free."""
        with self.condition:
            if not self.condition.wait_for(lambda: self.counts[slug] < PLACES, PATIENCE_SECONDS):
                raise OperationalError("Too many requests wait for the write lock of one workspace.")
            self.counts[slug] += 1
        try:
            yield
        finally:
            with self.condition:
                self.counts[slug] -= 1
                if not self.counts[slug]:
                    del self.counts[slug]
                self.condition.notify_all()


waiting_room = WriteQueue()
