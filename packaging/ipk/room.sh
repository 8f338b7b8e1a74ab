# Stands in each preinst in the place of its line ROOM: refuses $package where $needed_kb are not free.
free_kb=$(df -k /usr 2>/dev/null | awk 'END { print $(NF - 2) }')
case $free_kb in
'' | *[!0-9]*) ;; # not known: the package manager will see
*)
	if [ "$free_kb" -lt "$needed_kb" ]; then
		echo "$package needs $needed_kb kB on the flash, $free_kb kB are free; nothing was changed" >&2
		exit 1
	fi
	;;
esac
