"""Views of the CRUD kit: lists, one record, edits, deletion, exports."""
