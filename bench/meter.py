"""Cost of a request in a header: `Server-Timing: sql;dur=1.9;desc="7", cpu;dur=8.1`."""

import time

from django.db import connection
from django.http import HttpResponse

FLOOR = "/floor"
PAGE = b"<!doctype html><title>floor</title>" + b"<p>Nothing is looked up, nobody is asked for.</p>\n" * 620


class Meter:
    """Outermost middleware. Serves the baseline itself: a constant page of 30 KB."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == FLOOR:
            return HttpResponse(PAGE)
        queries = Queries()
        begun = time.thread_time()
        with connection.execute_wrapper(queries):
            response = self.get_response(request)
        cpu = (time.thread_time() - begun) * 1000
        sql = queries.seconds * 1000
        response["Server-Timing"] = f'sql;dur={sql:.2f};desc="{queries.count}", cpu;dur={cpu:.2f}'
        return response


class Queries:
    """Counts and times the database queries in a block."""

    def __init__(self):
        self.count = self.seconds = 0

    def __call__(self, execute, sql, params, is_many, context):
        begun = time.perf_counter()
        try:
            return execute(sql, params, is_many, context)
        finally:
            self.count += 1
            self.seconds += time.perf_counter() - begun
