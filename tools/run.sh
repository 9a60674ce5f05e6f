#!/bin/sh
# What `make run` does: sets up, then serves until Ctrl-C; as in production, by gunicorn and with static files collected.
set -eu
cd "$(dirname "$0")/.."
[ "${WEB_CONCURRENCY-2}" ] || unset WEB_CONCURRENCY  # gunicorn takes no empty one, Socius reads it as unset
export HOST="${HOST:-127.0.0.1}" PORT="${PORT:-8000}" LOGS="${LOGS:-text}"

# Of two that are started at once the second waits until the first has set everything up, and serves.
mkdir -p var 2>/dev/null || true
[ -w var ] || { echo "Socius cannot write into $PWD/var: it must belong to $(id -un)." >&2 && exit 1; }
exec 9>var/run.lock
if command -v flock >/dev/null; then
    flock -n 9 || { echo "Another make run is setting up; waiting for it …" && flock 9; }
    export RUN_LOCK=9  # gunicorn closes it once it listens
fi

sh tools/setup.sh requirements.txt
python=.venv/bin/python
$python - <<'END'
import os, socket, sys

host, port = os.environ["HOST"], os.environ["PORT"]
try:
    family = socket.getaddrinfo(host, int(port))[0][0]
    socket.create_server((host, int(port)), family=family).close()
except (OSError, ValueError, OverflowError) as error:
    why = str(getattr(error, "strerror", None) or error).partition(" (")[0]
    sys.exit(f"Cannot serve on {host}:{port} ({why}); choose another, as in PORT=8123 make run")
END

# Asked for under the machine's own names too, when it is to serve others than this machine.
case $HOST in
127.* | localhost | ::1) ;;
*) [ "${ALLOWED_HOSTS:-}" ] || grep -qs "^ALLOWED_HOSTS=" .env ||
    export ALLOWED_HOSTS="127.0.0.1,localhost,[::1],$HOST,$(hostname | tr _ -),$(hostname -I | tr ' ' ',')" ;;
esac

if [ ! -e var/static/staticfiles.json ] || [ "$(find static requirements.txt -newer var/static/staticfiles.json)" ]; then
    echo "Collecting static files …"
    $python manage.py collectstatic --clear --no-input --verbosity 0
fi
$python manage.py migrate --verbosity 0 --skip-checks  # the server makes them, once all is there
$python manage.py demo --if-empty --show-sign-ins
exec $python -m gunicorn socius.wsgi
