# Countersign. `make` builds everything, `make check` is the gate that reads the source, `make unit` runs the C tests.
# Layering is enforced here: each folder sees the headers of the folders in USES_<folder> only (build/view/<folder>), and the library
# headers that only one folder may use are hidden from all others (tools/layering.sh).

BUILD   ?= build
CC      ?= gcc
SAN     ?=
WARN     = -Wall -Wextra -Wshadow -Wconversion -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Werror
CFLAGS  ?= -O3 -g
# The module is optimised as a whole, across the folders; archives hold plain code too, for everything else that links them.
LTO     ?= $(if $(SAN),,-flto=auto)
ALL_CFLAGS = -std=gnu11 $(WARN) $(CFLAGS) $(SAN) -fPIC -fvisibility=hidden -fstack-protector-strong -D_GNU_SOURCE
ifeq ($(SAN),)
ALL_CFLAGS += -D_FORTIFY_SOURCE=2
endif
# "rep stos", which gcc takes for structures of some hundred bytes, is slow to start; the C library knows better.
ifeq ($(findstring x86_64,$(shell uname -m))$(findstring clang,$(CC)),x86_64)
ALL_CFLAGS += -mmemset-strategy=unrolled_loop:96:noalign,libcall:-1:noalign -mmemcpy-strategy=unrolled_loop:96:noalign,libcall:-1:noalign
endif
LDFLAGS += $(SAN)

FOLDERS = base crypto http credential policy scheme jwt admit explain mapped replay feedback lock limit edge directory balance gateway store control cli
USES_base       =
USES_crypto     = base
USES_http       = base
USES_credential = base
USES_policy     = base credential
USES_scheme     = base crypto http credential policy
USES_jwt        = base crypto credential
USES_admit      = base crypto http credential policy scheme jwt
USES_explain    = base crypto http credential policy scheme jwt admit
USES_edge       = base crypto credential policy
USES_directory  = base crypto http credential policy scheme jwt admit edge
USES_balance    = base crypto credential policy edge
USES_mapped     = base crypto
USES_replay     = base crypto mapped
USES_feedback   = base mapped
USES_lock       = base crypto mapped
USES_limit      = base crypto mapped
USES_gateway    = base crypto http credential policy scheme jwt admit edge directory balance mapped replay feedback lock limit
USES_store      = base crypto credential policy
USES_control    = base crypto http credential policy scheme jwt admit explain edge directory store mapped replay feedback lock limit
USES_cli        = base crypto http credential policy scheme jwt admit explain edge directory store control mapped replay feedback lock limit

PURE_FOLDERS = base crypto http credential policy scheme jwt admit explain
MAPPED_FOLDERS = mapped replay feedback lock limit
IMPURE       = src/crypto/random.c src/crypto/key_pair.c src/crypto/password.c

SRC_of = $(wildcard src/$(1)/*.c)
OBJ_of = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(1))

PURE_SRC    = $(filter-out $(IMPURE),$(foreach f,$(PURE_FOLDERS),$(call SRC_of,$(f))))
LIB_PURE    = $(BUILD)/lib/libcountersign.a
LIB_EDGE    = $(BUILD)/lib/libcountersign-edge.a
LIB_MAPPED  = $(BUILD)/lib/libcountersign-mapped.a
LIB_RANDOM  = $(BUILD)/lib/libcountersign-random.a
LIB_STORE   = $(BUILD)/lib/libcountersign-store.a
LIB_CONTROL = $(BUILD)/lib/libcountersign-control.a

DAEMON = $(BUILD)/bin/countersignd
CLI    = $(BUILD)/bin/countersign
MODULE = $(BUILD)/modules/ngx_http_countersign_module.so

PQ_CFLAGS = $(shell pkg-config --cflags libpq 2>/dev/null)
LIBS_CRYPTO  = -lcrypto
LIBS_STORE   = -lsqlite3 -lpq
LIBS_CONTROL = -lmicrohttpd -ljansson -lcurl -lcares -llmdb -lpthread

.PHONY: all check unit fuzz-corpus fuzz clean run test soak bench views
.DEFAULT_GOAL := all
all: $(DAEMON) $(CLI) $(MODULE)

# Every folder gets a directory with links to the folders it may use, and headers that refuse the libraries that are not its own.
VIEWS = $(BUILD)/view/.done
$(VIEWS): tools/layering.sh Makefile
	@tools/layering.sh $(BUILD)/view $(foreach f,$(FOLDERS),"$(f):$(USES_$(f))")
	@touch $@
views: $(VIEWS)

FLAGS_store   = $(PQ_CFLAGS)
FLAGS_gateway = $(NGX_INCLUDES)

define folder_rule
$(BUILD)/obj/$(1)/%.o: src/$(1)/%.c | $(VIEWS)
	@mkdir -p $$(@D)
	$$(CC) $$(ALL_CFLAGS) $$(if $$(LTO),$$(LTO) -ffat-lto-objects) $$(FLAGS_$(1)) -I$(BUILD)/view/$(1) -MMD -MP -c $$< -o $$@
endef
$(foreach f,$(filter-out gateway,$(FOLDERS)),$(eval $(call folder_rule,$(f))))

define archive
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^
endef
$(LIB_PURE): $(call OBJ_of,$(PURE_SRC))
	$(archive)
$(LIB_RANDOM): $(call OBJ_of,$(IMPURE))
	$(archive)
$(LIB_EDGE): $(call OBJ_of,$(foreach f,edge directory balance,$(call SRC_of,$(f))))
	$(archive)
$(LIB_MAPPED): $(call OBJ_of,$(foreach f,$(MAPPED_FOLDERS),$(call SRC_of,$(f))))
	$(archive)
$(LIB_STORE): $(call OBJ_of,$(call SRC_of,store))
	$(archive)
# main of the daemon is the one object that stays outside the archive: the CLI links the rest.
CONTROL_MAIN = src/control/main.c
$(LIB_CONTROL): $(call OBJ_of,$(filter-out $(CONTROL_MAIN),$(call SRC_of,control)))
	$(archive)

LIBS_ALL = $(LIB_CONTROL) $(LIB_STORE) $(LIB_EDGE) $(LIB_MAPPED) $(LIB_RANDOM) $(LIB_PURE)
$(DAEMON): $(call OBJ_of,$(wildcard $(CONTROL_MAIN))) $(LIBS_ALL)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_STORE) $(LIBS_CONTROL) $(LIBS_CRYPTO)
$(CLI): $(call OBJ_of,$(call SRC_of,cli)) $(LIBS_ALL)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS_STORE) $(LIBS_CONTROL) $(LIBS_CRYPTO)

include src/gateway/module.mk

# Unit tests: test/unit/<folder>/<name>_test.c, one program each, sees what its folder sees plus the folder itself.
UNIT_SRC  = $(wildcard test/unit/*/*_test.c)
UNIT_BIN  = $(patsubst test/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))
$(BUILD)/unit/%: test/unit/%.c $(LIB_PURE) $(LIB_EDGE) $(LIB_MAPPED) $(LIB_STORE) $(LIB_CONTROL) $(LIB_RANDOM)
	@mkdir -p $(@D)
	$(CC) $(filter-out -Werror -fvisibility=hidden,$(ALL_CFLAGS)) -fno-use-linker-plugin -Isrc -Itest/unit $(PQ_CFLAGS) -MMD -MP $< -o $@ $(LDFLAGS) \
	  $(LIBS_ALL) $(LIBS_STORE) $(LIBS_CONTROL) $(LIBS_CRYPTO) -lcmocka
unit: $(UNIT_BIN)
	@tools/with-postgres.sh tools/run-unit.sh $(UNIT_BIN)

# Tools of the tests: test/tools/<name>.c, linked against everything but the store and the daemon; `edge-load` fills an edge from JSON lines.
$(BUILD)/bin/edge-load: test/tools/edge_load.c $(LIB_EDGE) $(LIB_MAPPED) $(LIB_PURE) $(LIB_RANDOM)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Isrc -MMD -MP -MF $(BUILD)/obj/edge_load.d $< -o $@ $(LDFLAGS) $(LIB_EDGE) $(LIB_MAPPED) $(LIB_RANDOM) $(LIB_PURE) -llmdb $(LIBS_CRYPTO)

# secret-work is run under valgrind (test/check/test_secret_work.py).
$(BUILD)/bin/secret-work: test/tools/secret_work.c $(LIB_PURE)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Isrc $< -o $@ $(LDFLAGS) $(LIB_PURE) $(LIBS_CRYPTO)

# Fuzzers: test/fuzz/<name>_fuzz.c with LLVMFuzzerTestOneInput, corpus in test/fuzz/corpus/<name>/. fuzz-corpus runs every corpus as a plain
# test (no clang needed, under ASan and UBSan); fuzz runs libFuzzer for FUZZ_SECONDS each.
FUZZ_SRC = $(wildcard test/fuzz/*_fuzz.c)
FUZZ_SECONDS ?= 30
fuzz-corpus:
	@tools/fuzz-corpus.sh
fuzz:
	@tools/fuzz.sh $(FUZZ_SECONDS)

check:
	@tools/check.sh

run:
	@./run
test:
	@./run tests
soak:
	@tools/soak.sh
bench: all
	@bench/run.sh

-include bench/bench.mk
include console/console.mk

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj $(BUILD)/unit -name '*.d' 2>/dev/null)
