/** The command as a process, with the protocols that there are. */
import { main } from '../../lib/cli/main.ts';

process.exitCode = await main(process.argv.slice(2));
