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
    """How many statements were sent to the database; one that fails lets go of its cursor there and then.

    Django's error and the frame that raised it hold each other, and the cursor, until the garbage is
    collected: by any thread. On SQLite the end of a cursor waits for its connection, which may be waiting
    to write; is the collecting thread the one that writes, both wait, and with them all who want to save.
    """

    number = 0

    def __call__(self, execute, *statement):
        self.number += 1
        try:
            return execute(*statement)
        except DatabaseError as error:
            traceback.clear_frames(error.__traceback__)
            raise
