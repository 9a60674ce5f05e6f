"""Abstract models, one concern a file; crm.models.records puts them together."""
