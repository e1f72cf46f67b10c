/** What several calls wait for together: a login, the format of overviews. */
import type { Socket } from 'node:net';
import { expect } from 'chai';
import { ReplyError } from '../../lib/core/errors.ts';
import { nntp } from '../../lib/nntp/index.ts';
import { all, rejection } from '../helpers.ts';
import { against, CAPABILITIES } from './client-rules.ts';

const FORMAT = '215 fmt\r\nSubject:\r\nFrom:\r\nDate:\r\nMessage-ID:\r\nReferences:\r\n:bytes\r\n:lines\r\n.\r\n';

/** A question that is answered when a test says so. */
function held(): { readonly rule: (socket: Socket) => void; readonly asked: Promise<Socket> } {
  let tell: (socket: Socket) => void = () => {};
  const asked = new Promise<Socket>((resolve) => {
    tell = resolve;
  });
  return { rule: (socket) => tell(socket), asked };
}

describe('two logins at a time', () => {
  it('are both tried, where they are not the same', async () => {
    const users = { users: { joe: 'x', ann: 'y' } };
    await using server = await nntp.mock({ groups: [], ...users }, { auth: 'all' });
    await using client = await nntp.connect(`nntp://127.0.0.1:${server.port}`, { insecureLogin: true });
    const [first, second] = await Promise.allSettled([
      client.login({ user: 'joe', password: 'wrong' }),
      client.login({ user: 'ann', password: 'y' }),
    ]);
    expect(first.status).to.equal('rejected');
    expect(second.status).to.equal('fulfilled');
    expect(await client.date()).to.be.instanceOf(Date);
  });

  it('are one, where two calls want the same', async () => {
    let open = false;
    const rules = {
      CAPABILITIES: CAPABILITIES.replace('READER', 'READER\r\nAUTHINFO'),
      DATE: (socket: Socket) => void socket.write(open ? '111 20240101000000\r\n' : '480 log in\r\n'),
      'AUTHINFO USER': '381 more\r\n',
      'AUTHINFO PASS': (socket: Socket) => {
        open = true;
        socket.write('281 welcome\r\n');
      },
    };
    const options = { user: 'joe', password: 'x', insecureLogin: true, starttls: 'off' } as const;
    const { asked } = await against(rules, (client) => Promise.all([client.date(), client.date()]), options);
    expect(asked.filter((line) => line.startsWith('AUTHINFO USER'))).to.have.length(1);
  });

  it('do not have the reply to the other one', async () => {
    const rules = {
      'AUTHINFO USER': '381 more\r\n',
      'AUTHINFO PASS x': '281 welcome\r\n',
      'AUTHINFO PASS y': '502 you are logged in\r\n',
    };
    const work = async (client: Awaited<ReturnType<typeof nntp.connect>>): Promise<unknown> => {
      const first = client.login({ user: 'joe', password: 'x' });
      const second = rejection(client.login({ user: 'ann', password: 'y' }));
      await first;
      return second;
    };
    expect((await against(rules, work, { insecureLogin: true })).value).to.be.instanceOf(ReplyError);
  });
});

describe('a call that is aborted', () => {
  it('leaves the format of overviews to others who wait for it', async () => {
    const { rule, asked } = held();
    await against({ 'LIST OVERVIEW': rule }, async (client) => {
      await client.group('misc.test');
      const controller = new AbortController();
      const first = rejection(all(client.over({ low: 1 }, { signal: controller.signal })));
      const second = all(client.over({ low: 1 }));
      const socket = await asked;
      controller.abort(new Error('enough'));
      expect(await first).to.have.property('message', 'enough');
      socket.write(FORMAT);
      expect((await second).flat()).to.have.length(2);
    });
  });

  it('leaves the login to others who wait for it', async () => {
    const { rule, asked } = held();
    let open = false;
    const rules = {
      CAPABILITIES: CAPABILITIES.replace('READER', 'READER\r\nAUTHINFO'),
      DATE: (socket: Socket) => void socket.write(open ? '111 20240101000000\r\n' : '480 log in\r\n'),
      'AUTHINFO USER': rule,
    };
    const options = { user: 'joe', password: 'x', insecureLogin: true, starttls: 'off' } as const;
    await against(
      rules,
      async (client) => {
        const controller = new AbortController();
        const first = rejection(client.date({ signal: controller.signal }));
        const second = client.date();
        const socket = await asked;
        controller.abort(new Error('enough'));
        expect(await first).to.have.property('message', 'enough');
        open = true;
        socket.write('281 welcome\r\n');
        expect(await second).to.be.instanceOf(Date);
      },
      options,
    );
  });
});
