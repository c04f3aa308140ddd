# `make` lists the targets. Each sets the environment up first if that is not done.

VENV   ?= .venv
PRESET ?= quick
ARGS   ?=

# A variable that no target reads is refused: it is a parameter, most likely.
UNREAD := $(strip $(foreach v,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $v))),$(filter-out VENV PYTHON PRESET ARGS A B,$v))))
comma := ,
SHOWN := $(or $(strip $(foreach v,$(filter-out preset args arg ARG,$(UNREAD)),$(if $(findstring .,$v)$(filter figure seeds data compute results_dir name runtime,$v),,all.)$v=$(value $v))),seeds=[0$(comma)1])
$(if $(UNREAD),$(error make does not read $(UNREAD). Parameters go into ARGS$(comma) by the names that make params-N lists: make $(or $(firstword $(MAKECMDGOALS)),figure-N) ARGS='$(SHOWN)'; ARGS and PRESET have capital letters))

# A figure is declared by its folder of presets, here or in a room beside; no number stands here.
WRITTEN := $(wildcard configs/figure/fig*/*.yaml */configs/figure/fig*/*.yaml)
numbers = $(shell echo $(patsubst fig%,%,$(notdir $(patsubst %/,%,$(dir $1)))) | tr ' ' '\n' | sort -nu)
FIGURES := $(call numbers,$(WRITTEN))
# Every figure has the presets smoke, quick and paper; others are listed with the figures that have them.
MORE_PRESETS := $(filter-out smoke quick paper,$(sort $(basename $(notdir $(WRITTEN)))))
PRESETS := smoke quick paper$(foreach p,$(MORE_PRESETS), $p (figures $(call numbers,$(filter %/$p.yaml,$(WRITTEN)))))
# Among the prerequisites, so that an unknown figure is refused before the environment is set up.
known = $(if $(filter $1,$(FIGURES)),,$(error there is no figure $1; figures: $(FIGURES)))
# Extras of pyproject.toml, and of the tools', beside the core's dependencies.
EXTRAS  := figures optim
TOOLS   := nnx doctor dev events
RUN     := $(VENV)/bin/python -m
INSTALL := $(RUN) pip install --progress-bar off --require-hashes
READY   := $(VENV)/.installed
TESTED  := $(VENV)/.installed-tests
# A figure that needs more packages declares them in its folder.
MORE    := $(patsubst configs/figure/%/requirements.lock,$(VENV)/.installed-%,$(wildcard configs/figure/fig*/requirements.lock))
# The first Python that runs and is in range; a name may be a shim that does not.
PYTHON  ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$python && break; done)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# To compile every module is a third of an installation; Python compiles what it imports, if it may.
ifndef PYTHONDONTWRITEBYTECODE
export PIP_COMPILE := 0
endif

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDEXPANSION:
# `figures`, `beyond` and `tests` are folders too; pattern targets cannot be phony, hence FORCE.
.PHONY: help setup figures beyond play compare smoke verify test test-fast torture lint format torch references gallery goldens published replication bench site serve lock clean FORCE

help:
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@printf '\nfor maintainers:\n'
	@awk -F ':.*#- ' '/^[a-z%-]+:.*#- / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "figures: $(FIGURES)    presets: $(PRESETS)    PRESET=$(PRESET)"

-include scripts/maintainers.mk

# Fixes in messages are then given as they are typed to make.
figure-%: export ASKED_BY_MAKE := figure
params-%: export ASKED_BY_MAKE := params
figures beyond: export ASKED_BY_MAKE = $@

figures: $(READY) $(MORE) ## the paper's seven figures, several at once: make figures PRESET=paper
	@echo "the paper's figures, preset $(PRESET)"
	@exec $(RUN) experiments.run "figure=all/$(PRESET)" $(ARGS)

beyond: $(READY) ## the figures beyond the paper, from figure 8 on: make beyond PRESET=smoke
	@echo "the figures beyond the paper, preset $(PRESET)"
	@exec $(RUN) experiments.run "figure=beyond/$(PRESET)" $(ARGS)

figure-%: $$(call known,$$*) $(READY) $$(and $$(wildcard configs/figure/fig$$*/requirements.lock),$(VENV)/.installed-fig$$*) FORCE ## one figure: make figure-3 PRESET=smoke ARGS='seeds=[0,1]'
	@exec $(RUN) experiments.run "figure=fig$*/$(PRESET)" $(ARGS)

params-%: $$(call known,$$*) $(READY) FORCE ## a figure's parameters: meaning, unit, value, range
	@exec $(RUN) experiments.params "figure=fig$*/$(PRESET)" $(ARGS)

play: $(READY) ## the explorers in your browser, at http://localhost:8000
	@$(RUN) explorers results/explorers
	@echo "open http://localhost:8000 in a browser; Ctrl-C ends it"
	@$(RUN) http.server --bind 127.0.0.1 --directory results/explorers 8000

compare: $(READY) ## two runs, their numbers, verdicts and pictures: make compare A=results/quick/fig4 B=results/quick/fig4-...
	@exec $(RUN) experiments.compare "$(A)" "$(B)"

verify: $(READY) ## numbers and claims, or one figure's claims: make verify ARGS='figure=fig5/smoke key=value'
	@exec $(RUN) experiments.replication.verify $(ARGS)

test: $(TESTED) $(if $(ARGS),,$(MORE)) ## all tests, or some: make test ARGS='-k cache'
	@# Tests that call make give it arguments of their own.
	env -u MAKEFLAGS -u ARGS $(RUN) pytest -n logical --maxprocesses 4 --dist worksteal $(ARGS)

clean: ## empties the cache in results; the folders of runs stay
	rm -rf results/cache

setup: $(TESTED) #- virtual environment with the pinned packages, those of tests and tools too, in .venv

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: no Python 3.11, 3.12 or 3.13 found;" \
		"install one, or name it: make PYTHON=/path/to/python"; exit 2; }
	@echo "setting up $(VENV) with $(PYTHON): $$(grep -c '^[a-z].*==' $<) pinned packages, 0.9 GB on disk, one or two minutes"
	@mkdir -p $(VENV)
	@test -x $(VENV)/bin/python || "$(PYTHON)" -m venv $(VENV)
	@$(INSTALL) -r requirements.lock
	@$(RUN) pip install --quiet --no-deps --no-build-isolation $(patsubst %,-e ./%,. $(wildcard tools))
	@touch $@
	@echo "set up; for python in this shell: . $(VENV)/bin/activate"

$(TESTED): tests/requirements.lock
$(VENV)/.installed-site: docs/site/requirements.lock
$(MORE): $(VENV)/.installed-%: configs/figure/%/requirements.lock
$(VENV)/.installed-%: $(READY)
	@echo "$*: $$(grep -c '^[a-z].*==' $(filter %.lock,$^)) pinned packages more, in $(VENV)"
	@$(INSTALL) -r $(filter %.lock,$^)
	@touch $@

# Memory that is given back is kept for the next array: no page faults. Heaps of 4 GiB, four pages of
# the size named, one a thread: no waiting, either. glibc alone reads it, as a process starts, and
# takes usual pages where none of that size are reserved. What the user has set stays.
figures beyond figure-% bench: export GLIBC_TUNABLES ?= $\
	glibc.malloc.hugetlb=1073741824:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184

.DEFAULT:
	@echo 'error: there is no such target; make help lists those that there are' >&2; exit 2

FORCE:
