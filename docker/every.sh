#!/bin/sh
# every.sh SECONDS COMMAND…: run a command again and again, with a pause in between. A failure is logged and tried again;
# a success leaves a mark for the health check.
pause=$1
shift
while :; do
    if "$@"; then
        touch /tmp/last-success
    else
        echo "edomex: «$*» terminó con un error; se repite en $pause s." >&2
    fi
    sleep "$pause"
done
