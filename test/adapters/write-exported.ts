/** Writes test/golden/peft/exported/, an adapter as `dept export --to peft` has it, for make-peft.py to load with the real PEFT. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAdapter } from '../../engine/adapters/adapter.ts';
import { writePeftFolder } from '../../engine/adapters/export.ts';
import { promptConfig, promptTensors, writeAdapter } from './small-adapters.ts';

export const exported = fileURLToPath(new URL('../golden/peft/exported', import.meta.url));

/** The same as a run's checkpoint would give, into a folder that is not there yet. */
export function writeExported(folder: string): void {
  const made = mkdtempSync(join(tmpdir(), 'dept-exported-'));
  try {
    writePeftFolder(folder, readAdapter(writeAdapter(made, promptConfig, promptTensors)));
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  rmSync(exported, { recursive: true, force: true });
  writeExported(exported);
}
