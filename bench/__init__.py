"""Performance benchmark: fill a database, serve it, and time every page (`make bench`).

scales.py says how large; workspaces.py makes the rows and bulk.py writes them (`manage.py bench_fill`);
pages.py is the budget table, run.py goes through it. settings.py is the product's with a meter.
"""
