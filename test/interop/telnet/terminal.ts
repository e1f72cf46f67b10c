/** Programs that want a terminal: a program for Python that gives them one, and says to them what a person would. */
import { output, run } from '../run.ts';

const PYTHON = '/usr/bin/python3';

/** What is done one after another. */
export type Step =
  /** Waits until the program has printed this, behind what the steps before have found. */
  | { readonly expect: string }
  /** Types this. */
  | { readonly send: string }
  /** Makes the terminal as large as this. */
  | { readonly resize: readonly [columns: number, rows: number] };

export interface Terminal {
  /** In characters. Default 80 and 24. */
  readonly size?: readonly [columns: number, rows: number];
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it prints to the terminal too, with what it says beside. Default: to a pipe, so that nothing is changed. */
  readonly screen?: boolean;
}

/** Runs a program to its end, and gives all that it has printed. Throws when it does not print what is expected. */
export async function inTerminal(
  program: string,
  args: readonly string[],
  steps: readonly Step[],
  { size = [80, 24], env, screen = false }: Terminal = {},
): Promise<Buffer> {
  const told = JSON.stringify({ argv: [program, ...args], size, screen, steps });
  return output(await run(PYTHON, ['-I', '-c', TERMINAL, told], env === undefined ? {} : { env }));
}

/** What the program reads, and asks for its size, is a terminal, and where it prints, if that is asked for. */
const TERMINAL = `
import fcntl, json, os, pty, select, signal, struct, sys, termios, time

told = json.loads(sys.argv[1])
reading, printing = os.pipe()
pid, terminal = pty.fork()
if pid == 0:
    if not told["screen"]:
        os.dup2(printing, 1)
    os.closerange(3, 256)
    # it starts when its terminal has a size
    sys.stdin.readline()
    os.execvp(told["argv"][0], told["argv"])
os.close(printing)
printed = b""
found = 0
ended = False

def resize(columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

sources = [terminal] if told["screen"] else [reading, terminal]

def look(seconds):
    global printed, ended
    for source in select.select(sources, [], [], max(0, seconds))[0]:
        try:
            octets = os.read(source, 65536)
        except OSError:
            octets = b""
        if source == sources[0]:
            printed += octets
            ended = not octets

def fail(why):
    os.kill(pid, signal.SIGKILL)
    sys.exit(f"{why}; printed {printed[-600:]!r}")

def await_(what):
    global found
    end = time.monotonic() + 10
    while what not in printed[found:]:
        if ended or time.monotonic() > end:
            fail(f"no {what!r}")
        look(end - time.monotonic())
    found = printed.index(what, found) + len(what)

resize(*told["size"])
os.write(terminal, b"go\\n")
for step in told["steps"]:
    if "expect" in step:
        await_(step["expect"].encode())
    elif "send" in step:
        os.write(terminal, step["send"].encode())
    else:
        resize(*step["resize"])
end = time.monotonic() + 10
while not ended:
    if time.monotonic() > end:
        fail("it goes on")
    look(end - time.monotonic())
os.waitpid(pid, 0)
sys.stdout.buffer.write(printed)
`;
