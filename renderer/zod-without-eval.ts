/** Zod compiles its schemas where it may; the content policy forbids that, and would note each attempt. */
import { config } from 'zod';

config({ jitless: true });
