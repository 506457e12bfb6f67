#!/bin/sh
# Put a backup into place: sh deploy/restore.sh ARCHIVE HOME
#
# HOME must hold no warehouse: move the old one away first. The archive is checked before anything
# is unpacked, and moved into place when all of it is.
# Exit status: 0 done, 2 wrong usage, 4 the archive is damaged or cannot be unpacked.
set -eu

[ $# -eq 2 ] || { echo "usage: sh deploy/restore.sh ARCHIVE HOME" >&2; exit 2; }
archive=$1
home=$2
for part in current ops published secret.key; do
    [ ! -e "$home/$part" ] || { echo "restore: $home/$part is there; move it away first" >&2; exit 2; }
done
(cd "$(dirname "$archive")" && sha256sum --quiet --check "$(basename "$archive").sha256") || {
    echo "restore: $archive is not what was written; take another backup" >&2
    exit 4
}
mkdir -p "$home" || exit 4
part=$home/restoring
rm -rf "$part"
mkdir -m 700 "$part"
tar --extract --file "$archive" --directory "$part" || exit 4
[ -f "$part/current/warehouse.duckdb" ] || { echo "restore: $archive has no warehouse" >&2; exit 4; }
for one in ops published secret.key current; do  # Last the warehouse: with it, a home is one.
    [ ! -e "$part/$one" ] || mv "$part/$one" "$home/" || exit 4
done
rmdir "$part"
echo "restored to $home; now look: TOKUI_HOME=$home .venv/bin/tokui doctor"
