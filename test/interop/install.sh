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
  libkrb5-3 inetutils-telnet telnet-ssl putty-tools tintin++
  apache2-bin media-types wget
"
# line by line: for start.sh; Gopher; proxies; POP3; NNTP, where inn2 wants something that sends mail; Telnet, whose
# server wants Kerberos; HTTP, which uses curl and tinyproxy too

# These are unpacked, and no more: leafnode and inn2, both news systems, refuse to be installed together, as busybox and
# busybox-static do; inetutils-telnetd would bring an inetd that serves it to everyone when the machine starts.
unpacked="leafnode inetutils-telnetd busybox-static"
folder=/opt/netkit-interop

missing=
for package in $packages; do
  dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
wanted=
for package in $unpacked; do [ -d "$folder/$package/usr" ] || wanted="$wanted $package"; done
[ -n "$missing$wanted" ] || exit 0
[ "$(id -u)" = 0 ] || { echo "install.sh: run as root, it installs$missing$wanted" >&2; exit 1; }

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
for package in $wanted; do
  (cd "$work" && apt download -o APT::Sandbox::User=root "$package")
  # under its name only when it is whole
  dpkg-deb -x "$work/$package"_*.deb "$work/$package"
  mkdir -p "$folder"
  rm -rf "${folder:?}/$package"
  mv "$work/$package" "$folder/$package"
done
echo "installed:$missing$wanted"
