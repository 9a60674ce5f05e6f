"""Database triggers that write the audit trail, and keep it from being changed."""
