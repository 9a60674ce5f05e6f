"""The MRR engine: pure functions of amounts and dates, without Django, database or clock."""
