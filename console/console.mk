# The console: `make console` makes build/console, which nginx serves under /console/. Nothing is done while no source has changed.
CONSOLE_PAGE   = $(BUILD)/console/index.html
CONSOLE_API    = console/src/client/schema.d.ts
CONSOLE_TOOLS  = console/node_modules/installed.json
CONSOLE_SOURCE = console/index.html $(wildcard console/*.json console/*.ts console/public/*) $(shell find console/src -type f ! -name schema.d.ts)

.PHONY: console console-check console-audit console-shots
console: $(CONSOLE_PAGE)

# Its packages, as package-lock.json names them; no script of theirs is run.
$(CONSOLE_TOOLS): console/package-lock.json
	cd console && npm ci --silent --no-audit --no-fund --ignore-scripts
	cp $< $@

# The types of calls and answers, from the tables that serve the API. A description that is the same leaves them as they are.
$(BUILD)/console-api.json: $(DAEMON)
	$(DAEMON) --openapi >$@.new
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(CONSOLE_API): $(BUILD)/console-api.json $(CONSOLE_TOOLS)
	cd console && node_modules/.bin/openapi-typescript $(abspath $<) --output $(abspath $@) >/dev/null

$(CONSOLE_PAGE): $(CONSOLE_SOURCE) $(CONSOLE_TOOLS)
	cd console && node_modules/.bin/vite build --logLevel warn

# Types, rules and form of the source: a part of `make check`.
console-check: $(CONSOLE_API)
	cd console && node_modules/.bin/vue-tsc --noEmit && node_modules/.bin/eslint --max-warnings 0 . && node_modules/.bin/prettier --log-level warn --check .

# Asks the registry what is known against the packages (docs/reference/npm-packages.md). Fails on what is high, and when nobody answers.
console-audit:
	cd console && npm audit --audit-level=high
	cd test/conformance/node && npm audit --audit-level=high

# Pictures of every page in both languages and looks, on a laptop, a small one and a phone: build/console-shots.
console-shots: all console $(BUILD)/bin/edge-load
	$(BUILD)/venv/bin/python -m pytest -q -p no:cacheprovider test/console/shots.py
