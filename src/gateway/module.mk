# The nginx module is built against the headers of the distribution's package nginx-dev (nginx-facts.md 9.1).
# tools/nginx-headers.sh copies them and runs nginx's own configure once with the package's flags.
NGX_DEV = $(BUILD)/nginx-dev
GATEWAY_SRC = $(wildcard src/gateway/*.c)
GATEWAY_OBJ = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(GATEWAY_SRC))
NGX_FOLDERS = src/core src/event src/event/modules src/os/unix src/http src/http/modules src/http/v2 objs

$(NGX_DEV)/.done: tools/nginx-headers.sh
	@tools/nginx-headers.sh $(NGX_DEV)
	@touch $@

$(BUILD)/obj/gateway/%.o: src/gateway/%.c $(NGX_DEV)/.done | $(VIEWS)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LTO) -I$(BUILD)/view/gateway $(addprefix -isystem $(NGX_DEV)/,$(NGX_FOLDERS)) -MMD -MP -c $< -o $@

$(BUILD)/obj/gateway/modules.o: $(NGX_DEV)/.done
	@mkdir -p $(@D)
	$(CC) -O2 -g -fPIC $(SAN) $(addprefix -isystem $(NGX_DEV)/,$(NGX_FOLDERS)) -c $(NGX_DEV)/objs/ngx_http_countersign_module_modules.c -o $@

$(MODULE): $(GATEWAY_OBJ) $(BUILD)/obj/gateway/modules.o $(LIB_EDGE) $(LIB_MAPPED) $(LIB_PURE) $(LIB_RANDOM)
	@mkdir -p $(@D)
	$(CC) -shared $(ALL_CFLAGS) $(LTO) $(LDFLAGS) -o $@ $(GATEWAY_OBJ) $(BUILD)/obj/gateway/modules.o -Wl,--exclude-libs,ALL $(LIB_EDGE) $(LIB_MAPPED) $(LIB_RANDOM) $(LIB_PURE) -llmdb -lcrypto
