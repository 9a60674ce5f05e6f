"""The proofs of the walls: a file per row, or family of rows, of the table of tests we hold ourselves to.

Each has its canary: the same check, run on a planted defect, goes red. A test that never failed proves
nothing.
"""
