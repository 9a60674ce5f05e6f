"""Database code of the CRM: exact sums, time zones, operations of migrations."""
