"""Sessions: storage, timeouts, and drafts of forms that outlive them."""
