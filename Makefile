# make demo, make test: everything else follows from these two.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
STAMP := .venv/.installed
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: help demo test lint format validate validate-trees validate-flows validate-fuzz validate-cohort validate-size validate-error-bar bench bench-cohort bench-mesher bench-peers clean

help:
	@echo 'make demo      solve the shipped left coronary tree end to end and say where the report is'
	@echo 'make test      run the tests'
	@echo 'make lint      ruff, mypy --strict'
	@echo 'make validate  print the table of verification bounds (minutes)'
	@echo 'make validate-trees FIRST=0 COUNT=120 SIZE=coarse JOBS=1'
	@echo '               mesh random trees and keep the table of outcomes; resumes by seed'
	@echo 'make validate-flows FIRST=0 COUNT=60 JOBS=1'
	@echo '               solve hyperemia on random trees and keep the table of outcomes'
	@echo 'make validate-fuzz KIND=all FIRST=0 COUNT=1000 JOBS=1'
	@echo '               wrong case files, vessel files and manifests; keeps the outcomes, resumes'
	@echo 'make validate-cohort'
	@echo '               200 cases killed 20 times and resumed, against an undisturbed run'
	@echo 'make bench-cohort'
	@echo '               12 finite-element cases, one job against two (minutes on idle cores)'
	@echo 'make validate-size'
	@echo '               default mesh against eight times its unknowns on twelve trees (hours; resumes)'
	@echo 'make validate-error-bar'
	@echo '               error bars of FFR against errors on the same trees (an hour; resumes)'
	@echo 'make bench     time kernels, mesher and solver'
	@echo 'make bench-mesher'
	@echo '               our meshes against isotropic ones for equal FFR (half an hour)'
	@echo 'make bench-peers'
	@echo '               a stenosis in OpenFOAM, NGSolve and Kratos; benchmarks/peers/README.md installs them'

$(STAMP): pyproject.toml constraints.txt scripts/make-environment scripts/find-python
	@sh scripts/make-environment $(STAMP)

demo: $(STAMP)
	@$(PYTHON) examples/demo.py

test: $(STAMP)
	@$(PYTHON) -m pytest -q -n 2 --dist worksteal

lint: $(STAMP)
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

format: $(STAMP)
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

validate: $(STAMP)
	@$(PYTHON) benchmarks/validate.py

validate-trees: FIRST ?= 0
validate-trees: COUNT ?= 120
validate-trees: SIZE ?= coarse
validate-trees: JOBS ?= 1
validate-trees: $(STAMP)
	@$(PYTHON) benchmarks/trees.py $(FIRST) $(COUNT) --size $(SIZE) --jobs $(JOBS) --docs

validate-flows: FIRST ?= 0
validate-flows: COUNT ?= 60
validate-flows: JOBS ?= 1
validate-flows: $(STAMP)
	@$(PYTHON) benchmarks/flow_trees.py $(FIRST) $(COUNT) --jobs $(JOBS) --docs

validate-fuzz: KIND ?= all
validate-fuzz: FIRST ?= 0
validate-fuzz: COUNT ?= 1000
validate-fuzz: JOBS ?= 1
validate-fuzz: $(STAMP)
	@$(PYTHON) benchmarks/fuzz.py $(KIND) $(FIRST) $(COUNT) --jobs $(JOBS) --docs

validate-cohort: $(STAMP)
	@$(PYTHON) benchmarks/cohort.py $(ARGS)

bench-cohort: $(STAMP)
	@$(PYTHON) benchmarks/cohort_speed.py $(ARGS)

validate-size: $(STAMP)
	@$(PYTHON) benchmarks/size_study.py

validate-error-bar: $(STAMP)
	@$(PYTHON) benchmarks/error_bar.py $(ARGS)

bench: $(STAMP)
	@$(PYTHON) benchmarks/bench.py

bench-mesher: $(STAMP)
	@$(PYTHON) benchmarks/mesher.py $(ARGS)

bench-peers: $(STAMP)
	@$(PYTHON) benchmarks/peers/tube.py $(ARGS)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache out
