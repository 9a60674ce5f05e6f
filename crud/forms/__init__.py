"""Form fields, normalization of one-line text, and three-way merge of edits."""
