"""Database code of the CRM: exact sums, time zones, indexes."""
