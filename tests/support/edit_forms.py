"""Submission of edit forms with the version that their page shows."""


def post_edit(client, url, fields, **options):
    """Open the form's page and submit the fields with its version; return the response."""
    return client.post(url, {"version": shown_version(client.get(url)), **fields}, **options)


def shown_version(page):
    """Return the version in a page's form, "" if there is none."""
    return (page.context or {}).get("version") or ""
