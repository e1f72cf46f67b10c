/** The command as a process, over the pretended protocol. */
import { main } from '../../lib/cli/main.ts';
import { protocols } from './fake.ts';

process.exitCode = await main(process.argv.slice(2), process, protocols);
