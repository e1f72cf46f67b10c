import net from 'node:net';
import telnetStream from 'telnet-stream';
import { args, Came, contest, done, pool } from '../lib/args.mjs';
import { asked, PROMPT, STREAMS } from '../lib/telnet.mjs';

/** It answers no option by itself: these are refused, once. */
function open() {
  const socket = new telnetStream.TelnetSocket(net.connect({ port: args.port, host: '127.0.0.1', noDelay: true }));
  const refused = new Set();
  const once = (verb, option) => {
    const key = `${verb} ${option}`;
    if (!refused.has(key)) socket[verb](option);
    refused.add(key);
  };
  socket.on('do', (option) => once('writeWont', option));
  socket.on('will', (option) => once('writeDont', option));
  return socket;
}

/** `ask(line)` says a line, and gives what comes until the prompt. */
async function session() {
  const socket = open();
  let heard = '';
  let answered;
  socket.on('data', (chunk) => {
    heard += chunk.latin1Slice();
    if (!heard.endsWith(PROMPT)) return;
    const answer = heard.slice(0, -PROMPT.length);
    heard = '';
    answered(answer);
  });
  const answer = () =>
    new Promise((resolve) => {
      answered = resolve;
    });
  await answer();
  const ask = (line) => {
    socket.write(`${line}\r\n`);
    return answer();
  };
  return { ask, close: () => socket.destroy() };
}

const stream =
  (verb) =>
  async ({ size }) => {
    const socket = open();
    const came = new Came();
    socket.on('data', (chunk) => came.add(chunk));
    socket.write(`${verb} ${size}\r\n`);
    await new Promise((resolve) => socket.on('close', resolve));
    came.done();
  };

await contest({
  latency: async ({ n }) => {
    const { ask, close } = await session();
    const right = await asked(n, ask);
    close();
    done(right);
  },
  stream: stream(STREAMS.stream),
  iac: stream(STREAMS.iac),
  conc: async ({ n, conc }) => {
    let right = 0;
    await pool(conc, conc, async () => {
      const { ask, close } = await session();
      const found = await asked(n / conc, ask);
      right += found;
      close();
    });
    done(right);
  },
});
