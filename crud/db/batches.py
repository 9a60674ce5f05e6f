"""Batches of long lists, for statements that must stay short and locks that must not last."""

from itertools import islice


def split_into_batches(items, size):
    """Yield the items in lists of at most `size`; itertools.batched needs Python 3.12."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
