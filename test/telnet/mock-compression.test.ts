import { expect } from 'chai';
import { telnet } from '../../lib/telnet/index.ts';

describe('A Telnet server that compresses', () => {
  it('is heard to the last octet, also when it ends at once', async function () {
    this.timeout(20_000);
    await using server = await telnet.mock({
      commands: { many: () => Array.from({ length: 50 }, (_, i) => `${i}\n`) },
    });
    for (let i = 0; i < 25; i++) {
      await using dialogue = await telnet.open(server.url, { compress: true });
      await dialogue.waitFor('$ ');
      await dialogue.write('many\n');
      await dialogue.waitFor('49\r\n$ ');
      expect(dialogue.options.map(({ name }) => name)).to.include.members(['MCCP2', 'MCCP3']);
      await dialogue.write('exit\n');
      expect(await dialogue.readToEnd()).to.equal('exit\r\nlogout\r\n');
    }
  });
});
