"""Runs a command at a terminal of its own. One JSON object in a line asks, one answers.

    pty.py COLUMNS ROWS COMMAND...

{"expect": TEXT}                 reads until it is shown: {"shown": what was shown up to its end}
{"type": TEXT}                   types it
{"resize": [COLUMNS, ROWS]}      as a window does: SIGWINCH
{"settings": true}               {"echo", "lines", "signals", "output"}: what the terminal does itself now
{"signal": NAME}                 to the command
{"exit": true}                   waits for its end: {"code", "shown", "restored": whether the settings are what they were}
"""

import fcntl
import json
import os
import select
import signal
import struct
import sys
import termios
import time

LIMIT = 20


def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Terminal:
    def __init__(self, columns, rows, command):
        self.master, self.slave = os.openpty()
        resize(self.slave, columns, rows)
        self.before = termios.tcgetattr(self.slave)
        self.unread = b""
        self.code = None
        # this process leads the session, as a shell does: so the terminal outlives the command
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        ready, go = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os.setpgid(0, 0)
            os.read(ready, 1)
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            for fd in (0, 1, 2):
                os.dup2(self.slave, fd)
            os.closerange(3, 64)
            os.execvp(command[0], command)
        os.setpgid(self.pid, self.pid)
        os.tcsetpgrp(self.slave, self.pid)
        os.write(go, b"x")

    def read(self, wait):
        """Whether anything came."""
        if not select.select([self.master], [], [], wait)[0]:
            return False
        self.unread += os.read(self.master, 65536)
        return True

    def expect(self, text):
        wanted, end = text.encode(), time.monotonic() + LIMIT
        while wanted not in self.unread:
            self.read(0.05)
            if wanted not in self.unread and (time.monotonic() > end or (self.over() and not self.read(0.1))):
                return {"error": "%r was not shown, but %r" % (text, self.unread.decode(errors="replace"))}
        place = self.unread.index(wanted) + len(wanted)
        shown, self.unread = self.unread[:place], self.unread[place:]
        return {"shown": shown.decode(errors="replace")}

    def over(self):
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def settings(self, _):
        _, output, _, local, _, _, _ = termios.tcgetattr(self.slave)
        return {
            "echo": bool(local & termios.ECHO),
            "lines": bool(local & termios.ICANON),
            "signals": bool(local & termios.ISIG),
            "output": bool(output & termios.OPOST),
        }

    def type(self, text):
        octets = text.encode()
        while octets:
            octets = octets[os.write(self.master, octets):]

    def resize(self, size):
        resize(self.master, *size)

    def signal(self, name):
        os.kill(self.pid, getattr(signal, name))

    def exit(self, _):
        end = time.monotonic() + LIMIT
        while not self.over():
            self.read(0.05)
            if time.monotonic() > end:
                return {"error": "it does not end: %r" % self.unread.decode(errors="replace")}
        while self.read(0.1):
            pass
        restored = termios.tcgetattr(self.slave) == self.before
        return {"code": self.code, "shown": self.unread.decode(errors="replace"), "restored": restored}


def main():
    terminal = Terminal(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
    try:
        for line in sys.stdin:
            [(name, value)] = json.loads(line).items()
            print(json.dumps(getattr(terminal, name)(value) or {}), flush=True)
    finally:
        if not terminal.over():
            os.kill(terminal.pid, signal.SIGKILL)


main()
