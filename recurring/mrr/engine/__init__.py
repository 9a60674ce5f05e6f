"""Inside of the Ledger: inputs, changes of one profile, and their accumulation by month."""
