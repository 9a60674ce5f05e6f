"""Parsers and normalization of typed text. No database."""
