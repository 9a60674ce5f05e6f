"""Middleware that renders a page for 405 responses."""

from django.shortcuts import redirect, render
from django.urls import get_script_prefix


class MethodNotAllowedMiddleware:
    """Replaces Django's empty 405 response to a GET of a POST-only view with a page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code == 405 and getattr(request, "draft", None) is not None:
            return redirect(request.draft_back or get_script_prefix())  # the page with the submitted button
        if response.status_code == 405 and not response.content:
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response
