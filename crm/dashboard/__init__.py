"""The dashboard: its queries, report lines, charts and periods."""
