# Power of the OOBM module; sourced after shared.sh. OOBM_MODEM_POWER names the switch:
#
#   gpio:N          a GPIO line of the legacy sysfs interface, high while the module has power
#   gpio-low:N      the same, low while the module has power
#   regulator:PATH  a userspace consumer of a regulator: its "state" takes enabled and disabled
#   usb:VID:PID     no power switch at all: the device is forgotten by the USB core and found again
#
# Whatever ends the verb, the module has power afterwards.

power_off_s=${OOBM_MODEM_POWER_OFF_S:-5}
power_longest_s=40

# power_write FILE VALUE
power_write() { [ -w "$1" ] && echo "$2" 2>/dev/null >"$1"; }

power_gpio_line() {
  folder=$sysfs/class/gpio/gpio$1
  [ -d "$folder" ] || power_write "$sysfs/class/gpio/export" "$1" || fail "the GPIO line $1 cannot be had"
  # "high" and "low" set direction and level in one step, so that there is no glitch.
  case "$(cat "$folder/direction" 2>/dev/null)" in
    out) ;;
    *) power_write "$folder/direction" "$2" || fail "the GPIO line $1 cannot be an output" ;;
  esac
}

power_usb_device() {
  for folder in "$sysfs"/bus/usb/devices/*; do
    [ "$(cat "$folder/idVendor" 2>/dev/null):$(cat "$folder/idProduct" 2>/dev/null)" = "$1" ] || continue
    [ -e "$folder/authorized" ] && echo "$folder/authorized" && return
  done
  return 1
}

# Sets file, on and off for the switch that is configured.
power_find() {
  target=${OOBM_MODEM_POWER#*:}
  on=1
  off=0
  case "$OOBM_MODEM_POWER" in
    gpio:*)
      power_gpio_line "$target" high
      file=$sysfs/class/gpio/gpio$target/value
      ;;
    gpio-low:*)
      power_gpio_line "$target" low
      file=$sysfs/class/gpio/gpio$target/value
      on=0
      off=1
      ;;
    regulator:*)
      file=$target
      on=enabled
      off=disabled
      ;;
    usb:*) file=$(power_usb_device "$target") || fail "there is no USB device $target" ;;
    *) fail "OOBM_MODEM_POWER is not of the form gpio:N, gpio-low:N, regulator:PATH or usb:VID:PID" ;;
  esac
}

power_cycle() {
  [ -n "${OOBM_MODEM_POWER:-}" ] || fail "this board cannot switch the module's power" 3
  case "$power_off_s" in
    '' | *[!0-9]*) fail "OOBM_MODEM_POWER_OFF_S is no number of seconds" ;;
  esac
  [ "$power_off_s" -le "$power_longest_s" ] || fail "OOBM_MODEM_POWER_OFF_S is more than $power_longest_s"
  power_find
  trap 'power_write "$file" "$on"; fail "the verb was broken off"' TERM INT HUP
  power_write "$file" "$off" || fail "the module's power cannot be switched off"
  sleep "$power_off_s"
  power_write "$file" "$on" || fail "the module's power cannot be switched on again"
  trap - TERM INT HUP
}
