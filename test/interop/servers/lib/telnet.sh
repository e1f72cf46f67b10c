# telnet.sh - sourced by the start.sh of telnet servers, behind common.sh: what one can log in to.

terminal() { # makes DIR/home, whose files home.py says, and DIR/login [USER], which asks for a login and is a shell
  mkdir -p "$DIR/home"
  "$PYTHON" "$LIB/home.py" "$DIR/home"
  cat >"$DIR/home/users" <<'U'
alice:alice-pw 1
jürgen:pässwörd
U
  # a prompt that no listing has; telnetd may throw away the last words of a shell that ends at once
  cat >"$DIR/etc/shrc" <<'U'
PS1="$USER@debian:\$ "
trap 'echo logout; sleep 0.3' EXIT
U
  # by name, without a space: telnetd splits at spaces and knows no quotes
  printf '#!/bin/sh\nexec %s %s/login.py %s/home %s/etc/shrc "$@"\n' "$PYTHON" "$LIB" "$DIR" "$DIR" >"$DIR/login"
  chmod 755 "$DIR/login"
}
