/** The playground's arithmetic: attention over words, the address, settings, sending a picture, colours of the heat map. */
import { expect, test } from 'vitest';
import { heatColour } from '../../renderer/lib/heat-colours.ts';
import { ALL_WORDS, attentionOf, shareOf, wordByKey } from '../../renderer/views/playground/attention.ts';
import { sendPicture } from '../../renderer/views/playground/send-picture.ts';
import { settingErrors, usualSettings } from '../../renderer/views/playground/settings-check.ts';
import {
  pictureAddress,
  pictureQuery,
  readCheckpoint,
  readPicture,
} from '../../renderer/views/playground/try-place.ts';

const words = [
  { text: 'a', attention: [1, 0, 0, 0], share: 0.2 },
  { text: 'dog', attention: [0, 0.5, 0.5, 0], share: 0.6 },
];

test('attention of one word, of all as their mean, and of none', () => {
  expect(attentionOf(words, 1)).toEqual([0, 0.5, 0.5, 0]);
  expect(attentionOf(words, ALL_WORDS)).toEqual([0.5, 0.25, 0.25, 0]);
  expect(attentionOf([], ALL_WORDS)).toBeUndefined();
  expect(attentionOf(words, 2)).toBeUndefined();
  expect(shareOf(words, 0)).toBe(0.2);
  expect(shareOf(words, ALL_WORDS)).toBeCloseTo(0.4);
  expect(shareOf([], ALL_WORDS)).toBeUndefined();
});

test('keys step through the words and stop at both ends', () => {
  expect(wordByKey('ArrowRight', ALL_WORDS, 2)).toBe(0);
  expect(wordByKey('ArrowRight', 1, 2)).toBe(1);
  expect(wordByKey('ArrowLeft', ALL_WORDS, 2)).toBe(ALL_WORDS);
  expect(wordByKey('End', ALL_WORDS, 2)).toBe(1);
  expect(wordByKey('Home', 1, 2)).toBe(ALL_WORDS);
  expect(wordByKey('a', 0, 2)).toBeUndefined();
});

test('picture and checkpoint are read from the address, and written so that kinds do not mix', () => {
  expect(readPicture({ dataset: 'd', image: 'train/1' })).toEqual({ dataset: 'd', image: 'train/1' });
  expect(readPicture({ upload: 'u', dataset: 'd', image: 'i' })).toEqual({ upload: 'u' });
  expect(readPicture({ dataset: 'd' })).toBeUndefined();
  expect(pictureQuery({ upload: 'u' })).toEqual({ dataset: '', image: '', upload: 'u' });
  expect(pictureAddress({ dataset: 'a b', image: 'val/c/d.jpg' }, 'view')).toBe('/media/a%20b/val/c%2Fd.jpg?size=view');
  expect(pictureAddress({ upload: '00ff' }, 'thumb')).toBe('/uploads/00ff?size=thumb');
  const evaluated = { best: { step: 50, metric: 'CIDEr', value: 1 } };
  expect([readCheckpoint('', evaluated), readCheckpoint('', {}), readCheckpoint('best', {})]).toEqual([
    'best',
    'last',
    'best',
  ]);
  expect(['last', '200', '', '-3', '1e3', undefined].map((written) => readCheckpoint(written, undefined))).toEqual([
    'last',
    200,
    'best',
    'best',
    'best',
    'best',
  ]);
});

test('each wrong setting is told at its own field', () => {
  expect(settingErrors(usualSettings)).toEqual({});
  expect(Object.keys(settingErrors({ ...usualSettings, beams: 0, answers: 11 })).sort()).toEqual(['answers', 'beams']);
  expect(Object.keys(settingErrors({ ...usualSettings, maxLength: 5, minLength: 5 }))).toEqual(['minLength']);
});

test('a picture is sent as it is; a refusal comes as the error that the host told', async () => {
  const sent: unknown[] = [];
  const { signal } = new AbortController();
  const accept: typeof fetch = async (address, request) => {
    sent.push(address, request?.method, request?.body);
    return Response.json({ id: 'ab', width: 3, height: 2 });
  };
  const file = new Blob(['picture']);
  expect(await sendPicture(file, { signal, send: accept })).toEqual({ id: 'ab', width: 3, height: 2 });
  expect(sent).toEqual(['/uploads', 'POST', file]);
  const refuse: typeof fetch = async () =>
    Response.json({ error: { code: 'bad-file', message: 'Not a picture' } }, { status: 415 });
  await expect(sendPicture(file, { signal, send: refuse })).rejects.toMatchObject({ code: 'bad-file' });
  const silent: typeof fetch = async () => new Response('oops', { status: 502 });
  await expect(sendPicture(file, { signal, send: silent })).rejects.toMatchObject({ details: { got: 'status 502' } });
});

test('heat colours grow lighter from nothing to the highest', () => {
  const lightness = Array.from({ length: 21 }, (_, step) => {
    const [red, green, blue] = heatColour(step / 20);
    return 0.2126 * red ** 2.2 + 0.7152 * green ** 2.2 + 0.0722 * blue ** 2.2;
  });
  expect(lightness).toEqual([...lightness].sort((a, b) => a - b));
  expect(heatColour(-1)).toEqual(heatColour(0));
  expect(heatColour(2)).toEqual([253, 231, 37]);
});
