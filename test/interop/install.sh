#!/bin/sh
# install.sh - the servers and clients that the interop tests talk to, from packages of Debian 12, as root.
# Nothing is started. Quick when all is there.
set -eu
export DEBIAN_FRONTEND=noninteractive

packages="
  openssl python3 procps
  gophernicus curl lynx w3m
  microsocks tinyproxy
  dovecot-imapd dovecot-pop3d fetchmail mpop getmail6 mutt s-nail
  inn2 msmtp-mta sasl2-bin libsasl2-modules slrn slrnpull tin suck
"
# line by line: for start.sh; Gopher; proxies; POP3; NNTP, where inn2 wants something that sends mail

# inn2 and leafnode, both news systems, refuse to be installed together: leafnode is unpacked, and no more
leafnode=/opt/netkit-interop/leafnode

missing=
for package in $packages; do
  dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
[ -n "$missing" ] || [ ! -x "$leafnode/usr/sbin/fetchnews" ] || exit 0
[ "$(id -u)" = 0 ] || { echo "install.sh: run as root, it installs$missing" >&2; exit 1; }

work=$(mktemp -d)
policy=
trap 'rm -rf "$work" $policy' EXIT
trap 'exit 1' INT TERM HUP

# A daemon that a package starts would take its well-known port and its own configuration: none is started.
if [ ! -e /usr/sbin/policy-rc.d ]; then
  policy=/usr/sbin/policy-rc.d
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

# inn2 cannot be set up on a machine whose name has no domain, unless a configuration says one. This is only for that.
cat >"$work/inn.conf" <<X
mta: "/bin/false %s"
domain: example.test
pathhost: unused.example.test
hismethod: hisv6
ovmethod: tradindexed
enableoverview: true
pathnews: /usr/lib/news
pathdb: /var/lib/news
pathspool: /var/spool/news
pathetc: /etc/news
pathlog: /var/log/news
pathrun: /run/news
pathtmp: /var/spool/news/incoming/tmp
X
chmod 755 "$work"
export INNCONF="$work/inn.conf"

apt() { apt-get -qq -o DPkg::Lock::Timeout=300 -o DPkg::Options::=--force-confold -o DPkg::Use-Pty=0 "$@" </dev/null; }
apt update
# shellcheck disable=SC2086 # a list of words
[ -z "$missing" ] || apt install -y --no-install-recommends $missing
if [ ! -x "$leafnode/usr/sbin/fetchnews" ]; then
  (cd "$work" && apt download -o APT::Sandbox::User=root leafnode)
  mkdir -p "$leafnode"
  dpkg-deb -x "$work"/leafnode_*.deb "$leafnode"
fi
echo "installed:$missing"
