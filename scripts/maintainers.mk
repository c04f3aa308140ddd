# Targets for those who work on the repository; the Makefile includes them.

redraw-%: $(READY) FORCE #- a figure from its committed numbers, into results/redraw: make redraw-4
	@$(RUN) scripts.redraw "fig$*"

smoke: $(READY) #- every figure at its smallest
	@$(MAKE) --no-print-directory figures $(if $(wildcard beyond),beyond) PRESET=smoke

test-fast: $(TESTED) #- quick tests alone, for a change in one place: make test-fast ARGS=tests/snn
	env -u MAKEFLAGS -u ARGS $(RUN) pytest -n logical --maxprocesses 4 --dist worksteal -m "not slow" $(ARGS)

torture: $(TESTED) $(MORE) #- disturbs runs, breaks the machinery: make torture ARGS='-k places'
	env -u MAKEFLAGS -u ARGS $(RUN) pytest tests/torture $(ARGS)

lint: $(TESTED) #- style, types, common mistakes, and who may import whom
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) pyright --pythonpath $(VENV)/bin/python
	set -e; for contracts in pyproject.toml $(wildcard beyond/imports.toml tools/pyproject.toml); do \
		$(VENV)/bin/lint-imports --no-cache $$contracts; done

format: $(TESTED) #- rewrites the code in the common style
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

# On Linux the default index has PyTorch with 3 GB of CUDA alone.
TORCH := $(VENV)/torch/site-packages
$(VENV)/.installed-torch: tools/tests/torch/requirements.lock $(TESTED)
	@echo "torch: PyTorch for the CPU and three libraries, 0.7 GB in $(TORCH)"
	rm -rf $(TORCH)
	$(INSTALL) --no-deps --upgrade --target $(TORCH) -r $<
	@test "$$(uname)" != Linux || $(RUN) pip install --quiet --no-deps --upgrade --target $(TORCH) \
		"$$(sed -n 's/^\(torch==[^ ]*\).*/\1+cpu/p' $<)" || { echo "error: pip found no PyTorch for the CPU;" \
		"point PIP_EXTRA_INDEX_URL to the index that PyTorch names for it, or PIP_FIND_LINKS to a folder" >&2; exit 2; }
	@touch $@

torch: $(VENV)/.installed-torch #- the doctor for PyTorch, on snnTorch, SpikingJelly and norse: make torch ARGS='-k traps'
	env -u MAKEFLAGS -u ARGS PYTHONPATH="$$(cd $(TORCH) && pwd)" $(RUN) pytest tools/tests/torch $(ARGS)

references: $(READY) #- takes the numbers of results as those in figures/reference
	@$(RUN) scripts.references $(ARGS)

gallery: $(READY) #- draws figures/gallery from figures/reference, and writes the captions into pages
	@$(RUN) scripts.gallery $(ARGS)

goldens: $(READY) #- recomputes tests/goldens (ARGS=fig4: one figure): read the difference before committing it
	$(RUN) experiments.replication.goldens $(ARGS)

published: $(READY) #- repeats figure 6 on the published picture, oxford.png, for published_picture.csv
	$(RUN) experiments.replication.published

replication: $(READY) #- writes REPLICATION.md from the goldens and the claims, beyond's tables too
	$(RUN) experiments.replication.report
	$(if $(wildcard beyond),$(RUN) beyond.scripts.tables)

bench: $(READY) #- cost of one training step of figure 7, by matrix products and by event-driven sums
	@set -e; for spikes in stochastic deterministic; do for sums in "" --event-driven; do \
		$(RUN) scripts.bench $$spikes $$sums; done; done

site: $(READY) $(VENV)/.installed-site #- the companion site as static pages, in site/
	@$(RUN) scripts.site

serve: #- shows site/ at http://localhost:8000
	@$(RUN) http.server --bind 127.0.0.1 --directory site 8000

PIN = $(RUN) uv pip compile --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	--python-version 3.11 $(ARGS)

lock: $(TESTED) #- pins all packages, those of single figures and of the site too; ARGS=--upgrade: the newest versions
	$(PIN) pyproject.toml $(addprefix --extra ,$(EXTRAS)) -o requirements.lock
	$(PIN) pyproject.toml $(wildcard tools/pyproject.toml) $(addprefix --extra ,$(TOOLS)) -c requirements.lock -o tests/requirements.lock
	for beside in $(wildcard tools/tests/torch/requirements.in); do \
		$(PIN) $$beside --no-deps -o $${beside%.in}.lock || exit; done
	for more in $(wildcard configs/figure/fig*/requirements.in docs/site/requirements.in); do \
		$(PIN) $$more -c requirements.lock -c tests/requirements.lock -o $${more%.in}.lock || exit; done
