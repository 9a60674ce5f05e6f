"""Rules that hold for all packages."""
