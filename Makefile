# make app    set up what is missing, then open the studio on http://localhost:$(PORT)
# make test   set up what is missing, then check the code and run the tests; make test-all runs the slow ones too
# make bench  measure beside other programs and write docs/benchmarks.md
# make soak MINUTES=10   make things go wrong on purpose, then use everything at once, and write docs/reliability.md
# make figures   write every generated text and picture again, from the stored measurements; then Space, wheel and handbook
#                FULL=1 [DATA=data/fer2013.parquet] measures the models in git anew before that, and after an interruption goes on
# make wheel  build dist/mien-VERSION-py3-none-any.whl, the engine alone
# make docs   build the handbook into dist/docs
# make space  assemble the Gradio page as a Hugging Face Space in dist/space; make space-publish SPACE=OWNER/NAME uploads it
# make lock   rewrite requirements*.txt from pyproject.toml (needs uv); then install them and run python deploy/lock.py

PYTHON ?= python3
PORT ?= 8501
MINUTES ?= 10
DATA ?= data/fer2013.parquet
BIN := .venv/bin
SHIM := $(shell find packaging/opencv-contrib-python -type f)
APT := DEBIAN_FRONTEND=noninteractive apt-get

.PHONY: app test test-all bench soak figures texts measured wheel docs space space-publish static-space lock system-libraries assets

# As in the Dockerfile: the memory of uploads and clips goes back to the machine once they are gone.
ALLOCATOR := MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=1000000 MALLOC_TRIM_THRESHOLD_=1000000

app: system-libraries .venv/app.stamp assets
	$(ALLOCATOR) $(BIN)/streamlit run webapp/Home.py --server.port $(PORT) --server.address localhost

test test-all: system-libraries .venv/dev.stamp assets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(if $(filter test-all,$@),,-m "not slow") -n 2 --dist loadfile --no-loadscope-reorder

bench: system-libraries .venv/dev.stamp assets
	$(BIN)/python -m benchmarks

soak: system-libraries .venv/dev.stamp assets
	@status=0; for part in faults fuzz security "soak --minutes $(MINUTES)"; do \
	  $(ALLOCATOR) $(BIN)/python -m benchmarks.$$part || status=1; done; exit $$status

# Models that a contributor has trained beside these are not the project's.
SHIPPED = $(shell git ls-files 'models/*/card.json' | cut -d/ -f2)

figures: texts space static-space wheel docs

# What is packed together with figures is packed after them.
space static-space wheel docs: | $(if $(filter figures,$(MAKECMDGOALS)),texts)

texts: system-libraries .venv/dev.stamp assets $(if $(FULL),measured)
	$(BIN)/python -m training compare --split private-test --write docs/results.md
	$(BIN)/python -m training models $(SHIPPED) --write README.md --cards

# A step leaves a stamp, so that an interrupted run goes on; the next run begins anew.
STEPS := public-test private-test subtle robustness
measured: $(foreach step,$(STEPS),$(SHIPPED:%=runs/figures/%.$(step)))
	rm -rf runs/figures

.SECONDEXPANSION:
MEASURED_OF = $$(wildcard models/$$*/model.*) | runs/figures system-libraries .venv/dev.stamp assets
runs/figures/%.public-test: $(MEASURED_OF)
	$(BIN)/python -m training evaluate $* --data $(DATA) --final --publish
	@touch $@
runs/figures/%.private-test: runs/figures/%.public-test $(MEASURED_OF)
	$(BIN)/python -m training evaluate $* --data $(DATA) --split private-test --final
	@touch $@
runs/figures/%.subtle: runs/figures/%.public-test $(MEASURED_OF)
	$(BIN)/python -m training subtle $* --data $(DATA) --out docs/subtle
	@touch $@
runs/figures/%.robustness: $(MEASURED_OF)
	$(BIN)/python -m training robustness $* --data $(DATA) --images 300 --out docs/robustness
	@touch $@

# Answers of an earlier run are not taken for new ones.
runs/figures:
	rm -rf runs/predictions
	mkdir -p $@

wheel: | .venv/bin/pip
	rm -f dist/mien-*.whl
	$(BIN)/python -m pip wheel --no-deps --wheel-dir dist ./packaging/wheel

docs: .venv/dev.stamp
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

space: .venv/app.stamp assets
	$(BIN)/python packaging/space/assemble.py

space-publish: space
	PATH="$$PATH:$(CURDIR)/$(BIN)" $(BIN)/python packaging/space/publish.py $(SPACE)

static-space: .venv/app.stamp
	$(BIN)/python packaging/static_space/assemble.py

# A machine that reaches a package index and no more lacks some files; whatever needs one says so itself.
assets: .venv/app.stamp
	@$(BIN)/python -m core fetch || true
	@$(BIN)/python -m webapp.browser.runtime || true

.venv/dev.stamp: requirements-dev.txt .venv/app.stamp
	$(BIN)/python -m pip install -r requirements-dev.txt
	@touch $@

.venv/app.stamp: requirements.txt $(SHIM) | .venv/bin/pip
	$(BIN)/python -m pip install -r requirements.txt
	@touch $@

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo 'Mien runs on Python 3.11 to 3.13; name one: make PYTHON=python3.12'; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || $(call debian,python3-venv)
	$(PYTHON) -m venv --clear .venv

# MediaPipe loads these two; a slim Debian has neither.
system-libraries:
	@[ "$$(uname)" != Linux ] || \
	  $(PYTHON) -c 'import ctypes; [ctypes.CDLL(name) for name in ("libEGL.so.1", "libGLESv2.so.2")]' 2>/dev/null || \
	  $(call debian,$(shell cat packages.txt))

# Installs Debian packages as root; prints the line to run to everybody else, and stops.
define debian
{ if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; \
  then $(APT) update && $(APT) install -y --no-install-recommends $(1); \
  else echo 'Run this first: sudo apt-get install $(1)'; exit 1; fi; }
endef

UV := uv pip compile --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-annotate \
  --custom-compile-command "make lock"

lock:
	$(UV) pyproject.toml -o requirements.txt
	sed -i.old 's|^packaging/|./packaging/|' requirements.txt && rm requirements.txt.old
	grep == requirements.txt > .venv/pinned.txt
	$(UV) --group dev -c .venv/pinned.txt -o requirements-dev.txt
