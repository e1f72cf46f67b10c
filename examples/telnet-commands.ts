/**
 * Runs commands on a device that speaks Telnet, and prints what it answers.
 *
 *     npx tsx examples/telnet-commands.ts telnet://admin:sesame@192.0.2.1 'show version' 'show clock'
 *
 * No prompt has to be known: it is what the device says last, before it waits for us.
 */
import { ReplyError, telnet } from 'netkit';

const [, , target = 'telnet://user:password@127.0.0.1:2323', ...commands] = process.argv;

try {
  // with a user and a password in the URL this logs in, too
  await using dialogue = await telnet.open(target, { columns: 200, rows: 60 });
  const greeting = await dialogue.readUntilIdle(300);
  const prompt = greeting.slice(greeting.lastIndexOf('\n') + 1);

  for (const command of commands) {
    await dialogue.writeLine(command);
    const { before } = await dialogue.waitFor(`\r\n${prompt}`);
    // the first line is what we typed, said again by the device
    console.log(`== ${command}\n${before.split(/\r?\n/).slice(1).join('\n')}`);
  }
} catch (error) {
  if (!(error instanceof ReplyError)) throw error;
  console.log(`refused: ${error.reply.text}`);
}
