/**
 * The classic client: connects, and prints what it is told.
 *
 *     npx tsx examples/greeting-client.ts [PORT]
 */
import { net } from 'netkit';

const port = Number(process.argv[2] ?? 9999);

const connection = await net.connect({ host: '127.0.0.1', port });
for await (const line of connection.lines()) console.log(line);
await connection.close();
