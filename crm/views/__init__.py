"""Pages of records, the trash and the search."""
