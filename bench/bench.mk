# Programs of the benchmarks: bench/<name>.c, built by name (make build/bench/populate).
$(BUILD)/bench/%: bench/%.c $(LIB_STORE) $(LIB_RANDOM) $(LIB_PURE)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Isrc -MMD -MP -MF $(BUILD)/obj/bench-$*.d $< -o $@ $(LDFLAGS) $(LIB_STORE) $(LIB_RANDOM) $(LIB_PURE) $(LIBS_STORE) $(LIBS_CRYPTO)
