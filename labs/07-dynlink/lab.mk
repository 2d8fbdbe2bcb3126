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
comma07 := ,
USER07 := $(OUT)/user
LDSO := $(USER07)/ld-trellis.so
LDSO_FILES := $(sort $(patsubst labs/%,%,$(wildcard labs/07-dynlink/ldso/*.[cS])) $(filter 07-dynlink/ldso/%,$(SOLUTIONS)))
LDSO_OBJ := $(foreach f,$(LDSO_FILES),$(call lab_object,$(f)))
# No SSE: see ldso.h. No calls of memcpy() made from loops: there is no such function.
CODE_FLAGS_7 := -std=gnu17 -O2 -g -ffreestanding -fPIC -fvisibility=hidden -mgeneral-regs-only \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none \
	-fno-tree-loop-distribute-patterns
$(foreach d,$(OBJ) $(OBJ)/solutions $(MINEOBJ),$(d)/07-dynlink/ldso/%.o): CFLAGS := $(CODE_FLAGS_7) $(WARN)
$(LDSO): $(LDSO_OBJ)
	$(say) LDSO $@
	@mkdir -p $(@D)
	$(Q)$(CC) -shared -nostdlib -Wl,-soname=ld-trellis.so,-Bsymbolic,-e,_start,-z,now,-z,relro,--hash-style=gnu \
		-Wl,--no-undefined,-z,noexecstack,--build-id=none $(addprefix -Wl$(comma07),$(call stamp_flags,7)) -o $@ $(LDSO_OBJ)
$(filter-out reference%,$(LDSO_OBJ)): labs/07-dynlink/lab.mk
-include $(LDSO_OBJ:.o=.d)

# ---- its libraries and programs ------------------------------------------------------------

LIB07 := labs/07-dynlink/lib
LIB07_CFLAGS := -std=gnu17 -O2 -g -ffreestanding -fno-stack-protector -fno-tree-loop-distribute-patterns \
	-fno-asynchronous-unwind-tables -fcf-protection=none -I$(INC)/07 -I$(LIB07) $(WARN)
LIB07_HEADERS := $(wildcard $(LIB07)/*.h labs/07-dynlink/ldso/dlfcn.h) $(LIB07)/crt.S $(OBJ)/.flags $(INC)/.stamp
u := $(USER07)

# $(call library07,file,sources,libraries that it needs,flags): DIR/libNAME.so
define library07
$$(u)/$(1): $(addprefix $(LIB07)/,$(2)) $(addprefix $$(u)/,$(3)) $$(LIB07_HEADERS)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(LIB07_CFLAGS) -fPIC -shared -nostdlib -Wl,-soname=$$(@F),--hash-style=gnu -Wl,-z,lazy \
		-Wl,--no-as-needed,-z,noexecstack $(4) \
		$(if $(findstring NO_RUNPATH,$(4)),,-Wl$(comma07)-rpath$(comma07)'$$$$ORIGIN') -o $$@ $(addprefix $(LIB07)/,$(2)) $(addprefix $$(u)/,$(3))
LIBS07 += $$(u)/$(1)
endef
# $(call program07,name,sources,libraries,flags); "-fno-pie -no-pie" among them for a fixed address.
define program07
$$(u)/$(1): $(addprefix $(LIB07)/,$(2)) $(addprefix $$(u)/,$(3)) $$(LIB07_HEADERS)
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(LIB07_CFLAGS) -nostdlib -Wl,--dynamic-linker=/lib/ld-trellis.so,--hash-style=gnu \
		-Wl,--no-as-needed,--allow-shlib-undefined -Wl,-z,noexecstack,-z,lazy \
		$(if $(findstring rpath,$(4)),,-Wl$(comma07)-rpath$(comma07)'$$$$ORIGIN') \
		$(if $(findstring no-pie,$(4)),,-fPIE -pie) $(4) -o $$@ \
		$(LIB07)/crt.S $(addprefix $(LIB07)/,$(2)) $(addprefix $$(u)/,$(3))
PROGRAMS07 += $$(u)/$(1)
endef

# A libc, and one of everything that is relocated.
$(eval $(call library07,libmini.so,mini.c thread.c thread.S,ld-trellis.so))
$(eval $(call library07,libempty.so,empty.c))
$(eval $(call library07,libmany.so,many.c))
$(eval $(call library07,libshapes.so,shapes.c,libmini.so))
demo07 := libempty.so libmany.so libshapes.so libmini.so
$(eval $(call program07,demo,demo.c,$(demo07)))
$(eval $(call program07,demo-now,demo.c,$(demo07),-Wl$(comma07)-z$(comma07)now))
$(eval $(call program07,demo-fixed,demo.c,$(demo07),-fno-pie -no-pie))
$(eval $(call program07,demo-packed,demo.c,$(demo07),-Wl$(comma07)-z$(comma07)pack-relative-relocs))

# Versions. future/ has the library that versions-future is linked with, but does not find.
map07 := -Wl,--version-script=$(LIB07)/version.map
future07 := $(map07) -Wl,--version-script=$(LIB07)/version-future.map -DFUTURE
$(eval $(call library07,libversion.so,version.c,,$(map07)))
$(eval $(call library07,future/libversion.so,version.c,,$(future07)))
$(eval $(call library07,libunversioned.so,unversioned.c))
$(eval $(call program07,versions,versions.c,libunversioned.so libversion.so libmini.so))
$(eval $(call program07,versions-future,versions.c,libunversioned.so future/libversion.so libmini.so,-DFUTURE))

# Order. first/ breaks the circle of x and y: x is linked with that y, y with this x.
$(eval $(call library07,libr.so,letter.c,libmini.so,-DLETTER="'r'" -DWHO))
$(eval $(call library07,libs.so,letter.c,libp.so libmini.so,-DLETTER="'s'"))
$(eval $(call library07,libp.so,letter.c,libr.so libmini.so,-DLETTER="'p'" -DOLD -Wl$(comma07)-init=old_init$(comma07)-fini=old_fini))
$(eval $(call library07,libq.so,letter.c,libr.so libs.so libmini.so,-DLETTER="'q'" -DWHO))
$(eval $(call program07,order,order.c,libp.so libq.so libmini.so))
$(eval $(call library07,first/liby.so,empty.c))
$(eval $(call library07,libx.so,letter.c,first/liby.so libmini.so,-DLETTER="'x'"))
$(eval $(call library07,liby.so,letter.c,libx.so libmini.so,-DLETTER="'y'"))
$(eval $(call program07,circle,order.c,libx.so libmini.so))

# Search paths: a libplace.so in four directories.
$(eval $(call library07,libplace.so,place.c,,-DPLACE="'D'"))
$(eval $(call library07,place/rpath/libplace.so,place.c,,-DPLACE="'R'"))
$(eval $(call library07,place/runpath/libplace.so,place.c,,-DPLACE="'U'"))
$(eval $(call library07,place/env/libplace.so,place.c,,-DPLACE="'E'"))
$(eval $(call library07,libvia.so,via.c,libplace.so,-DNO_RUNPATH))
rpath07 = -Wl,--disable-new-dtags,-rpath,'$$$$ORIGIN/place/rpath:$$$$ORIGIN'
runpath07 = -Wl,--enable-new-dtags,-rpath,'$$$${ORIGIN}/place/runpath:$$$$ORIGIN'
$(eval $(call program07,where-rpath,where.c,libplace.so libmini.so,$(rpath07)))
$(eval $(call program07,where-runpath,where.c,libplace.so libmini.so,$(runpath07)))
$(eval $(call program07,via-rpath,where.c,libvia.so libmini.so,-DVIA $(rpath07)))
$(eval $(call program07,via-runpath,where.c,libvia.so libmini.so,-DVIA $(runpath07)))

# Lazy binding. gone/ has the library that the programs are linked with, but do not find.
$(eval $(call library07,libprobe.so,probe.c probe.S))
$(eval $(call library07,gone/libprobe.so,probe.c probe.S,,-DPROBE_GONE))
$(eval $(call program07,lazy,lazy.c lazy_call.S,gone/libprobe.so libmini.so))
$(eval $(call program07,lazy-now,lazy.c lazy_call.S,libprobe.so libmini.so,-DNOW -Wl$(comma07)-z$(comma07)now$(comma07)-z$(comma07)relro))

# Thread-local storage, dlopen().
$(eval $(call library07,libtls1.so,tls1.c))
$(eval $(call library07,libtls2.so,tls2.c,,-ftls-model=initial-exec))
$(eval $(call program07,tls,tls.c,libtls1.so libtls2.so libmini.so))
$(eval $(call library07,libplug.so,plug.c,libmini.so))
$(eval $(call library07,libguest.so,guest.c,libmini.so))
$(eval $(call library07,libwrap.so,wrap.c))
$(eval $(call program07,plugger,plugger.c,libwrap.so libmini.so ld-trellis.so))

.PHONY: user07
user07: $(LIBS07) $(PROGRAMS07)
# They belong to the kernel's directory, for the disk and for the tests.
kernel user-tests: user07
