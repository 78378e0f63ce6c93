import { expect, test } from 'vitest';
import { ImageFinder, imageFolders } from '../../engine/data/image-finder.ts';
import { Workplace } from './fixtures.ts';

/** Files with these names, and what a reference finds among them. */
function finder(...files: string[]) {
  const place = new Workplace();
  for (const file of files) place.write(file, '');
  const images = new ImageFinder([place.path('one'), place.path('two')]);
  return (key: string, ...names: string[]) => {
    const found = images.find({ key, names });
    return found && `${found.root.slice(place.folder.length + 1)}:${found.path}`;
  };
}

test('the given name comes first, then the patterns of the id', () => {
  const find = finder('one/42.png', 'two/given.jpg', 'two/000000000043.jpg', 'one/COCO_val2014_000000000044.jpg');
  expect(find('42', 'given.jpg')).toBe('two:given.jpg');
  expect(find('42', 'lost.jpg')).toBe('one:42.png');
  expect(find('43')).toBe('two:000000000043.jpg');
  expect(find('44')).toBe('one:COCO_val2014_000000000044.jpg');
  expect(find('45')).toBeUndefined();
});

test('endings, case, Unicode form and slashes may differ', () => {
  const find = finder('one/Cat.JPEG', 'one/deep/er/dog.webp', 'one/caf\u00e9.png', 'one/exact.png', 'one/Exact.png');
  expect(find('cat')).toBe('one:Cat.JPEG');
  expect(find('cat.jpeg')).toBe('one:Cat.JPEG');
  expect(find('x', 'deep\\er\\dog')).toBe('one:deep/er/dog.webp');
  expect(find('x', './deep/er/dog.webp')).toBe('one:deep/er/dog.webp');
  expect(find('cafe\u0301.png')).toBe('one:caf\u00e9.png');
  expect(find('exact.png')).toBe('one:exact.png');
  expect(find('Exact.png')).toBe('one:Exact.png');
});

test('a folder or a file of another kind is no image', () => {
  const find = finder('one/5/a.png', 'one/notes.txt');
  expect(find('5')).toBeUndefined();
  expect(find('notes')).toBeUndefined();
});

test.each(['../secret', '/etc/passwd', 'a/../../b', '..\\x', '\\\\host\\x', 'C:\\x.png', 'https://x/y.png', 'a\0b'])(
  'a name that leads out of the folder is never found: %j',
  (name) => {
    const find = finder('one/a.png', 'secret.png');
    expect(find('a', name)).toBeUndefined();
    expect(find(name)).toBeUndefined();
  },
);

test('folders are those beside the file, or in the one that the user names', () => {
  const place = new Workplace();
  for (const name of ['images', 'val', 'coco/train2014', 'coco/images/val2014']) place.write(`${name}/x.png`, '');
  const file = place.write('coco/annotations/captions_val.json', '');
  const names = (folders: string[]) => folders.map((folder) => folder.slice(place.folder.length + 1));
  expect(names(imageFolders(file, 'val', undefined))).toEqual([
    'coco/annotations',
    'coco/images',
    'coco/train2014',
    'coco/images/val2014',
    'coco',
  ]);
  expect(names(imageFolders(file, 'val', place.path('.')))).toEqual(['', 'images', 'val']);
  expect(() => imageFolders(file, 'val', place.path('nowhere'))).toThrow('no such image folder');
});
