"""Reports of recurring revenue: the data set of a page, and what is computed from it."""
