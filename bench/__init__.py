"""How fast Socius is, measured: `make bench` fills a throw-away database, serves it and asks for every page.

scales.py says how large; workspaces.py makes the rows and bulk.py writes them (`manage.py bench_fill`);
pages.py is the budget table, run.py goes through it. settings.py is the product's with a meter.
"""
