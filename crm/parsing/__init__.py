"""Parsers of countries, legal forms and contact details. No database."""
