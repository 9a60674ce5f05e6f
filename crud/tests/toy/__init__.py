"""A library of books: two plain models on the CRUD kit, with no workspace and no CRM around them."""
