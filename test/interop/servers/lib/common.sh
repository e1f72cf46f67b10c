# common.sh - sourced by every start.sh. POSIX sh.
#
#   start.sh DIR PORTBASE   writes configuration and data into DIR (which is new), starts a real server on 127.0.0.1, on
#                           PORTBASE, PORTBASE + 1, …, and prints one line of JSON that says what is where
#   stop.sh DIR             ends what was started, and nothing else
#
# DIR/run/NAME.pid holds "PID STARTTIME", DIR/log what the server says, DIR/tls certificates. NETKIT_CERTS names a folder
# where certificates are made once for several servers.
set -eu
LIB=$(cd "$(dirname "$0")/../lib" && pwd)
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
# the distribution's own: a version manager's would need an environment of its own
PYTHON=/usr/bin/python3
export PATH
# What the caller trusts and which proxies it uses is not what the servers do.
unset SSL_CERT_FILE SSL_CERT_DIR http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY \
  PYTHONPATH PYTHONHOME || :

die() {
  echo "$0: $*" >&2
  exit 1
}

need() { # PROGRAM... : all are there
  for _program in "$@"; do
    command -v "$_program" >/dev/null || die "no $_program: run test/interop/install.sh as root"
  done
}

begin() { # DIR PORTBASE : sets DIR and PORT, makes the folders
  [ $# -eq 2 ] || die "usage: start.sh DIR PORTBASE"
  DIR=$1 PORT=$2
  case $DIR in /*) ;; *) die "DIR is absolute" ;; esac
  [ -z "$(ls -A "$DIR" 2>/dev/null)" ] || die "$DIR is in use"
  mkdir -p "$DIR/run" "$DIR/log" "$DIR/etc" "$DIR/tls"
  chmod 755 "$DIR" "$DIR/run" "$DIR/log" "$DIR/etc" "$DIR/tls"
}

certificates() { # copies the certificates to DIR/tls
  _certs=${NETKIT_CERTS:-$DIR/certs}
  sh "$LIB/mkcerts.sh" "$_certs"
  cp "$_certs"/*.pem "$_certs"/*.key "$DIR/tls/"
  chmod 644 "$DIR"/tls/*
}

owner() { # USER : whose the daemon is: as root it is run by USER, otherwise by ourselves. Sets OWNER, GROUP and BECOME
  OWNER=$(id -un) GROUP=$(id -gn) BECOME=
  [ "$(id -u)" = 0 ] || return 0
  OWNER=$1 GROUP=$1 BECOME="setpriv --reuid=$1 --regid=$1 --clear-groups"
}

own() { # PATH... : gives them to the owner
  [ -z "$BECOME" ] || chown -R "$OWNER:$GROUP" "$@"
}

spawn() { # NAME COMMAND... : runs it as the leader of a session, its words in DIR/log/NAME
  _name=$1
  shift
  setsid "$@" >"$DIR/log/$_name" 2>&1 </dev/null &
  echo "$! $(sed 's/.*) //' "/proc/$!/stat" | cut -d' ' -f20)" >"$DIR/run/$_name.pid"
}

await() { # [HOST:]PORT... : until each accepts a connection; else says why not, and ends what was started
  "$PYTHON" "$LIB/await.py" "$@" || {
    tail -n 20 "$DIR"/log/* >&2
    sh "$LIB/stop.sh" "$DIR" || :
    die "did not come up"
  }
}
