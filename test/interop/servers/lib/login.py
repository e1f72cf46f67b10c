"""login.py HOME SHRC [USER] - what a telnet server runs on its terminal: asks as login of Debian does, then is a shell.

USER is one that the client has named already: only the password is asked for. A password is checked against HOME/users
("name:password" lines), three times at most. The shell reads SHRC, and runs as nobody when this runs as root.
"""
import getpass
import os
import pwd
import signal
import sys
import termios

TRIES = 3


def main():
    home, shrc, *named = sys.argv[1:]
    with open(os.path.join(home, "users"), encoding="utf-8") as lines:
        users = dict(line.rstrip("\n").split(":", 1) for line in lines)
    for _ in range(TRIES):
        user = named.pop() if named else ask("debian login: ")
        if users.get(user) == getpass.getpass("Password: ") and user in users:
            become_shell(user, home, shrc)
        print("\nLogin incorrect", flush=True)
    print("Maximum number of tries exceeded", flush=True)
    linger()


def ask(prompt):
    """One line of the terminal, as its octets are."""
    user = b""
    while not user:
        os.write(1, prompt.encode())
        line = sys.stdin.buffer.readline()
        if not line:
            sys.exit(1)
        user = line.strip()
    return user.decode("utf-8", "replace")


def linger():
    """telnetd may throw away the last words of a program that ends at once: wait until it has read them."""
    termios.tcdrain(1)
    signal.sigtimedwait([], 0.3)


def become_shell(user, home, shrc):
    print("\nLinux debian\nLast login: Mon Jan  1 10:00:00 UTC 2024 on pts/0", flush=True)
    variables = {**os.environ, "HOME": home, "USER": user, "ENV": shrc}
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.fchown(0, nobody.pw_uid, -1)
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
    os.chdir(home)
    os.execve("/bin/sh", ["-sh", "-i"], variables)


main()
