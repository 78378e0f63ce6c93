/** The command line's entry point, under Node 24. */
import { processHost } from './host.ts';
import { run } from './program.ts';

// node:sqlite still announces itself as experimental: nothing a user of this program could act on.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') console.error(`warning: ${warning.message}`);
});

// The reader of a pipe may have had enough (`dept ... | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Whoever waited for this is gone, killed: the work ends as it did.
process.on('disconnect', () => process.exit(1));
process.channel?.unref(); // which listening to it had kept open

process.exitCode = await run(process.argv.slice(2), processHost);
