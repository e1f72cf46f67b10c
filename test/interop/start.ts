/** Starting the real servers of `servers/`, each on free ports of 127.0.0.1. */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { output, run } from './run.ts';

const SERVERS = fileURLToPath(new URL('servers', import.meta.url));
/** Below those that the system gives to connections, and above those that have owners. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
/** As many as any server wants. */
const PORTS = 40;
const ATTEMPTS = 3;

/** A real server. What `info` holds is said in its start.sh. */
export class Peer implements AsyncDisposable {
  readonly #folder: string;
  readonly #info: Readonly<Record<string, unknown>>;

  constructor(folder: string, info: Readonly<Record<string, unknown>>) {
    this.#folder = folder;
    this.#info = info;
  }

  /** One of its ports, by name. */
  port(name: string): number {
    const { ports } = this.#info;
    const found: unknown = typeof ports === 'object' && ports !== null && name in ports && Reflect.get(ports, name);
    if (typeof found !== 'number') throw new Error(`no port ${name}`);
    return found;
  }

  /** Something else that it said of itself. */
  get(name: string): string {
    const found = this.#info[name];
    if (typeof found !== 'string') throw new Error(`it says no ${name}`);
    return found;
  }

  /** What it wrote to one of its logs. */
  async log(name: string): Promise<string> {
    return readFile(join(this.#folder, 'log', name), 'utf8');
  }

  async close(): Promise<void> {
    started.delete(this);
    output(await run('sh', [join(SERVERS, 'lib', 'stop.sh'), this.#folder]));
    await rm(this.#folder, { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

const started = new Set<Peer>();
let certificates: Promise<string> | undefined;

/** Starts the server whose folder is `servers/<name>`. Throws with what it says when it does not come up. */
export async function start(name: string): Promise<Peer> {
  certificates ??= makeCertificates();
  const env = { NETKIT_CERTS: await certificates };
  let trouble = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const folder = await newFolder(name);
    const base = await freePorts();
    const { status, stdout, stderr } = await run('sh', [join(SERVERS, name, 'start.sh'), folder, `${base}`], { env });
    if (status === 0) {
      const peer = new Peer(folder, JSON.parse(stdout.toString()));
      started.add(peer);
      return peer;
    }
    // somebody else may have taken a port meanwhile
    trouble = stderr;
    await rm(folder, { recursive: true });
  }
  throw new Error(`${name} does not start: ${trouble}`);
}

/** Ends those that nobody has closed, and removes what they shared. */
export async function stopAll(): Promise<void> {
  for (const peer of started) await peer.close();
  if (certificates) await rm(await certificates, { recursive: true });
}

async function makeCertificates(): Promise<string> {
  const folder = await newFolder('certs');
  output(await run('sh', [join(SERVERS, 'lib', 'mkcerts.sh'), folder]));
  return folder;
}

/** A folder that the user of a daemon can enter. */
async function newFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `netkit-interop-${name}-`));
  await chmod(folder, 0o755);
  return folder;
}

/** The first of a row of free ports. */
async function freePorts(): Promise<number> {
  for (;;) {
    const base = LOWEST + Math.floor((Math.random() * (HIGHEST - LOWEST)) / PORTS) * PORTS;
    const free = await Promise.all(Array.from({ length: PORTS }, (_, i) => isFree(base + i)));
    if (free.every(Boolean)) return base;
  }
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
