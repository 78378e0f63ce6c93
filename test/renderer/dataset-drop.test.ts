/** Folders dropped in a browser: walked, sorted out, copied. */
import { expect, test } from 'vitest';
import { type DroppedFile, readTransfer } from '../../renderer/lib/drops.ts';
import { commonFolder, planDrop } from '../../renderer/views/datasets/drop-files.ts';
import { dropAddress, newDropId, uploadDrop } from '../../renderer/views/datasets/drop-upload.ts';

const dropped = (path: string, text = path): DroppedFile => ({ path, file: new File([text], path.split('/').at(-1)!) });

/** An entry as browsers give it: a folder's reader gives two at a time, then none. */
function entry(name: string, above: string, children?: readonly string[]): unknown {
  const fullPath = `${above}/${name}`;
  if (children === undefined) {
    return { isFile: true, name, fullPath, file: (done: (file: File) => void) => done(new File([fullPath], name)) };
  }
  const rest = children.map((child) => entry(child, fullPath));
  const readEntries = (done: (some: unknown[]) => void) => done(rest.splice(0, 2));
  return { isFile: false, isDirectory: true, name, fullPath, createReader: () => ({ readEntries }) };
}

test('a dropped folder is walked to its last file', async () => {
  const names = ['1.jpg', '2.jpg', '3.jpg', '4.jpg', 'captions.csv'];
  const items = [{ kind: 'file', webkitGetAsEntry: () => entry('set', '', names) }];
  const drop = readTransfer({ files: [], items } as unknown as DataTransfer);
  expect((await drop.files()).map(({ path }) => path)).toEqual(names.map((name) => `set/${name}`));
});

test('only what a dataset consists of is copied', () => {
  const taken = ['set/1.JPG', 'set/train/2.webp', 'captions.jsonl', 'table.tsv'];
  const left = ['set/.DS_Store', 'set/.git/x.json', 'set/readme.md', 'set/jpg', 'run.exe'];
  const plan = planDrop([...taken, ...left].map((path) => dropped(path)));
  expect(plan.files.map(({ path }) => path)).toEqual(taken);
  expect(plan.left).toBe(left.length);
  expect(plan.bytes).toBe(taken.join('').length);
});

test.each([
  [['set/1.jpg', 'set/train/2.jpg'], 'set'],
  [['set/1.jpg', 'other/2.jpg'], undefined],
  [['1.jpg', 'set/2.jpg'], undefined],
  [['1.jpg', '2.jpg'], undefined],
])('%j come from the folder %s', (paths, folder) => {
  expect(commonFolder(paths.map((path) => dropped(path)))).toBe(folder);
});

test('names stay names in the address', () => {
  expect(dropAddress('drop-1', 'my set/a?b#c.jpg')).toBe('/drops/drop-1/my%20set/a%3Fb%23c.jpg');
  expect(newDropId()).toMatch(/^[a-z0-9-]{8,64}$/);
});

test('each file is copied once, a few at a time, and the folder told', async () => {
  const files = Array.from({ length: 11 }, (_, position) => dropped(`set/${position}.jpg`, 'xx'));
  const sent: string[] = [];
  const progress: number[] = [];
  let atOnce = 0;
  let most = 0;
  const send = async (address: unknown) => {
    most = Math.max(most, ++atOnce);
    await new Promise(setImmediate);
    atOnce -= 1;
    sent.push(String(address));
    return Response.json({ folder: '/home/drops/d' });
  };
  const signal = new AbortController().signal;
  const folder = await uploadDrop('d', files, { signal, send, onProgress: ({ bytes }) => progress.push(bytes) });
  expect(folder).toBe('/home/drops/d');
  expect(new Set(sent)).toEqual(new Set(files.map(({ path }) => `/drops/d/${path}`)));
  expect(sent).toHaveLength(11);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(4);
  expect(progress.at(-1)).toBe(22);
});

test('a refused file stops the rest, and is named', async () => {
  const files = Array.from({ length: 40 }, (_, position) => dropped(`${position}.jpg`));
  let asked = 0;
  const send = async () => {
    asked += 1;
    const error = { code: 'bad-input', message: 'The dropped file cannot be taken', got: 'more than 5 bytes' };
    return Response.json({ error }, { status: 400 });
  };
  const done = uploadDrop('d', files, { signal: new AbortController().signal, send, onProgress: () => {} });
  await expect(done).rejects.toMatchObject({
    message: 'The dropped file cannot be taken',
    details: { got: 'more than 5 bytes', path: '0.jpg' },
  });
  expect(asked).toBeLessThanOrEqual(4);
});

test('an answer that is none of ours says so', async () => {
  const send = async () => new Response('<html>', { status: 502 });
  const options = { signal: new AbortController().signal, send, onProgress: () => {} };
  await expect(uploadDrop('d', [dropped('1.jpg')], options)).rejects.toMatchObject({ details: { got: 'status 502' } });
});

test('copying ends where it is cancelled', async () => {
  const stop = new AbortController();
  const files = Array.from({ length: 40 }, (_, position) => dropped(`${position}.jpg`));
  let asked = 0;
  const send = async () => {
    asked += 1;
    if (asked === 6) stop.abort();
    return Response.json({ folder: '/x' });
  };
  const done = uploadDrop('d', files, { signal: stop.signal, send, onProgress: () => {} });
  await expect(done).rejects.toMatchObject({ name: 'AbortError' });
  expect(asked).toBeLessThan(12);
});
