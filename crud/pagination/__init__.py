"""One page of a list, and the totals of all of it."""
