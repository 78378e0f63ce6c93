/** How a table of calls is written down, and the types that follow from it. */
import type { z } from 'zod';

export interface CallDefinition {
  readonly params: z.ZodType;
  readonly result: z.ZodType;
}

export type CallTable = Readonly<Record<string, CallDefinition>>;

export type Params<Table extends CallTable, Name extends keyof Table> = z.input<Table[Name]['params']>;
/** Params as the side that answers gets them: checked, defaults filled in. */
export type CheckedParams<Table extends CallTable, Name extends keyof Table> = z.output<Table[Name]['params']>;
export type Result<Table extends CallTable, Name extends keyof Table> = z.output<Table[Name]['result']>;
