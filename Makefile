# The words of this house. Everything they need is installed into .venv by themselves.
#   make demo [SERVE=0] [FRESH=1] [PORT=8000]   two trials, from their data to the verdicts, then pages on 127.0.0.1:8000
#   make test [ARGS="-k word"] [ENGINE=sqlite]   every test
#   make check                      what is fast: lint, types, import contracts, architecture, migrations
#   make stack [PORT=8000] [SECONDS=60]   PostgreSQL, Redis, worker, beat and web as local processes
#   make drill                      the long form of the concurrency and kill tests
#   make pictures                   take the README's pictures again

PYTHON ?= python3
IN_VENV := .venv/bin/python
RUNTIME := requirements.txt
ALL := requirements.txt requirements-dev.txt
NO := 0 no false

# Once per word of make: refuse an old Python in one line, then install what the locks say if they changed.
define ready
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	echo "Equipoise needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo not found). Name a newer one: make $@ PYTHON=python3.12" >&2; exit 1; }
@$(PYTHON) -m deploy.install $(1)
endef

.PHONY: demo test check lint types migrations architecture stack drill pictures

demo:
	$(call ready,$(RUNTIME))
	@$(IN_VENV) manage.py demo $(if $(filter $(NO),$(SERVE)),--no-serve) $(if $(filter-out $(NO),$(FRESH)),--fresh) $(if $(PORT),--port $(PORT))

test:
	$(call ready,$(ALL))
	@$(IN_VENV) -m tests.prerequisites
	@TEST_ENGINE=$(ENGINE) $(IN_VENV) -m pytest -n 2 $(ARGS)

# Two at a time, and all of them even when one fails. The import contracts are an architecture test.
check:
	$(call ready,$(ALL))
	@$(MAKE) --no-print-directory --keep-going -j 2 types architecture lint migrations

lint:
	$(IN_VENV) -m ruff check .

types:
	$(IN_VENV) -m mypy

migrations:
	$(IN_VENV) manage.py makemigrations --check --dry-run

architecture:
	$(IN_VENV) -m pytest -q tests/architecture

stack:
	$(call ready,$(ALL))
	@$(IN_VENV) -m deploy.stack $(if $(PORT),--port $(PORT)) $(if $(SECONDS),--seconds $(SECONDS))

# The pictures of the README, taken by the browser tests.
pictures:
	$(call ready,$(ALL))
	@$(IN_VENV) -m tests.prerequisites
	README_PICTURES=docs/images $(IN_VENV) -m pytest -q tests/browser

drill:
	$(call ready,$(ALL))
	@$(IN_VENV) -m tests.prerequisites
	$(IN_VENV) -m pytest -m drill $(ARGS)
