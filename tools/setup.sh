#!/bin/sh
# setup.sh REQUIREMENTS [chromium] [postgresql] [pgbouncer]
#
# Makes .venv with what REQUIREMENTS lists, by its lock (the same with hashes), and sees to the programs named. When
# nothing is missing this takes no time; when something is, root on Debian gets it installed, anybody else is told in
# one line.
set -eu
cd "$(dirname "$0")/.."

requirements=$1 lock=${1%.txt}.lock
shift
python=${PYTHON:-python3}
log=var/setup.log

stop() {
    echo "$*" >&2
    exit 1
}

mkdir -p var 2>/dev/null || true
[ -w var ] || stop "Socius cannot write into $PWD/var: it must belong to $(id -un)."

found() {
    for candidate in "$@"; do
        if command -v "$candidate" >/dev/null; then return 0; fi
    done
    return 1
}

# The virtual environment is as wanted if it was made by this Python from these very lines.
wanted() { { "$python" -V && cat "$lock"; } 2>/dev/null | cksum; }
stamp=.venv/made-from-$requirements
is_made() { [ -x .venv/bin/python ] && [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted)" ]; }

# 1. Programs, as Debian's packages name them
packages=
[ -z "${PYTHON:-}" ] || found "$PYTHON" || stop "There is no program $PYTHON, which PYTHON names."
found "$python" || packages="$packages python3"
is_made || "$python" -c "import ensurepip" 2>/dev/null || packages="$packages python3-venv"
for program in "$@"; do
    case $program in
    chromium)
        found chromium-headless-shell chromium chromium-browser google-chrome ~/.cache/ms-playwright/chromium-*/*/chrome ||
            packages="$packages chromium-headless-shell"
        # Playwright's own program needs it, and brings it not.
        PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | grep -q libatomic || packages="$packages libatomic1"
        ;;
    pgbouncer) found pgbouncer /usr/sbin/pgbouncer || packages="$packages pgbouncer" ;;
    postgresql) found initdb /usr/lib/postgresql/*/bin/initdb || packages="$packages postgresql" ;;
    esac
done
if [ "$packages" ]; then
    if [ "$(id -u)" != 0 ] || ! found apt-get; then
        stop "Missing:$packages. On Debian: sudo apt-get install$packages"
    fi
    echo "Installing$packages …"
    export DEBIAN_FRONTEND=noninteractive
    # A new machine has no package lists and an old one outdated ones, but they are fetched only where it takes that.
    # shellcheck disable=SC2086
    install() { apt-get install --yes --no-install-recommends $packages; }
    { install || { apt-get update && install; }; } >"$log" 2>&1 || stop "apt-get could not install$packages: see $log"
fi

# 2. Python's packages
"$python" -c "import sys; sys.exit(sys.version_info < (3, 11))" ||
    stop "Socius needs Python 3.11 or later, $python is $("$python" -V): name another, as in PYTHON=python3.12 make run"
is_made && exit
echo "Installing Python packages into .venv …"
# What cannot run pip as the wanted Python is half made, of another Python, or was moved here: begin anew.
[ "$(.venv/bin/python -V 2>/dev/null)" = "$("$python" -V)" ] && .venv/bin/python -m pip --version >/dev/null 2>&1 ||
    "$python" -m venv --clear .venv >"$log" 2>&1 || stop "Python could not make .venv: see $log"
.venv/bin/python -m pip install --no-input --disable-pip-version-check --require-hashes -r "$lock" >"$log" 2>&1 &&
    .venv/bin/python -m pip check >>"$log" 2>&1 || stop "pip could not install $lock (no network?): see $log"
wanted >"$stamp"
