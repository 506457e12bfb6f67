#!/bin/sh
# Programs that tests talk to: a browser, a database server, a font with Japanese. Installed where
# that can be done without asking (Debian, as root); elsewhere the tests that need them say so.
set -eu
command -v apt-get > /dev/null && [ "$(id -u)" = 0 ] || exit 0
missing=""
for package in chromium fonts-noto-cjk postgresql; do
    dpkg-query --show --showformat '${Status}' "$package" 2> /dev/null | grep -q ' installed' \
        || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "installing for the tests:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086
apt-get install --yes --no-install-recommends -qq $missing > /dev/null
