# Stands in for OpenWrt's: see rules.mk.
PKG_INSTALL:=1
