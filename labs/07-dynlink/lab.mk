# What lab 07 builds beside its kernel files: the vDSO, which is embedded into the kernel, and in
# $(USER07) ld-trellis.so with the libraries and programs that try it.

# ---- the vDSO ------------------------------------------------------------------------------

VDSO := $(OBJ)/07-dynlink/vdso/vdso.so
VDSO_CFLAGS := -std=gnu17 -O2 -g -ffreestanding -fPIC -fno-stack-protector -mgeneral-regs-only \
	-fcf-protection=none -fno-omit-frame-pointer -fasynchronous-unwind-tables $(WARN)
$(VDSO): labs/07-dynlink/vdso/vdso.c labs/07-dynlink/vdso/vdso.ld labs/07-dynlink/vdso/vvar.h $(OBJ)/.flags $(INC)/.stamp
	$(say) VDSO $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(VDSO_CFLAGS) -I$(INC)/07 -shared -nostdlib \
		-Wl,-soname=linux-vdso.so.1,-Bsymbolic,--hash-style=both,--eh-frame-hdr,--build-id=none \
		-Wl,-z,max-page-size=4096,-z,noexecstack,-T,labs/07-dynlink/vdso/vdso.ld -o $@ $<
$(OBJ)/07-dynlink/vdso/image.o: labs/07-dynlink/vdso/image.S $(VDSO)
	$(Q)$(CC) $(ASFLAGS) -DVDSO_FILE='"$(VDSO)"' -c -o $@ $<
LABMK_OBJ += $(OBJ)/07-dynlink/vdso/image.o

# ---- the dynamic linker --------------------------------------------------------------------

# Where it goes depends on whose form of its exercises it has, as the kernel does.
USER07 := $(OUT)/user
LDSO := $(USER07)/ld-trellis.so
LDSO_SRC := $(wildcard labs/07-dynlink/ldso/*.S) \
	$(foreach f,$(sort $(patsubst labs/%,%,$(wildcard labs/07-dynlink/ldso/*.c)) \
	$(filter 07-dynlink/ldso/%,$(SOLUTIONS))),$(call pick,$(f)))
# No SSE: see start.S. No calls of memcpy() made from loops: there is no such function.
LDSO_CFLAGS := -std=gnu17 -O2 -g -ffreestanding -fPIC -fvisibility=hidden -mgeneral-regs-only \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none \
	-fno-tree-loop-distribute-patterns $(WARN)
$(LDSO): $(LDSO_SRC) $(wildcard labs/07-dynlink/ldso/*.h) $(OBJ)/.flags $(INC)/.stamp
	$(say) LDSO $@
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDSO_CFLAGS) -I$(INC)/07 -shared -nostdlib \
		-Wl,-soname=ld-trellis.so,-Bsymbolic,-e,_start,-z,now,-z,relro,--hash-style=gnu \
		-Wl,--no-undefined,-z,noexecstack,--build-id=none $(MINE_CFLAGS) -o $@ $(LDSO_SRC)

# ---- its libraries and programs ------------------------------------------------------------

LIB07 := labs/07-dynlink/lib
LIB07_CFLAGS := -std=gnu17 -O2 -g -ffreestanding -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fcf-protection=none $(WARN)
$(USER07)/lib%.so: $(LIB07)/%.c $(wildcard $(LIB07)/*.h)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LIB07_CFLAGS) -fPIC -shared -nostdlib -Wl,-soname=$(@F),--hash-style=gnu -o $@ $< \
		$(filter %.so,$^)
$(USER07)/libshapes.so: $(USER07)/libmini.so

LIBS07 := $(addprefix $(USER07)/,libempty.so libmany.so libshapes.so libmini.so)
PROGRAM07 = $(CC) $(LIB07_CFLAGS) -nostdlib -Wl,--dynamic-linker=/lib/ld-trellis.so \
	-Wl,--no-as-needed,--allow-shlib-undefined,--hash-style=gnu,-rpath,'$$ORIGIN'
DEMO07 := $(LIB07)/crt.S $(LIB07)/demo.c $(LIBS07)
$(USER07)/demo: $(DEMO07)
	$(Q)$(PROGRAM07) -fPIE -pie -Wl,-z,lazy -o $@ $^
$(USER07)/demo-now: $(DEMO07)
	$(Q)$(PROGRAM07) -fPIE -pie -Wl,-z,now -o $@ $^
$(USER07)/demo-fixed: $(DEMO07)
	$(Q)$(PROGRAM07) -fno-pie -no-pie -Wl,-z,lazy -o $@ $^

USER07_FILES := $(LDSO) $(LIBS07) $(addprefix $(USER07)/,demo demo-now demo-fixed)
.PHONY: user07
user07: $(USER07_FILES)
# They belong to the kernel's directory, for the disk and for the tests.
kernel user-tests: $(USER07_FILES)
