"""The audit trail: who did what, when, from where, to which record, old → new.

It is written by the database itself, by a trigger on every table of a workspace: what a form saves is in
it, and so is what a bulk update, a command or a line of SQL does. Only what no table tells is written by
the program: sign-ins, exports (see `hearing`). Entries stay as they are: see `guards`.

    audited.py      what a kind says of itself: its label, what it is a part of, what is left out
    acting.py       who acts, for the triggers to know
    entries.py      the model
    tables.py       which columns of which tables are told, and under which names
    sqlite.py, postgresql.py    the triggers of each
    sync.py         puts them in place after migrations
"""
