# `make help` lists what there is. Needed beforehand: make, and Python 3.11, 3.12 or 3.13. Nothing else.
.POSIX:
.SUFFIXES:

PYTHON ?= python3
HERE = .venv/bin
ROOM = plan
# One more than cores: whoever starts a kernel, a server or a browser waits for it.
WORKERS = $$(( $$(getconf _NPROCESSORS_ONLN) + 1 ))
FULL = "full and not night"

# Tests and notebooks start many processes; none of them should compile our code anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help practice demo test test-all test-night matrix matrix-kernels lint coverage mutants docs book bundle pictures schema lock release-check audit clean

help:
	@echo "To try it: no account, and nothing leaves this machine"
	@echo "  make practice       open the notebooks in JupyterLab; you sign in, paste and tick, on practice pages"
	@echo "  make demo           run the whole onboarding by itself against the rehearsal"
	@echo "To change it"
	@echo "  make test           run the tests, the linters and the type checker; of large families, a few cases"
	@echo "  make test-all       make test, and then what it leaves out: each kind at its full size"
	@echo "  make test-night     every other case of the largest families: each scenario in each way, each answer alone"
	@echo "  make matrix         disturb each request of each flow in each way, run again, and compare the ends; half an hour"
	@echo "  make matrix-kernels kill or stop runs with real kernels at their writes, and run them again; ten minutes"
	@echo "  make lint           only the linters, the type checker and the import contracts"
	@echo "  make coverage       which branches the quick tests take, room by room; fails below the floor in pyproject.toml"
	@echo "  make mutants        change a room's code in small ways, and show what its own tests do not notice (ROOM=plan)"
	@echo "To make anew what is kept"
	@echo "  make docs           run the notebooks against the rehearsal and keep their outputs: they are the documentation"
	@echo "  make book           draw notebooks, how-to pages and reference as one HTML book in dist/book, to open without a network"
	@echo "  make pictures       walk through a guided session in Chromium and keep README's pictures of it"
	@echo "  make schema         write parameters/schema.json, docs/result.schema.json and docs/handover.schema.json from the models"
	@echo "  make lock           write requirements.lock from pyproject.toml (UPGRADE=--upgrade takes newer releases)"
	@echo "To give it away, and to tidy up"
	@echo "  make bundle         one archive to install from without a network: packages, notebooks, book"
	@echo "  make release-check  build the package, install it in a clean environment and run the rehearsal from there"
	@echo "  make audit          ask the public advisories about every package of both locks; says so where nobody can be asked"
	@echo "  make clean          remove .venv, dist/ and caches; runs/ stays"
	@echo "The first of them sets up .venv; PYTHON=/path/to/python picks the Python for it."

practice: .venv/installed
	@$(HERE)/flexsso guide || [ $$? -eq 2 ] || [ $$? -eq 3 ]

demo: .venv/installed
	@$(HERE)/flexsso run parameters/rehearsal.yaml --apply || [ $$? -eq 2 ]

# A file's tests on one worker; conftest.py puts the longest first.
test: .venv/developer
	@$(HERE)/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# What `make test` leaves out, and not the night's. `make test test-all test-night` runs nothing twice.
# Browsers and kernels are waited for, so more workers than elsewhere; what they kept from an answer in time is told, and
# tried once more with the machine to itself.
test-all: test
	@$(HERE)/python -m pytest -q -n $$(( 2 * $(WORKERS) - 1 )) --dist worksteal -m $(FULL) || { \
		echo "Once more, one after another: what failed among others."; \
		$(HERE)/python -m pytest -q --last-failed --last-failed-no-failures none -m $(FULL); \
	}

test-night: .venv/developer
	@$(HERE)/python -m pytest -q -n $(WORKERS) --dist worksteal -m night

MATRIX =
matrix: .venv/developer
	@$(HERE)/python -m tests.matrix $(MATRIX)

matrix-kernels: .venv/developer
	@$(HERE)/python -m tests.matrix.kernels $(MATRIX)

lint: .venv/developer
	@$(HERE)/python -m pytest -q tests/test_house.py

# Neither notebooks nor browsers are measured; so the tests that start them are left out.
coverage: .venv/developer
	@$(HERE)/coverage erase
	@$(HERE)/coverage run -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder \
		-m "not full and not long and not kernel and not browser and not interop"
	@$(HERE)/coverage combine -q
	@for room in $(dir $(wildcard flexsso_helpers/*/__init__.py)); do \
		echo "$$($(HERE)/coverage report --fail-under=0 --format=total --include="$$room*") % of $$room"; \
	done
	@$(HERE)/coverage report --format=total

mutants: .venv/developer
	@$(HERE)/python scripts/mutants.py $(ROOM)

# The pages first: outputs show their sentences.
docs: .venv/developer
	@$(HERE)/python scripts/make_pages.py
	@$(HERE)/python scripts/make_docs.py

book: .venv/developer
	@$(HERE)/python scripts/make_book.py

bundle: .venv/developer
	@$(HERE)/python scripts/make_bundle.py

pictures: .venv/developer
	@$(HERE)/python scripts/make_pictures.py

schema: .venv/installed
	@$(HERE)/flexsso schema > parameters/schema.json.new && mv parameters/schema.json.new parameters/schema.json
	@$(HERE)/flexsso schema --result > docs/result.new && mv docs/result.new docs/result.schema.json
	@$(HERE)/flexsso schema --handover > docs/handover.new && mv docs/handover.new docs/handover.schema.json

# Not by way of .venv/installed: pyproject.toml is newer than the lock here, and the old packages do. With extras named:
# pip that asks for hashes takes an extra of a package that is not the newest only so.
lock:
	@[ -x $(HERE)/uv ] || $(MAKE) .venv/developer
	@$(HERE)/uv pip compile --quiet pyproject.toml --extra clone --universal --python-version 3.11 \
		--generate-hashes --no-header --no-strip-extras $(UPGRADE) --output-file requirements.lock
	@$(HERE)/uv pip compile --quiet pyproject.toml --extra clone --extra dev --constraint requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --no-strip-extras $(UPGRADE) --output-file requirements-dev.lock

release-check: .venv/developer
	@$(HERE)/python scripts/release_check.py

audit: .venv/developer
	@$(HERE)/python scripts/audit.py

clean:
	rm -rf .venv .coverage .coverage.* dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: .venv/packages pyproject.toml
	@$(HERE)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# What tests, linters and the book need besides; the versions of the others are the same in both files.
.venv/developer: .venv/installed requirements-dev.lock
	@echo "Adding the tools of developers to .venv. Once, and it takes a minute."
	@$(HERE)/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@touch $@

.venv/packages: requirements.lock
	@found=; for each in "$(PYTHON)" python3.13 python3.12 python3.11; do \
		"$$each" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || continue; \
		found=$$each; break; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Python 3.11, 3.12 or 3.13 is needed, and here is $$("$(PYTHON)" --version 2>/dev/null || echo "no $(PYTHON)")."; \
		echo "Install one of them, or name it: make demo PYTHON=/path/to/python3.12"; \
		exit 1; \
	fi; \
	echo "Setting up .venv with $$("$$found" --version). Once, and it takes a minute or two."; \
	"$$found" -m venv --clear .venv || { \
		echo "Python's venv module did not work. On Debian and Ubuntu: apt-get install python3-venv"; \
		exit 1; \
	}
	@$(HERE)/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch $@
