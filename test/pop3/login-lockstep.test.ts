import { expect } from 'chai';
import { ReplyError } from '../../lib/core/errors.ts';
import type { ConnectOptions } from '../../lib/core/options.ts';
import { pop3 } from '../../lib/pop3/index.ts';
import { rejection } from '../helpers.ts';
import { BYE, capa, IN, JOE, scripted, serving } from './client-scripted.ts';

const REFUSED = 'S: -ERR not without TLS';
/** A name that is not of this machine, where somebody might listen. */
const ELSEWHERE: ConnectOptions = {
  ...JOE,
  ...{ starttls: 'off', insecureLogin: true, resolve: { 'mail.example.org': '127.0.0.1' } },
};

describe('USER and PASS', () => {
  const refusal = (dialogue: string, host: string, options: ConnectOptions): Promise<unknown> =>
    serving(dialogue, async ({ port }) => {
      const error = await rejection(pop3.connect(`pop3://${host}:${port}`, options));
      expect(error).to.be.instanceOf(ReplyError).and.include({ reason: 'auth', command: 'USER joe' });
    });

  it('are one after the other: a server that refuses the user is told no password', async () => {
    await refusal(`S: +OK\nC: CAPA\nS: -ERR\nC: USER joe\n${REFUSED}`, '127.0.0.1', JOE);
    await refusal(`S: +OK\n${capa('USER')}C: USER joe\n${REFUSED}`, '127.0.0.1', JOE);
    await scripted(`${IN}${BYE}`, async () => {});
  });

  it('go together where the server takes that and nobody can listen', async () => {
    const together = `S: +OK\n${capa('USER', 'PIPELINING')}C: USER joe\nC: PASS hunter2\nC: CAPA\n`;
    const refused = `${together}${REFUSED}\nS: -ERR USER first`;
    await refusal(`${refused}\nS: +OK\nS: USER\nS: .`, '127.0.0.1', JOE);
    // who ends the session with the refusal has told why all the same
    await refusal(refused, '127.0.0.1', JOE);
    await scripted(`${together}S: +OK\nS: +OK\nS: +OK\nS: UIDL\nS: .\n${BYE}`, async (client) => {
      expect([...client.capabilities.keys()]).to.deep.equal(['UIDL']);
    });
  });

  it('are one after the other where somebody could listen, or it is wanted so', async () => {
    const dialogue = `S: +OK\n${capa('USER', 'PIPELINING')}C: USER joe\n${REFUSED}`;
    await refusal(dialogue, 'mail.example.org', ELSEWHERE);
    await serving(dialogue, async ({ port }) => {
      const options = { ...JOE, pipelining: false };
      expect(await rejection(pop3.connect(`pop3://127.0.0.1:${port}`, options))).to.be.instanceOf(ReplyError);
    });
  });
});
