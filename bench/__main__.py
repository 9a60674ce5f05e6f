"""python -m bench [--scale M] [--database postgresql]: `make bench`."""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from postgresql import cluster  # noqa: E402

# Settings of a small server, with PostgreSQL's defaults for fsync, checkpoints and autovacuum.
POSTGRESQL = (
    "--listen_addresses= --shared_buffers=1GB --effective_cache_size=4GB --maintenance_work_mem=256MB "
    "--max_wal_size=4GB --random_page_cost=1.1"
)


@contextlib.contextmanager
def start_database(kind):
    """Yield the DATABASE_URL of a new database."""
    if kind == "postgresql":
        with cluster(POSTGRESQL) as url:
            yield url
    else:
        with tempfile.TemporaryDirectory(prefix="socius-") as folder:
            yield f"sqlite:///{folder}/socius.sqlite3"


def main():
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--scale", default="M", choices="SML")
    parser.add_argument("--database", default="postgresql", choices=["postgresql", "sqlite"])
    parser.add_argument("--url", help="of a database that bench_fill has filled at this scale")
    parser.add_argument("--requests", type=int, help="of the look at memory")
    options = parser.parse_args()
    begun = time.monotonic()
    with contextlib.nullcontext(options.url) if options.url else start_database(options.database) as url:
        os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "bench.settings"}
        import django
        from django.core.management import call_command

        django.setup()
        # A separate process: the settings derive the static files storage from the command line.
        collect = [sys.executable, "manage.py", "collectstatic", "--clear", "--no-input", "--verbosity", "0"]
        subprocess.run(collect, cwd=ROOT, check=True)
        if not options.url:
            call_command("migrate", verbosity=0)
            call_command("bench_fill", options.scale)
        from bench.run import run_bench

        result = run_bench(options.scale, options.requests)
    result["seconds_in_all"] = round(time.monotonic() - begun)
    path = ROOT / "var" / f"bench-{options.scale}-{result['database']}.json"
    path.write_text(json.dumps(result, indent=1))
    print(f"\nAll of it took {result['seconds_in_all']} s; as JSON: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
