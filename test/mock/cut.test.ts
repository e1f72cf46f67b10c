import { connect } from '../../lib/net/connect.ts';
import { describeCuts } from '../cut.ts';
import { LineServer } from './lines.ts';

// A session with several commands, and a block that has an end.
describeCuts('a session of lines', {
  start: () => LineServer.start(),
  exercise: async (port, options) => {
    const connection = await connect({ host: '127.0.0.1', port }, options);
    try {
      const greeting = await connection.readLine('greeting');
      await connection.writeText('say one\r\n');
      const said = await connection.readLine();
      await connection.writeText('list\r\n');
      const status = await connection.readLine();
      let block = '';
      await connection.readDotBlock().each((chunk) => {
        block += chunk;
      });
      return { greeting, said, status, block };
    } finally {
      await connection.close();
    }
  },
  golden: { greeting: 'hello', said: 'one', status: '+OK', block: 'one\r\n.two\r\n' },
});
