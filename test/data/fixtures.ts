/** Small datasets made on the spot: a folder with images, files, and a home to import into. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import { readDatasetInfo, refusedFile } from '../../engine/data/dataset-info.ts';
import { type ImportOptions, type ImportReport, importDataset } from '../../engine/data/import.ts';
import type { Refusal } from '../../engine/data/refusals.ts';

export const pixel = await sharp({ create: { width: 3, height: 2, channels: 3, background: '#336699' } })
  .png()
  .toBuffer();

export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'dept-dataset-'));
  readonly home = join(this.folder, 'home');

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Returns the file's path. An object is written as JSON. */
  write(name: string, content: string | Uint8Array | object): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(path, isRaw ? content : JSON.stringify(content));
    return path;
  }

  /** Real images of 3 x 2 pixels. */
  images(...names: string[]): void {
    for (const name of names) this.write(name, pixel);
  }

  import(paths: string | string[], options: Partial<ImportOptions> = {}): Promise<ImportReport> {
    return importDataset({ home: this.home, name: 'set', paths: [paths].flat(), ...options });
  }

  /** The list of refusals as `item: code`. */
  refused(): string[] {
    const folder = join(this.home, 'datasets/set');
    const lines = readFileSync(join(folder, refusedFile(readDatasetInfo(folder)!)), 'utf8')
      .trim()
      .split('\n');
    return lines.map((line) => JSON.parse(line) as Refusal).map(({ item, code }) => `${item}: ${code}`);
  }
}

export const answers = (...texts: string[]) => texts.map((answer, i) => ({ answer, answer_id: i + 1 }));
