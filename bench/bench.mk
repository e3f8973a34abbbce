# Programs of the benchmarks: bench/<name>.c, built by name (make build/bench/populate).
$(BUILD)/bench/%: bench/%.c $(LIB_STORE) $(LIB_RANDOM) $(LIB_PURE)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Isrc -MMD -MP -MF $(BUILD)/obj/bench-$*.d $< -o $@ $(LDFLAGS) $(LIB_STORE) $(LIB_RANDOM) $(LIB_PURE) $(LIBS_STORE) $(LIBS_CRYPTO)

# What management calls cost when the store is large.
.PHONY: bench-scale
bench-scale: all $(BUILD)/bench/populate
	@tools/with-postgres.sh build/venv/bin/python bench/scale.py

# How fast many consumers with a key each are brought in.
.PHONY: bench-import
bench-import: all
	@tools/with-postgres.sh build/venv/bin/python bench/importing.py

# edge-bench: what the look-ups of one request cost.
$(BUILD)/bench/edge-bench: bench/edge_bench.c $(LIB_EDGE) $(LIB_PURE) $(LIB_RANDOM)
	@mkdir -p $(@D)
	$(CC) $(filter-out -fvisibility=hidden,$(ALL_CFLAGS)) -Isrc $< -o $@ $(LDFLAGS) $(LIB_EDGE) $(LIB_PURE) $(LIB_RANDOM) -llmdb $(LIBS_CRYPTO)

# What long lists cost in the console.
.PHONY: bench-console
bench-console: all console $(BUILD)/bench/populate $(BUILD)/bin/edge-load
	@build/venv/bin/python bench/console_lists.py

# countersign-bench: what countersigning costs beside its primitive.
$(BUILD)/bench/countersign-bench: bench/countersign_bench.c $(LIB_PURE)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Isrc $< -o $@ $(LDFLAGS) $(LIB_PURE) $(LIBS_CRYPTO)

# stranger-bench: what it costs to refuse a signature that is dear to check.
$(BUILD)/bench/stranger-bench: bench/stranger_bench.c $(LIB_PURE)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Isrc $< -o $@ $(LDFLAGS) $(LIB_PURE) $(LIBS_CRYPTO)

# token-bench: what admitting a token costs beside its signature.
$(BUILD)/bench/token-bench: bench/token_bench.c $(LIB_PURE)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Isrc $< -o $@ $(LDFLAGS) $(LIB_PURE) $(LIBS_CRYPTO)

# The module that does a bare primitive in stock nginx, beside which rows of run.py are measured; it is never installed.
$(BUILD)/bench/ngx_http_primitive_module.so: bench/primitive_module.c $(NGX_DEV)/.done
	@mkdir -p $(@D)
	$(CC) -shared $(ALL_CFLAGS) $(addprefix -isystem $(NGX_DEV)/,$(NGX_FOLDERS)) $< -o $@ $(LDFLAGS) $(LIBS_CRYPTO)
