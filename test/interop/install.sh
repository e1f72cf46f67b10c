#!/bin/sh
# install.sh - the servers and clients that the interop tests talk to, from Debian packages (12 or later), as root.
# Nothing is started. Quick when all is there.
set -eu
export DEBIAN_FRONTEND=noninteractive

# gopher: gophernicus curl lynx w3m; proxies: microsocks (SOCKS5) tinyproxy (HTTP CONNECT); the rest is for start.sh
packages="gophernicus curl lynx w3m microsocks tinyproxy openssl python3 procps"

missing=
for package in $packages; do
  dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
[ "$(id -u)" = 0 ] || { echo "install.sh: run as root, it installs$missing" >&2; exit 1; }

# A daemon that a package starts would take its well-known port and its own configuration: none is started.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' INT TERM HUP
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

apt() { apt-get -qq -o DPkg::Lock::Timeout=300 -o DPkg::Options::=--force-confold -o DPkg::Use-Pty=0 "$@" </dev/null; }
apt update
# shellcheck disable=SC2086 # a list of words
apt install -y --no-install-recommends $missing
echo "installed:$missing"
