/** What paths hold, before anything is imported: sources, the first items with their pictures, what would be refused. */
import { basename, dirname } from 'node:path';
import { listFolders } from '../common/folders.ts';
import type { Detection, DetectQuery, PreviewItem } from '../contract/datasets.ts';
import { datasetsFolder } from '../data/dataset-info.ts';
import { chooseSplit, detectSources } from '../data/detect.ts';
import { countPictures } from '../data/picture-files.ts';
import { type PreviewRecord, previewSources } from '../data/preview.ts';
import { bytesOf } from '../data/read-file.ts';
import type { Source } from '../data/source.ts';
import { checkSplit, guessSplit } from '../data/splits.ts';
import { countEach } from './datasets.ts';
import { shrinkPicture } from './pictures.ts';

const ITEMS = 12;
/** In pixels. */
const THUMBNAIL = 96;

/** Writes nothing. Throws `bad-input`, `bad-file`, `not-found`, or `cancelled` on an abort. */
export async function detectDataset(
  home: string,
  { paths, format, images, split: asked }: DetectQuery,
  signal?: AbortSignal,
): Promise<Detection> {
  const split = asked === undefined ? undefined : checkSplit(asked);
  const { sources: all, ignored } = await detectSources(paths, format, signal);
  const sources = chooseSplit(all, split);
  const { records, refused, ...counts } = await previewSources(sources, { images, split, items: ITEMS, signal });
  return {
    sources: await Promise.all(sources.map((source) => describeSource(source, signal))),
    ignored: [...ignored],
    suggestedName: suggestName(home, paths[0]!),
    preview: {
      items: await Promise.all(records.map(itemOf)),
      problems: [...refused.examples],
      refused: refused.total,
      ...counts,
    },
  };
}

async function describeSource({ format, files, split }: Source, signal: AbortSignal | undefined) {
  const amount = format === 'images' ? { pictures: await countPictures(files[0]!, signal) } : { bytes: bytesOf(files) };
  return { format, files: [...files], split, ...amount };
}

async function itemOf({ record, split, file }: PreviewRecord): Promise<PreviewItem> {
  const { kind, image } = record;
  const text = kind === 'image' ? '' : kind === 'caption' ? record.caption : record.question;
  const thumbnail = file && `data:image/webp;base64,${(await shrinkPicture(file, THUMBNAIL)).toString('base64')}`;
  return {
    kind,
    split,
    text,
    ...(kind === 'question' && { answers: countEach(record.answers) }),
    image: image.names[0] ?? image.key,
    found: file !== undefined,
    ...(thumbnail && { thumbnail }),
  };
}

/** The name of the folder, if it says more than a split or a kind of file; with a number where there is such a dataset. */
function suggestName(home: string, path: string): string {
  const isTelling = (name: string): boolean => {
    return guessSplit(name) === undefined && !/^(annotations|captions|images|questions|data|metadata)$/i.test(name);
  };
  const stem = (file: string): string => basename(file).replace(/\.(jsonl?|ndjson|csv|tsv)$/i, '');
  const telling = [stem(path), basename(dirname(path))].find(isTelling) ?? stem(path);
  const plain = telling.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  const name = plain.slice(0, 60).replace(/[^A-Za-z0-9]+$/, '') || 'dataset';
  const taken = new Set(listFolders(datasetsFolder(home)).map((folder) => folder.toLowerCase()));
  let free = name;
  for (let number = 2; taken.has(free.toLowerCase()); number += 1) free = `${name}-${number}`;
  return free;
}
