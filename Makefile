# `make` lists what there is. Every target sets the environment up first if that is not done.

VENV   ?= .venv
PRESET ?= quick
ARGS   ?=

# A figure is declared by its folder of presets; no number stands here.
FIGURES := $(sort $(patsubst configs/figure/fig%/,%,$(dir $(wildcard configs/figure/fig*/paper.yaml))))
# What the environment holds beyond the core's dependencies: extras of pyproject.toml.
EXTRAS  := figures nnx optim dev
RUN     := $(VENV)/bin/python -m
READY   := $(VENV)/.installed
# A figure that needs more packages declares them in its folder.
MORE    := $(patsubst configs/figure/%/requirements.lock,$(VENV)/.installed-%,$(wildcard configs/figure/fig*/requirements.lock))

# The first Python that runs and is in range; a name may be a shim that does not.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDEXPANSION:
# `figures` and `tests` are folders too; pattern targets cannot be phony, hence FORCE.
.PHONY: help setup figures smoke verify test lint format wheel references gallery goldens replication bench bench-training bench-speech site serve lock clean FORCE

help: ## this list
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "figures: $(FIGURES)    presets: paper quick smoke    PRESET=$(PRESET)"

setup: $(READY) ## virtual environment with the pinned packages, in .venv

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11, 3.12 or 3.13 found;" \
		"install one, or name it: make PYTHON=/path/to/python"; exit 2; }
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(RUN) pip install --quiet --require-hashes -r requirements.lock
	$(RUN) pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.installed-%: configs/figure/%/requirements.lock $(READY)
	$(RUN) pip install --quiet --require-hashes -r $<
	touch $@

figures: $(READY) $(MORE) ## all figures, in one process: make figures PRESET=paper
	@$(RUN) experiments.run figure=all/$(PRESET) $(ARGS)

figure-%: $(READY) $$(and $$(wildcard configs/figure/fig$$*/requirements.lock),$(VENV)/.installed-fig$$*) FORCE ## one figure: make figure-3 PRESET=smoke ARGS='seeds=[0,1]'
	@$(RUN) experiments.run figure=fig$*/$(PRESET) $(ARGS)

params-%: $(READY) FORCE ## a figure's parameters: meaning, unit, value, range
	@$(RUN) experiments.params figure=fig$*/$(PRESET) $(ARGS)

redraw-%: $(READY) FORCE ## a figure from its numbers: make redraw-4 ARGS=results/quick/fig4/fig4.npz
	@$(RUN) figures.redraw $* $(ARGS)

smoke: $(READY) ## every figure at its smallest
	@$(MAKE) --no-print-directory figures PRESET=smoke

verify: $(READY) ## committed numbers reproduced, and the paper's claims with verdicts
	@$(RUN) experiments.replication.verify

test: $(READY) $(MORE) ## all tests: make test ARGS='-k cache'
	$(RUN) pytest -n 2 $(ARGS)

lint: $(READY) ## style, types, common mistakes, and who may import whom
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) pyright --pythonpath $(VENV)/bin/python
	$(VENV)/bin/lint-imports --no-cache

format: $(READY) ## rewrites the code in the common style
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

wheel: $(READY) ## the core as dist/*.whl, tried out in an environment with nothing else in it
	$(RUN) scripts.wheel

references: $(READY) ## takes the numbers of results as those in figures/reference
	@$(RUN) scripts.references $(ARGS)

gallery: $(READY) ## draws figures/gallery from figures/reference, and writes the captions into pages
	@$(RUN) figures.gallery $(ARGS)
	@$(RUN) figures.captions

goldens: $(READY) ## recomputes tests/goldens (ARGS=fig4: one figure): read the difference before committing it
	$(RUN) experiments.replication.goldens $(ARGS)

replication: $(READY) ## writes REPLICATION.md from the goldens and the claims
	$(RUN) experiments.replication.report

bench: $(READY) ## cost of one gradient per estimator, against depth and width
	$(RUN) scripts.bench $(ARGS)

bench-training: $(READY) ## cost of one epoch of figure 6, against a loop over synapses
	$(RUN) scripts.bench_training

bench-speech: $(READY) ## cost of one training step of figure 7, against a loop with convolutions
	$(RUN) scripts.bench_speech $(ARGS)

site: $(READY) $(VENV)/.installed-site ## the companion site as static pages, in site/
	@$(RUN) scripts.site build/pages
	@$(RUN) scripts.site.notebook build/pages/docs
	@$(RUN) sphinx --quiet --fail-on-warning --keep-going -c docs/site -d build/doctrees build/pages site
	@$(RUN) scripts.explorers site/explorers
	@test ! -f results/index.html || ln -sfn ../results site/results
	@$(RUN) scripts.site.check site

$(VENV)/.installed-site: docs/site/requirements.lock $(READY)
	$(RUN) pip install --quiet --require-hashes -r $<
	touch $@

serve: ## shows site/ at http://localhost:8000
	@$(RUN) http.server --bind 127.0.0.1 --directory site 8000

lock: $(READY) ## pins what pyproject.toml asks for; ARGS=--upgrade: the newest versions
	$(RUN) uv pip compile pyproject.toml $(addprefix --extra ,$(EXTRAS)) --universal --generate-hashes \
		--no-emit-index-url --no-annotate --no-header $(ARGS) --python-version 3.11 -o requirements.lock
	for more in $(wildcard configs/figure/fig*/requirements.in docs/site/requirements.in); do \
		$(RUN) uv pip compile $$more --universal --generate-hashes --no-emit-index-url --no-annotate \
		--no-header $(ARGS) --python-version 3.11 -c requirements.lock -o $${more%.in}.lock || exit; done

clean: ## removes results, the cache among them; keeps the environment
	rm -rf results

FORCE:
