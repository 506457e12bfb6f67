#!/bin/sh
# Back a warehouse up: sh deploy/backup.sh HOME FOLDER
#
# Writes FOLDER/tokui-<time>.tar and its checksum beside it, while it holds the run lock of HOME.
# Exit status: 0 done, 2 wrong usage, 3 a run is going, 4 it could not be written.
set -eu

[ $# -eq 2 ] || { echo "usage: sh deploy/backup.sh HOME FOLDER" >&2; exit 2; }
home=$1
folder=$2
[ -f "$home/current/warehouse.duckdb" ] || { echo "backup: $home has no warehouse" >&2; exit 2; }

if [ "${TOKUI_BACKUP_LOCKED:-}" != "$home" ]; then
    export TOKUI_BACKUP_LOCKED="$home"
    exec flock --nonblock --conflict-exit-code 3 "$home/run.lock" sh "$0" "$home" "$folder"
fi

name=tokui-$(date -u +%Y%m%dT%H%M%SZ).tar
set -- current
for part in ops published secret.key; do
    [ ! -e "$home/$part" ] || set -- "$@" "$part"
done
umask 077
mkdir -p "$folder" || exit 4
trap 'rm -f "$folder/$name.part"' EXIT
tar --create --file "$folder/$name.part" --directory "$home" "$@" || exit 4
sync "$folder/$name.part" || exit 4
sum=$(sha256sum < "$folder/$name.part") || exit 4
echo "${sum%%-*}$name" > "$folder/$name.sha256" || exit 4
mv "$folder/$name.part" "$folder/$name" || exit 4
echo "$folder/$name"
