/** Two UDP sockets: one asks what time it is, the other answers. */
import { net } from 'netkit';

const clock = await net.udp();
const watch = await net.udp();

await watch.send('what time is it?', clock.local);
const question = await clock.receive({ timeout: 1_000 });
await clock.send(new Date(0).toISOString(), question.from);

const answer = await watch.receive({ timeout: 1_000 });
console.log(`${question.data} ${answer.data}`);

await clock.close();
await watch.close();
