"""Filters that a search suggests."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Suggestion:
    """An exact filter in place of a search word."""

    name: str
    text: str
    color: str
    parameters: object
