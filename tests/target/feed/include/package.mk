# Stands in for OpenWrt's: see rules.mk. What must be set before it is included must be there.
$(foreach field,PKG_NAME PKG_VERSION PKG_RELEASE,$(if $($(field)),,$(error $(field) is missing)))
PKG_BUILD_DIR:=$(BUILD_DIR)/$(PKG_NAME)-$(PKG_VERSION)

define Build/Install
	$(if $(PKG_INSTALL),ninja install)
endef

SCRIPTS:=preinst postinst prerm postrm

# One line on standard output for each field of each package, and the rules for its steps.
define BuildPackage
  $(eval SECTION:=)
  $(eval CATEGORY:=)
  $(eval TITLE:=)
  $(eval DEPENDS:=)
  $(eval USERID:=)
  $(eval $(Package/$(1)))
  $(foreach field,SECTION CATEGORY TITLE,$(if $($(field)),,$(error Package/$(1) is missing the $(field) field)))
  $(foreach part,description install,$(if $(Package/$(1)/$(part)),,$(error Package/$(1)/$(part) is missing)))
  $(foreach field,SECTION CATEGORY TITLE DEPENDS USERID,$(info $(1) $(field)=$($(field))))
  .PHONY: install-$(1)
  install-$(1):
	mkdir -p $(OUT)/$(1)
	$(call Package/$(1)/install,$(OUT)/$(1))
  # A script reaches its file by the environment, as there.
  $(foreach script,$(SCRIPTS),$(if $(value Package/$(1)/$(script)),$(eval scripts-$(1): export $(script)=$$(Package/$(1)/$(script)))))
  .PHONY: scripts-$(1)
  scripts-$(1):
	mkdir -p $(OUT)/CONTROL-$(1)
	for script in $(SCRIPTS); do [ -z "$$$${!script+set}" ] || echo "$$$${!script}" >$(OUT)/CONTROL-$(1)/$$$$script; done
endef

.PHONY: dump prepare build-install
.DEFAULT_GOAL:=dump
dump:
	@echo VERSION=$(PKG_VERSION)
	@echo BUILD_DEPENDS=$(PKG_BUILD_DEPENDS)
	@echo CMAKE_OPTIONS=$(CMAKE_OPTIONS)
	@echo CONFFILES=$(strip $(Package/oobm-agent/conffiles))
prepare:
	$(Build/Prepare)
build-install:
	@echo BUILD_INSTALL
	$(Build/Install)
