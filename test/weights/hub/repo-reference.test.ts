/** Names of repositories as people paste them, and names of files as a server may send them. */
import { expect, test } from 'vitest';
import type { DeptError } from '../../../engine/common/errors.ts';
import { isPlainFileName } from '../../../engine/weights/hub/file-names.ts';
import { checkRevision, parseRepo } from '../../../engine/weights/hub/repo-reference.ts';

const good: readonly { readonly text: string; readonly repo: string; readonly revision?: string }[] = [
  { text: 't5-base', repo: 't5-base' },
  { text: ' google-t5/t5-base ', repo: 'google-t5/t5-base' },
  { text: 'timm/resnet101_clip.openai', repo: 'timm/resnet101_clip.openai' },
  { text: 'hf.co/google/flan-t5-base', repo: 'google/flan-t5-base' },
  { text: 'huggingface.co/t5-base', repo: 't5-base' },
  { text: 'https://huggingface.co/openai/clip-vit-base-patch32', repo: 'openai/clip-vit-base-patch32' },
  { text: 'https://hf.co/openai/clip-vit-base-patch32/', repo: 'openai/clip-vit-base-patch32' },
  { text: 'https://huggingface.co/google-t5/t5-base/tree/main', repo: 'google-t5/t5-base', revision: 'main' },
  {
    text: 'https://huggingface.co/google-t5/t5-base/blob/a9723ea/config.json?x=1#L3',
    repo: 'google-t5/t5-base',
    revision: 'a9723ea',
  },
  {
    text: 'https://huggingface.co/google-t5/t5-base/resolve/main/model.safetensors',
    repo: 'google-t5/t5-base',
    revision: 'main',
  },
  { text: 'http://127.0.0.1:8000/google-t5/t5-base', repo: 'google-t5/t5-base' },
];

test.each(good)('$text', ({ text, ...reference }) => {
  expect(parseRepo(text, '127.0.0.1:8000')).toEqual(reference);
});

const bad = [
  '',
  '.',
  '..',
  'a/b/c',
  '../t5-base',
  'google-t5/..',
  'google-t5/t5 base',
  'google-t5/t5--base',
  '/etc/passwd',
  'C:\\models\\t5',
  'https://example.com/google-t5/t5-base',
  'https://huggingface.co',
  'https://huggingface.co/datasets/coco',
  'https://huggingface.co/datasets/me/coco/tree/main',
  'https://huggingface.co/spaces/me/demo',
  'ftp://huggingface.co/google-t5/t5-base',
  `google-t5/${'x'.repeat(200)}`,
];

test.each(bad)('refused: %s', (text) => {
  expect(() => parseRepo(text)).toThrow(expect.objectContaining({ code: 'bad-input' }));
});

test.each(['https://me:hf_secret@example.com/a/b', 'https://example.com/a/b?token=hf_secret'])(
  'an address with a secret is refused without repeating it: %s',
  (address) => {
    let said = '';
    try {
      parseRepo(address);
    } catch (error) {
      said = (error as DeptError).describe();
    }
    expect(said).toContain("'https://example.com/a/b'");
    expect(said).not.toContain('hf_secret');
  },
);

test('revisions are branches, tags and commits, and nothing that climbs', () => {
  for (const name of ['main', 'v1.0', 'refs/pr/3', 'a9723ea7f1b39c1eae772870f3b547bf6ef7e6c1']) checkRevision(name);
  for (const name of ['', '..', 'a/../b', '/main', 'main/', 'a b', '?x', 'a//b', '%2e%2e']) {
    expect(() => checkRevision(name), name).toThrow(expect.objectContaining({ code: 'bad-input' }));
  }
});

test('file names: plain ones pass, whatever leads elsewhere does not', () => {
  for (const name of ['config.json', 'model-00001-of-00002.safetensors', 'LICENSE', 'con-1.bin', 'a.b.c']) {
    expect(isPlainFileName(name), name).toBe(true);
  }
  const elsewhere = ['', '.', '..', '../a', 'a/b', 'a\\b', '/a', 'C:a', '.hidden', 'a.', 'CON', 'nul.json', 'com1.bin'];
  for (const name of [...elsewhere, 'a\0b', 'a b', 'ä.bin', 'a'.repeat(300)]) {
    expect(isPlainFileName(name), name).toBe(false);
  }
});
