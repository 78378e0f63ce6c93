/** The page's first lines. Zod must be told before the first schema is made: the content policy forbids what it would compile. */
import { config } from 'zod';

config({ jitless: true });
await import('./start.ts');
