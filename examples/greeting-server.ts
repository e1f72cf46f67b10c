/**
 * The classic server: greets whoever connects, and closes.
 *
 *     npx tsx examples/greeting-server.ts [PORT]
 */
import { net } from 'netkit';

const port = Number(process.argv[2] ?? 9999);

const server = await net.listen({ port }, async (connection) => {
  console.log(`连接地址: ${net.formatAddress(connection.peer)}`);
  await connection.writeText('欢迎访问菜鸟教程！\r\n');
});
console.log(`listening at ${server.url}`);

process.once('SIGINT', () => void server.close());
process.once('SIGTERM', () => void server.close());
