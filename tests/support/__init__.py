"""Helpers of tests, and pytest plugins."""
