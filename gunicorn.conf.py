"""How Socius is served, by `make run` and in production: gunicorn reads this by itself."""

import logging
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))  # whatever folder gunicorn was installed to

# Read here, a wrong value stops the start with its sentence; and what is in .env is in the environment.
from socius import settings
from socius.environment import read_setting

host, port = read_setting("HOST", "127.0.0.1"), read_setting("PORT", 8000)
if ":" in host:  # IPv6
    host = f"[{host}]"
bind = read_setting("BIND") or f"{host}:{port}"  # BIND: as gunicorn writes it, unix:/path/of/socket
# From .env: what the environment says gunicorn itself has read by now, with a traceback if it is no number.
workers = read_setting("WEB_CONCURRENCY", 2)
worker_class = "socius.gunicorn_worker.Worker"
threads = 4
logconfig_dict = settings.LOGGING
forwarder_headers = ""  # no proxy says below which path we are: pages are at the root of their host
control_socket_disable = True  # nobody uses it, and it would be one more door


def when_ready(server):
    """Say so once browsers can connect, not before."""
    if lock := os.environ.pop("RUN_LOCK", ""):
        os.close(int(lock))  # the next `make run` may begin, and finds the port taken
    if settings.LOGS == "text":
        print(f"\nSocius is at http://{bind}/ until Ctrl-C.", flush=True)


def post_worker_init(worker):
    """The first worker says how the first user gets in, while there is none: a console says it in full.

    Logs are kept, and read by others than who sets it up: there the command is named that shows the token.
    """
    if worker.age == 1:
        from workspaces.accounts.first_run import build_announcement, is_to_be_told

        if not is_to_be_told():
            return
        if settings.LOGS == "text":
            print(build_announcement(), flush=True)
        else:
            logging.getLogger("socius").warning("nobody has an account yet: see manage.py first_run")


def child_exit(server, worker):
    """A worker that was killed could not take itself out of the count of connections."""
    worker.stop_counting()
