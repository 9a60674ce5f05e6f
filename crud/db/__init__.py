"""Expressions and prefetching that the databases need."""
