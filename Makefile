# make run    start rnnchat (installs it first; never torch)
# make test   all tests             make check   style, types, floors
# make bench  speed figures

PYTHON ?= python3
BIN := .venv/bin
CHECKED := rnnchat benchmarks tests
BENCHMARKS := startup step keystrokes latency adaptation calibration app memory training shell shell_latency

.PHONY: run test check bench
.DELETE_ON_ERROR:

run: .venv/run
	@$(BIN)/rnnchat

# Two at a time, for real terminals and shells wait more than they compute; each file's tests one after the other.
test: .venv/dev
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CHECKED)
	$(BIN)/lint-imports

bench: .venv/dev
	for name in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$name || exit 1; done

.venv/pyvenv.cfg:
	$(PYTHON) -m venv .venv

# The stamps say what is installed: the package alone, or everything that testing needs. Each names .venv/pyvenv.cfg
# order-only, for pip touches nothing there.
.venv/run: pyproject.toml | .venv/pyvenv.cfg
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/dev: pyproject.toml | .venv/pyvenv.cfg
# On Linux the newest torch brings gigabytes of CUDA where no index of CPU builds is set up; the version is named here
# so that pip prefers a local CPU build of exactly it.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "torch==2.13.0" \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check "torch>=2.6,<2.14"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch .venv/run $@
