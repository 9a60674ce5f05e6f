"""How Socius is served, by `make run` and in production: gunicorn reads this by itself."""

import os

host, port = os.environ.get("HOST", "127.0.0.1"), os.environ.get("PORT", "8000")
if ":" in host:  # IPv6
    host = f"[{host}]"
bind = f"{host}:{port}"
workers = int(os.environ.get("WEB_CONCURRENCY", 2))
threads = 4
loglevel = "warning"
control_socket_disable = True  # nobody uses it, and it would be one more door


def when_ready(server):
    """Say so once browsers can connect, not before."""
    print(f"\nSocius is at http://{bind}/ until Ctrl-C.", flush=True)
