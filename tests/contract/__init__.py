"""Rules for all packages."""
