"""Measurements: one page repeatedly, an export, concurrent requests, memory."""

import itertools
import statistics
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from .server import Client

WARM = 3  # warm-up requests, so that every worker thread has a connection
REQUESTS, SECONDS = 100, 5  # per page; fewer if they would take longer,
LEAST = 15  # but never fewer than these


@dataclass
class Measured:
    """Result of one line of the budget table."""

    name: str
    median: float  # milliseconds, as are p95, cpu and sql
    p95: float
    cpu: float = 0  # of the server's thread
    sql: float = 0  # waiting for the database
    queries: int = 0
    bytes: int = 0  # transferred
    budget: float = 0
    most_queries: int = 0
    requests: int = 0
    small: float = 0  # median of the same page in the workspace of 1,000

    @property
    def is_kept(self):
        return (not self.budget or self.median <= self.budget) and (
            not self.most_queries or self.queries <= self.most_queries
        )

    def as_dict(self):
        return asdict(self) | {"is_kept": self.is_kept}


def page(client, row):
    """Request a page until its median time is stable."""
    answers, numbers, begun = [], itertools.count(), time.monotonic()
    while len(answers) < WARM + LEAST or (
        len(answers) < WARM + REQUESTS and time.monotonic() - begun < SECONDS
    ):
        for path, field in row.changes:
            saved = client.save(f"/w/{row.workspace}/{path}", **{field: f"Website {next(numbers)}"})
            check(saved, 302)
        answer = saved if row.is_post else check(client.get(row.address, **row.headers), 200)
        answers.append(answer)
    return of(row.name, answers[WARM:], row.budget, row.queries)


def of(name, answers, budget=0, most_queries=0):
    times = sorted(answer.ms for answer in answers)
    return Measured(
        name,
        median=statistics.median(times),
        p95=times[int(len(times) * 0.95)],
        cpu=middle(answer.cpu for answer in answers),
        sql=middle(answer.sql for answer in answers),
        queries=int(max(answer.queries or 0 for answer in answers)),
        bytes=int(middle(len(answer.packed) for answer in answers)),
        budget=budget,
        most_queries=most_queries,
        requests=len(times),
    )


def middle(numbers):
    known_values = [number for number in numbers if number is not None]
    return statistics.median(known_values) if known_values else 0


def check(answer, status):
    if answer.status != status:
        raise RuntimeError(f"answered {answer.status}, not {status}: {answer.body[:500]}")
    return answer


def floor(client):
    """Measure the constant 30 KB page: the minimum time of this machine, server and client."""
    return of("floor: a constant page of 30 KB", [client.get("/floor") for _ in range(300)][WARM:])


@contextmanager
def watch_memory(server):
    """Yield a list that receives the largest memory growth of any worker in the block, in MB."""
    memory_before, maximum, is_over = server.memory(), [0.0], threading.Event()

    def watch():
        while not is_over.wait(0.05):
            maximum[0] = max(
                maximum[0],
                *(
                    current_time - later
                    for current_time, later in zip(server.memory(), memory_before, strict=True)
                ),
            )

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield maximum
    finally:
        is_over.set()
        watcher.join()


def measure_export(server, client, address):
    """Measure one export: seconds per 100,000 rows, the row count and worker memory growth in MB."""
    check(client.get(f"{address}&page=1"), 200)
    with watch_memory(server) as maximum:
        begun = time.perf_counter()
        answer = check(client.get(f"{address}&export=csv"), 200)
        seconds = time.perf_counter() - begun
    rows = answer.body.count("\r\n") - 1
    return {"seconds_per_100000": seconds / max(rows, 1) * 100_000, "rows": rows, "grew_mb": maximum[0]}


def load(client, addresses, requests, connections=8):
    """Return the requests per second over several connections that cycle through the URLs."""
    remaining, turn = iter(range(requests)), threading.Lock()
    failed = []

    def work():
        mine = Client(client.address, client.cookies)
        while True:
            with turn:
                number = next(remaining, None)
            if number is None:
                return
            answer = mine.get(addresses[number % len(addresses)])
            if answer.status != 200:
                failed.append(answer.status)

    workers = [threading.Thread(target=work) for _ in range(connections)]
    begun = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failed:
        raise RuntimeError(f"{len(failed)} of {requests} requests failed: {failed[:5]}")
    return requests / (time.perf_counter() - begun)
