"""Middleware that logs each request."""

import time
import traceback

from django.db import DatabaseError, connection

from socius.logging import current_request, logger, request_id


class RequestLogMiddleware:
    """Outermost middleware: assigns each request an id and logs its response.

    The id goes out as X-Request-ID, for whoever reports an error. It is the proxy's where one is
    trusted, so that its log can be read beside ours.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.id = request_id(request)
        began, queries, token = time.perf_counter(), QueryCounter(), current_request.set(request)
        try:
            with connection.execute_wrapper(queries):
                response = self.get_response(request)
            response["X-Request-ID"] = request.id
            facts = {
                "status": response.status_code,
                "ms": round((time.perf_counter() - began) * 1000),
                "queries": queries.number,
            }
            logger.info("request", extra={"facts": facts})
        finally:
            current_request.reset(token)
        return response


class QueryCounter:
    """Counts the database statements; closes the cursor of a failing one immediately.

    Django's error and the frame that raised it form a reference cycle that keeps the cursor alive until
    garbage collection, in any thread. On SQLite, closing a cursor waits for its connection, which may be
    waiting for the write lock. If the collecting thread
    holds that lock, both wait, and every writer with them: a deadlock.
    """

    number = 0

    def __call__(self, execute, *statement):
        self.number += 1
        try:
            return execute(*statement)
        except DatabaseError as error:
            traceback.clear_frames(error.__traceback__)
            raise
