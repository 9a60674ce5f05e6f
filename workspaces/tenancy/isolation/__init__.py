"""Row-level security on PostgreSQL and its counterpart on SQLite."""
