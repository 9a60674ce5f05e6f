"""Filters of lists, on django-filter."""
