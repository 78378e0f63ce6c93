/**
 * Greedy and beam search of a random T5-base, ours and transformers' side by side:
 * `node test/bench/decoding.ts [--python <python>] [--batch 16] [--repeat 3] [--threads N] [--cpu]`; without a Python
 * only ours. --cpu counts processor time, for a machine that has other work.
 * Ids are compared; the time is from the encoder's input to ids. 0.9 GB of disk.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type DecodingShape, decodingInput, measureDecoding } from '../../engine/service/bench/decoding.ts';
import { sizes, writeRandomT5 } from '../../engine/service/bench/random-t5.ts';
import { countCpuTime, median } from '../../engine/service/bench/timing.ts';
import { writeSafetensors } from '../../engine/weights/safetensors.ts';

interface PeerTimes {
  readonly seconds: readonly number[];
  readonly ids: readonly (readonly number[])[];
}

const { values } = parseArgs({
  options: {
    python: { type: 'string' },
    batch: { type: 'string', default: '16' },
    repeat: { type: 'string', default: '3' },
    threads: { type: 'string' },
    cpu: { type: 'boolean', default: false },
  },
});
const [batch, repeat] = [Number(values.batch), Number(values.repeat)];
const threads = values.threads === undefined ? undefined : Number(values.threads);
if (values.cpu) countCpuTime();
const MODEL = 't5-base';
/** 40 virtual tokens, a text of 20, 36 visual tokens; captions of 20 ids. */
const shape = { batch, source: 96, length: 20 };

function peerTimes(folder: string, { beams, length }: DecodingShape): PeerTimes {
  const script = fileURLToPath(new URL('peer/generate.py', import.meta.url));
  const args = [script, folder, length, beams, repeat, values.cpu ? 'cpu' : 'wall', threads ?? 0].map(String);
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  return JSON.parse(execFileSync(values.python!, args, { encoding: 'utf8', stdio: [...stdio] })) as PeerTimes;
}

const folder = mkdtempSync(join(tmpdir(), 'dept-decoding-'));
try {
  writeRandomT5(folder, MODEL);
  const { width } = sizes[MODEL];
  const states = decodingInput({ ...shape, beams: 1 }, width);
  const tensor = { dtype: 'F32', shape: [batch, shape.source, width], data: states } as const;
  writeSafetensors(join(folder, 'inputs.safetensors'), { states: tensor });
  const rows = [];
  for (const beams of [1, 5]) {
    const ours = await measureDecoding(folder, { ...shape, beams }, repeat, { threads });
    const peer = values.python === undefined ? undefined : peerTimes(folder, { ...shape, beams });
    const seconds = median(ours.seconds);
    const same = peer?.ids.filter((ids, i) => ids.join() === ours.ids[i]!.join()).length;
    rows.push({
      search: beams === 1 ? 'greedy' : `beam ${beams}`,
      's ours': seconds.toFixed(2),
      'tokens/s': ((batch * shape.length) / seconds).toFixed(1),
      'images/s': (batch / seconds).toFixed(2),
      ...(peer && {
        's transformers': median(peer.seconds).toFixed(2),
        ratio: (seconds / median(peer.seconds)).toFixed(2),
        'same ids': `${same} of ${batch}`,
      }),
    });
  }
  console.table(rows);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
