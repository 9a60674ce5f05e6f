"""One run through the budget table, with progress output."""

import os
import platform
import tempfile

from django.db import connection

from . import browser, measures, pages
from .scales import LARGEST, SCALES
from .server import Client, Server, free_port

SLOWER = {"postgresql": 1, "sqlite": 2}  # factor on each budget
MOST_MB, MOST_GROWN_BY_EXPORT = 120, 50
LEAST_PER_SECOND, EXPORT_SECONDS = 150, 5
# Requests of the memory test: 10,000 per worker at L.
REQUESTS = {"S": 2_000, "M": 2_000, "L": 20_000}
FIRST_KB, LATER_KB, LCP_MS = 200, 25, 500
HEADS = ["median", "p95", "CPU", "SQL", "queries", "bytes", "× floor", "budget", "of it", "× 1,000"]
LINE = "{:42}" + " {:>8}" * len(HEADS)


def run_bench(scale, requests=None):
    """Run the benchmark and return a JSON-ready dict; `requests` overrides the memory test's count."""
    result = {
        "scale": scale,
        "database": connection.vendor,
        "version": version(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }
    size = SCALES[scale]
    print(f"\nScale {scale}: {size.opportunities:,} opportunities in {size.workspaces} workspaces,")
    print(f"{size.largest:,} in the largest. {result['version']}, {result['cores']} cores.\n")
    print(LINE.format("milliseconds", *HEADS))
    with tempfile.NamedTemporaryFile("wb", prefix="socius-bench-") as log, Server(free_port(), log) as server:
        client = Client(server.address).sign_in()
        floor = measures.floor(client)
        result["pages"] = [measured.as_dict() for measured in table(client, floor)]
        result["export"] = export_list(server, client)
        result |= under_load(server, client, requests or REQUESTS[scale])
        result["browser"] = in_browser(client)
    return result


def version():
    captured = "version()" if connection.vendor == "postgresql" else "'SQLite ' || sqlite_version()"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {captured}")
        return cursor.fetchone()[0].partition(" (")[0]


def table(client, floor):
    """Measure and print each line of the budget table."""
    small = pages.small_rows()
    print(line_of(floor, floor))
    yield floor
    for row in pages.rows():
        measured = measures.page(client, row)
        measured.budget *= SLOWER[connection.vendor]
        if row.name in small:
            measured.small = measures.page(client, small[row.name]).median
        print(line_of(measured, floor), flush=True)
        yield measured


def line_of(result, floor):
    times = [f"{number:.1f}" for number in (result.median, result.p95, result.cpu, result.sql)]
    of_floor = f"{result.median / floor.median:.1f}"
    of_budget = [str(result.budget), f"{result.median / result.budget:.0%}"] if result.budget else ["", ""]
    of_small = f"{result.median / result.small:.2f}" if result.small else ""
    line = LINE.format(
        result.name, *times, result.queries, f"{result.bytes:,}", of_floor, *of_budget, of_small
    )
    return line + ("" if result.is_kept else "  over")


def export_list(server, client):
    """Export all open opportunities of the largest workspace to a file."""
    results = measures.measure_export(server, client, f"/w/{LARGEST}/{pages.LIST}?kind=open")
    say(
        "export of 100,000 rows",
        results["seconds_per_100000"],
        "s",
        EXPORT_SECONDS * SLOWER[connection.vendor],
    )
    say(f"  memory grew by ({results['rows']:,} rows)", results["grew_mb"], "MB", MOST_GROWN_BY_EXPORT)
    return results


def under_load(server, client, requests):
    """Measure the list over eight connections, then a mix of all pages and the workers' memory."""
    address = f"/w/{LARGEST}/{pages.LIST}"
    measures.load(client, [address], 200)
    per_second = measures.load(client, [address], 1_000)
    say("list, 8 connections", per_second, "a second", LEAST_PER_SECOND, is_least=True)
    everything = [row.address for row in pages.rows() if row.budget <= 30 and not row.changes]
    measures.load(client, everything, requests // 4)
    memory_before = max(server.memory())
    measures.load(client, everything, requests - requests // 4)
    memory_after = max(server.memory())
    say(f"a worker after {requests // 2:,} requests", memory_after, "MB", MOST_MB)
    say(f"  of that since {requests // 8:,} requests", memory_after - memory_before, "MB")
    return {
        "list_per_second": per_second,
        "worker_mb": memory_after,
        "worker_grew_mb": memory_after - memory_before,
    }


def in_browser(client):
    results = browser.visits(client.address, client.cookies)
    print(f"\n{'in Chromium':42} {'first KB':>9} {'later KB':>9} {'LCP':>7} {'later':>7} {'shift':>7}")
    for name, visits in results.items():
        first, later = visits["first"], visits["later"]
        is_kept = first["kb"] <= FIRST_KB and later["kb"] <= LATER_KB and first["lcp_ms"] <= LCP_MS
        print(
            f"{name:42} {first['kb']:9.1f} {later['kb']:9.1f} {first['lcp_ms']:7.0f} {later['lcp_ms']:7.0f} "
            f"{max(first['shift'], later['shift']):7.3f}{'' if is_kept else '  over'}"
        )
    return results


def say(name, number, unit, budget=None, is_least=False):
    is_kept = budget is None or (number >= budget if is_least else number <= budget)
    limit = "" if budget is None else f"{'at least' if is_least else 'at most'} {budget}"
    print(f"{name:42} {number:8.1f} {unit:9} {limit}{'' if is_kept else '  over'}", flush=True)
