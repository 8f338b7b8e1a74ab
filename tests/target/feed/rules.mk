# Stands in for the file of this name in OpenWrt's build system, as far as packaging/ipk/feed uses it. What is here follows
# that system's public documentation and proves nothing about a real one: syntax, variables and files.
SHELL:=/usr/bin/env bash
INCLUDE_DIR:=$(TOPDIR)/include
BUILD_DIR:=$(OUT)/build
CP:=cp -fpR
LN:=ln -sf
INSTALL_BIN:=install -m0755
INSTALL_DIR:=install -d -m0755
INSTALL_DATA:=install -m0644
INSTALL_CONF:=install -m0600
