"""The Settings tab: picklists and their values."""
