"""Forms that edit a stored row, sent with the version that the page of the form shows."""


def post_edit(client, url, fields, **options):
    """Open the form's page and send the fields with the version it shows; return the answer."""
    return client.post(url, {"version": shown_version(client.get(url)), **fields}, **options)


def shown_version(page):
    """Return the version that a page's form carries, "" where it shows no such form."""
    return (page.context or {}).get("version") or ""
