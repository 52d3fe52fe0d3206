# Two commands are all a newcomer needs: `make run` (the chat in the browser) and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false

.PHONY: run test check setup miniature demo report shots lock soak format clean

run: $(STAMP)          ## the chat at http://127.0.0.1:7860
	$(BIN)/python -m bot up

# A process a core, up to four: each of them holds models. One thread each, or they stand in one another's way.
test: $(STAMP)         ## every test; a browser is used when there is one
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

check: $(STAMP)        ## format, lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

demo: $(STAMP)         ## teach, add, replace, recolour, restyle, stickers: pictures in out/demo
	$(BIN)/python -m bot demo --consent -o out/demo

shots: $(STAMP)        ## the pictures of the web chat in docs/, taken anew with the shipped model (half an hour)
	$(BIN)/python -m docs.shots

report: $(STAMP)       ## what was measured, as one page: evaluation/report.html
	$(BIN)/python -m evaluation.report

MINUTES ?= 180
miniature: $(STAMP)    ## train the shipped model anew (or on), all stages within MINUTES
	OMP_NUM_THREADS=1 $(BIN)/python -m miniature.train all --minutes $(MINUTES)

# What deployments install, exactly and by hash: all but torch, whose CPU and GPU builds are different files under one
# version. requirements-gpu.lock is the GPU build with what it needs; for the CPU see docs/operators.md.
UV := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-emit-index-url
lock: $(STAMP)         ## requirements.lock and requirements-gpu.lock, anew from pyproject.toml (UPGRADE=--upgrade for newer versions)
	$(BIN)/pip install --quiet --disable-pip-version-check uv
	echo "torch==2.13.0 ; sys_platform == 'never'" > .lock-without-torch
	$(UV) $(UPGRADE) pyproject.toml --extra telegram --extra ptb --override .lock-without-torch --no-emit-package torch -o requirements.lock
	grep -o 'torch==[0-9.]*' pyproject.toml | $(UV) $(UPGRADE) - -c requirements.lock -o requirements-gpu.lock
	rm .lock-without-torch

soak: $(STAMP)         ## crash, flood, hostile files at full size: one table of figures (an hour or two)
	$(BIN)/python -m tests.soak

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

setup: $(STAMP)        ## .venv with everything; the other targets call it when it is missing or out of date

# torch first: its exact pin keeps pip from looking at GPU builds while it resolves the rest. The small networks that see
# real photos come last; without them (no registry at hand) everything else works, and `doctor` says what is missing.
$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	-$(BIN)/python -m storage.model_files
	touch $(STAMP)

clean:
	rm -rf $(VENV) out .pytest_cache .mypy_cache .ruff_cache
