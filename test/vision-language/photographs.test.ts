/** Two real photographs, from the file to the values that CLIP reads, bit by bit. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { preprocessImage } from '../../engine/vision-language/image-preprocessing.ts';
import { preprocessingFromConfig } from '../../engine/vision-language/preprocessing-config.ts';
import { compared, pinned } from '../fidelity/compared.ts';

/** What `golden/make-photographs.py` writes. */
interface Reference {
  /** Preprocessor configs by name. */
  readonly settings: Readonly<Record<string, object>>;
  /** JPEG segments that say how a picture is turned, as hexadecimal digits. */
  readonly exif: Readonly<Record<string, string>>;
  readonly cases: readonly {
    readonly photograph: string;
    readonly turn: string;
    readonly settings: string;
    /** Of the values as little-endian float32. */
    readonly sha256: string;
  }[];
}

const file = (name: string) => readFileSync(new URL(`../golden/photographs/${name}`, import.meta.url));
const reference = JSON.parse(file('reference.json').toString()) as Reference;

/** The photograph with an EXIF segment behind its first two bytes, where a camera writes it. */
function turned(photograph: string, turn: string): Buffer {
  const content = file(photograph);
  return Buffer.concat([content.subarray(0, 2), Buffer.from(reference.exif[turn]!, 'hex'), content.subarray(2)]);
}

compared(
  {
    area: 'Image preprocessing',
    what: 'two real photographs at 224 and 336 pixels, upright and turned, every value',
    against: `${pinned('transformers')} with ${pinned('pillow')}`,
    measure: 'identical',
    allowed: 0,
  },
  async (differences) => {
    for (const { photograph, turn, settings, sha256 } of reference.cases) {
      const preprocessing = preprocessingFromConfig(reference.settings[settings]!, 'as-published');
      const values = await preprocessImage(turned(photograph, turn), preprocessing);
      const own = createHash('sha256').update(values).digest('hex');
      differences.same(own, sha256, `${photograph}, ${turn}, ${settings}`);
    }
  },
);
