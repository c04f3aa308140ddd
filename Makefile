# `make` lists what there is. Every target sets the environment up first if that is not done.

VENV   ?= .venv
PRESET ?= quick
ARGS   ?=

# Nothing that is given is ignored: each target, and the variables that it reads.
WITH_PRESET := figures beyond figure-% params-%
WITH_ARGS := $(WITH_PRESET) redraw-% smoke verify test torture torch references gallery goldens lock doors
WITH_A := compare
WITH_B := compare
comma := ,
GOALS := $(or $(MAKECMDGOALS),help)
GIVEN := $(foreach v,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $v))),$v))
UNREAD := $(strip $(foreach v,$(filter-out VENV PYTHON,$(GIVEN)),$(if $(filter-out $(WITH_$v),$(GOALS)),$v)))
# What is no variable of any target is taken for a parameter.
PARAMETERS := $(if $(filter-out $(WITH_ARGS),$(GOALS)),,$(filter-out PRESET ARGS A B preset args,$(UNREAD)))
HINT := $(if $(PARAMETERS),A parameter goes into ARGS: ARGS='$(foreach v,$(PARAMETERS),$v=$(value $v))',$\
	Leave it out$(if $(filter preset args,$(UNREAD)), or write it in capitals); $\
	parameters of a figure go into ARGS$(comma) as in make figure-N ARGS='seeds=[0,1]')
$(if $(UNREAD),$(error make $(GOALS) does not read $(UNREAD). $(HINT)))
quoted = '$(subst ','\'',$1)'

# A figure is declared by its folder of presets, here or in a room beside; no number stands here.
WRITTEN := $(wildcard configs/figure/fig*/*.yaml */configs/figure/fig*/*.yaml)
FIGURES := $(shell echo $(patsubst fig%,%,$(notdir $(patsubst %/,%,$(dir $(WRITTEN))))) \
	| tr ' ' '\n' | sort -nu)
PRESETS := $(sort $(basename $(notdir $(WRITTEN))))
# What the environment holds beyond the core's dependencies, and what tests and tools need besides:
# extras of pyproject.toml, and of the tools'.
EXTRAS  := figures optim
TOOLS   := nnx doctor dev
override RUN := $(VENV)/bin/python -m
# Installations wait for each other.
ALONE    = $(or $(wildcard $(VENV)/bin/python),$(PYTHON)) scripts/alone.py $(VENV)/.lock
READY   := $(VENV)/.installed
TESTED  := $(VENV)/.installed-tests
# A figure that needs more packages declares them in its folder.
MORE    := $(patsubst configs/figure/%/requirements.lock,$(VENV)/.installed-%,$(wildcard configs/figure/fig*/requirements.lock))

# The first Python that runs and is in range; a name may be a shim that does not.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$python && break; done)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# To compile every module is a third of an installation; Python compiles what it imports, if it may.
ifndef PYTHONDONTWRITEBYTECODE
export PIP_COMPILE := 0
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDEXPANSION:
# `figures` and `tests` are folders too; pattern targets cannot be phony, hence FORCE.
.PHONY: help setup figures compare smoke verify test torture lint doors format wheel conformance torch references gallery goldens replication bench bench-speech site links serve lock clean FORCE

help: ## this list
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "figures: $(FIGURES)    presets: $(PRESETS)    PRESET=$(PRESET)"

setup: $(TESTED) ## virtual environment with the pinned packages, those of tests and tools too, in .venv

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11, 3.12 or 3.13 found;" \
		"install one, or name it: make PYTHON=/path/to/python"; exit 2; }
	@# setuptools reads it as a variable, and so does the script that activates an environment.
	@case $(call quoted,$(abspath $(VENV))) in *\$$*) echo "error: a path of an environment may have no dollar sign:" \
		$(call quoted,$(abspath $(VENV))); echo "fix: move the folder, or make VENV=/another/path"; exit 2; esac >&2
	@echo "setting up $(VENV) with $(PYTHON): $$(grep -c '^[a-z].*==' $<) pinned packages, each checked by its hash;" \
		"0.9 GB on disk, and one or two minutes without a word"
	@mkdir -p $(VENV)
	$(ALONE) sh -c 'test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)'
	$(ALONE) $(RUN) pip install --quiet --require-hashes -r requirements.lock
	$(ALONE) $(VENV)/bin/python scripts/checkout.py
	touch $@
	@echo "set up; for python in this shell: . $(VENV)/bin/activate"

$(TESTED): tests/requirements.lock
$(VENV)/.installed-site: docs/site/requirements.lock
$(MORE): $(VENV)/.installed-%: configs/figure/%/requirements.lock
$(VENV)/.installed-%: $(READY)
	@echo "$*: $$(grep -c '^[a-z].*==' $(filter %.lock,$^)) pinned packages besides, in $(VENV)"
	$(ALONE) $(RUN) pip install --quiet --require-hashes -r $(filter %.lock,$^)
	touch $@

# Memory that is given back is kept for the next array: no page faults. Heaps of 4 GiB, four pages of
# the size named, one a thread: no waiting, either. glibc alone reads it, as a process starts, and
# takes usual pages where none of that size are reserved. What the user has set stays.
ifneq ($(SNN_SPEED),0)  # as all of experiments/engine/compute/speed.py
figures beyond figure-% bench-speech: export GLIBC_TUNABLES ?= $\
	glibc.malloc.hugetlb=1073741824:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184
endif

# Fixes in messages are then given as they are typed to make.
figure-%: export ASKED_BY_MAKE := figure
params-%: export ASKED_BY_MAKE := params
figures beyond: export ASKED_BY_MAKE = $@

figures: $(READY) $(MORE) ## the paper's seven figures, several at once: make figures PRESET=paper
	@$(RUN) experiments.run $(call quoted,figure=all/$(PRESET)) $(ARGS)

beyond: $(READY) FORCE ## the figures beyond the paper, from figure 8 on: make beyond PRESET=smoke
	@$(RUN) experiments.run $(call quoted,figure=beyond/$(PRESET)) $(ARGS)

figure-%: $(READY) $$(and $$(wildcard configs/figure/fig$$*/requirements.lock),$(VENV)/.installed-fig$$*) FORCE ## one figure: make figure-3 PRESET=smoke ARGS='seeds=[0,1]'
	@$(RUN) experiments.run $(call quoted,figure=fig$*/$(PRESET)) $(ARGS)

params-%: $(READY) FORCE ## a figure's parameters: meaning, unit, value, range
	@$(RUN) experiments.params $(call quoted,figure=fig$*/$(PRESET)) $(ARGS)

redraw-%: $(READY) FORCE ## a figure from its numbers: make redraw-4 ARGS=results/quick/fig4/fig4.npz
	@$(RUN) scripts.redraw $(call quoted,$*) $(ARGS)

compare: $(READY) ## one run on a page, with the claims' verdicts, or two: make compare A=results/quick/fig4 B=results/quick/fig4-...
	@$(RUN) experiments.runs.compare $(call quoted,$(A)) $(if $(B),$(call quoted,$(B)))

smoke: $(READY) ## every figure at its smallest
	@$(MAKE) --no-print-directory figures PRESET=smoke
	@test ! -d beyond || $(MAKE) --no-print-directory beyond PRESET=smoke

verify: $(READY) ## numbers and claims, or one figure's claims: make verify ARGS='figure=fig5/smoke key=value'
	@$(RUN) experiments.replication.verify $(ARGS)

test: $(TESTED) $(MORE) ## all tests: make test ARGS='-k cache'
	@# Tests that call make give it arguments of their own.
	env -u MAKEFLAGS -u ARGS $(RUN) pytest -n 2 --dist worksteal $(ARGS)

torture: $(TESTED) ## disturbs runs, breaks the machinery: make torture ARGS='-k signals'
	env -u MAKEFLAGS -u ARGS $(RUN) pytest tests/torture $(ARGS)

lint: $(TESTED) ## style, types, common mistakes, and who may import whom
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) pyright --pythonpath $(VENV)/bin/python
	set -e; for contracts in pyproject.toml $(wildcard beyond/imports.toml tools/pyproject.toml); do \
		$(VENV)/bin/lint-imports --no-cache $$contracts; done

doors: $(TESTED) $(MORE) ## that the companion stands without beyond, without tools, and without both
	@$(RUN) scripts.doors $(ARGS)

format: $(TESTED) ## rewrites the code in the common style
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

wheel: $(TESTED) ## the core as dist/*.whl and *.tar.gz, tried out in an environment with nothing else in it
	$(RUN) scripts.wheel

conformance: $(TESTED) ## the conformance kit over our spike functions and those of two other libraries
	$(ALONE) $(RUN) pip install --quiet --no-deps --require-hashes --upgrade --target $(VENV)/peers -r tools/tests/peers.lock
	env -u MAKEFLAGS -u ARGS PYTHONPATH=$(abspath $(VENV)/peers) $(RUN) pytest tools/tests/peers

# On Linux the default index has PyTorch with 3 GB of CUDA alone.
TORCH := $(VENV)/torch/site-packages
$(VENV)/.installed-torch: tools/tests/torch/requirements.lock $(TESTED)
	@echo "torch: PyTorch for the CPU and three libraries, 0.7 GB in $(TORCH)"
	rm -rf $(TORCH)
	$(ALONE) $(RUN) pip install --quiet --no-deps --require-hashes --upgrade --target $(TORCH) -r $<
	@test "$$(uname)" != Linux || $(ALONE) $(RUN) pip install --quiet --no-deps --upgrade --target $(TORCH) \
		"$$(sed -n 's/^\(torch==[^ ]*\).*/\1+cpu/p' $<)" || { echo "error: pip found no PyTorch for the CPU;" \
		"point PIP_EXTRA_INDEX_URL to the index that PyTorch names for it, or PIP_FIND_LINKS to a folder" >&2; exit 2; }
	touch $@

torch: $(VENV)/.installed-torch ## the doctor for PyTorch, on snnTorch, SpikingJelly and norse: make torch ARGS='-k traps'
	env -u MAKEFLAGS -u ARGS PYTHONPATH=$(abspath $(TORCH)) $(RUN) pytest tools/tests/torch $(ARGS)

references: $(READY) ## takes the numbers of results as those in figures/reference
	@$(RUN) scripts.references $(ARGS)

gallery: $(READY) ## draws figures/gallery from figures/reference, with records of what is drawn, and writes the captions into pages
	@$(RUN) tests.drawing $(ARGS)

goldens: $(READY) ## recomputes tests/goldens (ARGS=fig4: one figure): read the difference before committing it
	$(RUN) experiments.replication.goldens $(ARGS)

replication: $(READY) ## writes REPLICATION.md from the goldens and the claims
	$(RUN) experiments.replication.page

bench: $(READY) ## cost of one gradient per estimator, against depth and width
	$(RUN) scripts.bench

bench-speech: $(READY) ## cost of one training step of figure 7, against a loop with convolutions
	$(RUN) scripts.bench_speech

site: $(READY) $(VENV)/.installed-site ## the companion site as static pages, in site/
	@$(RUN) scripts.site site

links: $(READY) $(VENV)/.installed-site ## whether what the site links to at other hosts is there
	@$(RUN) scripts.site site --links

serve: ## shows site/ at http://localhost:8000
	@$(RUN) http.server --bind 127.0.0.1 --directory site 8000

PIN = $(RUN) uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	--python-version 3.11 $(ARGS)

lock: $(TESTED) ## pins all packages, those of single figures and of the site too; ARGS=--upgrade: the newest versions
	$(PIN) pyproject.toml $(addprefix --extra ,$(EXTRAS)) -o requirements.lock
	$(PIN) pyproject.toml $(wildcard tools/pyproject.toml) $(addprefix --extra ,$(TOOLS)) -c requirements.lock -o tests/requirements.lock
	for beside in $(wildcard tools/tests/peers.in tools/tests/torch/requirements.in); do \
		$(PIN) $$beside --no-deps -o $${beside%.in}.lock || exit; done
	for more in $(wildcard configs/figure/fig*/requirements.in docs/site/requirements.in); do \
		$(PIN) $$more -c requirements.lock -c tests/requirements.lock -o $${more%.in}.lock || exit; done

.DEFAULT:
	@echo "error: there is no target" $(call quoted,$@)"; make help lists those that there are" >&2; exit 2

clean: ## removes results, the cache among them; keeps the environment
	rm -rf results

FORCE:
