/** Runs and adapters for other programs: `dept export`. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { writeDeptFolder, writePeftFolder } from '../adapters/export.ts';
import { hasAdapter } from '../adapters/library.ts';
import { DeptError } from '../common/errors.ts';
import type { ExportRequest, ExportResult } from '../contract/adapters.ts';
import type { JobHooks } from '../contract/jobs.ts';
import { openRun } from '../runs/run-library.ts';
import { findAdapter, type NamedAdapter } from './adapters.ts';
import { writeOnnxFolder } from './onnx-export.ts';
import type { OnnxSource } from './onnx-source.ts';
import { openModel } from './open-model.ts';
import { runConfig } from './run-decoding.ts';
import { checkUnchanged, modelFingerprints } from './run-identity.ts';

/** What the program that gets it will not find. */
function remarksOn({ adapter }: NamedAdapter): string[] {
  if (Object.keys(adapter.projection).length === 0) return [];
  return [
    'The format knows text only: the trained projection of visual tokens lies beside the adapter, in visual_projection.safetensors, ' +
      'and a program that does not read it sees no pictures.',
  ];
}

function folderFor(home: string, { output, format }: ExportRequest, name: string, step?: number): string {
  if (output !== undefined && !isAbsolute(output)) {
    throw new DeptError('bad-input', 'Not the path of a folder', { expected: 'an absolute path', got: output });
  }
  const own = [name, step, format].filter((part) => part !== undefined).join('-');
  const folder = resolve(output ?? join(home, 'exports', own));
  if (!existsSync(folder)) return folder;
  throw new DeptError('already-exists', 'There is such a folder already', {
    path: folder,
    remedy: 'Remove it, or choose another folder.',
  });
}

/** The run with its models, for graphs. Throws `unsupported` for an adapter, which has none. */
function openSource(home: string, { run: name, checkpoint: choice }: ExportRequest): OnnxSource {
  if (hasAdapter(home, name)) {
    throw new DeptError('unsupported', 'An adapter alone cannot become graphs', {
      expected: 'a run, with its models and its visual projection',
      got: `the adapter '${name}'`,
      remedy: `Train a run from it first: dept train --set startFrom=${name} ...`,
    });
  }
  const run = openRun(home, name);
  const config = runConfig(run);
  const { step, folder: checkpoint } = run.checkpoints.find(choice);
  const model = openModel(home, config);
  checkUnchanged(run, modelFingerprints(model));
  return { run: run.id, step, checkpoint, config, model };
}

interface Written {
  readonly run: string;
  readonly step?: number | undefined;
  readonly folder: string;
  readonly remarks: readonly string[];
}

async function writeGraphs(home: string, request: ExportRequest, hooks: JobHooks): Promise<Written> {
  const source = openSource(home, request);
  const { run, step } = source;
  const folder = folderFor(home, request, run, step);
  await writeOnnxFolder(folder, source, hooks);
  return { run, step, folder, remarks: [] };
}

function writeAdapter(home: string, request: ExportRequest): Written {
  const named = findAdapter(home, request.run, request.checkpoint);
  const { name, step, adapter } = named;
  const folder = folderFor(home, request, name, step);
  if (request.format === 'dept') writeDeptFolder(folder, adapter);
  else writePeftFolder(folder, adapter);
  return { run: name, step, folder, remarks: remarksOn(named) };
}

/**
 * Writes a run's checkpoint, or an imported adapter, as another program reads it. The folder appears whole or not at all.
 * @throws DeptError 'not-found', 'already-exists', 'unsupported' where the format cannot hold it, 'bad-input' where a model of the
 *   run is not what it was, 'cancelled' on an abort.
 */
export async function exportAdapter(home: string, request: ExportRequest, hooks: JobHooks): Promise<ExportResult> {
  const { format } = request;
  const written = format === 'onnx' ? await writeGraphs(home, request, hooks) : writeAdapter(home, request);
  const { run, step, folder, remarks } = written;
  const files = readdirSync(folder)
    .sort()
    .map((name) => ({ name, bytes: statSync(join(folder, name)).size }));
  return { run, ...(step !== undefined && { step }), format, folder, files, remarks: [...remarks] };
}
