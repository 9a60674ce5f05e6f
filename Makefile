# Each target sets up what it needs by itself, and can be run again at any time.
#
#   make run      serve on http://127.0.0.1:8000 until Ctrl-C        PORT=8123  HOST=0.0.0.0
#   make test     every test, on SQLite and on PostgreSQL            DB=sqlite  ARGS="-k search"
#   make test-security   the proofs of the walls, at their full numbers
#   make bench    how fast every page is, against its budget         SCALE=L  DB=sqlite
#   make check    linters, types, pinned packages (newer releases, advisories), system checks, migrations
#   make coverage which lines the tests run on SQLite, against the floor in pyproject.toml
#   make demo     the demo workspaces anew
#   make lock     requirements*.lock anew, after a change of requirements*.txt
#   make screenshots   the pictures in docs                       ARGS="crm/people/"

# Some images keep Python from writing bytecode: each start of a server or of the tests would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-security coverage bench check demo lock screenshots

run:
	@sh tools/run.sh

test:
	@sh tools/setup.sh requirements-dev.txt chromium $(if $(filter sqlite,$(DB)),,postgresql)
	@.venv/bin/python tools/test.py $(ARGS)

test-security:
	@sh tools/setup.sh requirements-dev.txt chromium $(if $(filter sqlite,$(DB)),,postgresql pgbouncer)
	@THOROUGH=yes .venv/bin/python tools/test.py -m security $(ARGS)

coverage:
	@sh tools/setup.sh requirements-dev.txt
	DATABASE_URL=sqlite://:memory: .venv/bin/python -m coverage run -m pytest -q -m "not browser and not security" $(ARGS)
	.venv/bin/python -m coverage report

bench:
	@sh tools/setup.sh requirements-dev.txt chromium $(if $(filter sqlite,$(DB)),,postgresql)
	@.venv/bin/python -m bench --scale $(or $(SCALE),M) --database $(or $(DB),postgresql) $(ARGS)

# DATABASE_URL: none of these needs a database. TRUSTED_PROXIES: the settings as they are in production, behind https.
check:
	@sh tools/setup.sh requirements-dev.txt
	.venv/bin/python -m ruff check
	.venv/bin/python -m ruff format --check
	DATABASE_URL=sqlite://:memory: .venv/bin/python -m mypy
	git ls-files 'templates/*.html' | xargs .venv/bin/djade --check
	.venv/bin/python tools/pins.py
	DATABASE_URL=sqlite://:memory: TRUSTED_PROXIES=1 .venv/bin/python manage.py check --deploy --fail-level WARNING
	DATABASE_URL=sqlite://:memory: .venv/bin/python manage.py makemigrations --check --dry-run
	DATABASE_URL=sqlite://:memory: DJANGO_SETTINGS_MODULE=tools.migration_linter .venv/bin/python manage.py lintmigrations

demo:
	@sh tools/setup.sh requirements.txt
	@.venv/bin/python manage.py migrate --verbosity 0
	@.venv/bin/python manage.py demo

lock:
	@sh tools/lock.sh

screenshots:
	@sh tools/setup.sh requirements-dev.txt chromium
	@.venv/bin/python tools/screenshots.py $(ARGS)
