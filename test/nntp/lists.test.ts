/** Lists that are being read while something else is asked. */
import { expect } from 'chai';
import { ProtocolError } from '../../lib/core/errors.ts';
import { rejection } from '../helpers.ts';
import { against, pour } from './client-rules.ts';

describe('a list of which more than 64 MiB are left when something else is asked', () => {
  it('says to read it first, or in ranges', async () => {
    const row = `1\t${'s'.repeat(900)}\tf\td\t<1@x>\t\t1\t1\r\n`;
    const rules = {
      OVER: (socket: Parameters<typeof pour>[0]) => {
        socket.write('224 rows\r\n');
        pour(socket, row, 80 * 1024 * 1024);
      },
    };
    await against(rules, async (client) => {
      const reading = async (): Promise<void> => {
        for await (const { name } of client.list('/misc.test')) if (name !== '') await client.date();
      };
      const error = await rejection(reading);
      expect(error).to.be.instanceOf(ProtocolError).with.property('reason', 'limit');
      expect(`${error}`).to.match(/read the list to its end first, or ask for it in ranges/);
    });
  }).timeout(20_000);
});
