/** Files that are called pictures: what is refused, and what is a picture all the same. */
import { symlinkSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { type Make, namedPipe } from './expected.ts';

/** One chunk of a PNG. */
function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A grey PNG of one bit a pixel, all black: a few bytes for any size. `rows`: how many of them it really has. */
function png(width: number, height: number, rows = height): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(rows * (1 + Math.ceil(width / 8))))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const red = sharp({ create: { width: 400, height: 300, channels: 3, background: 'red' } });
const jpeg = await red.clone().jpeg().toBuffer();
const frames = (format: 'gif' | 'webp' | 'tiff'): Promise<Buffer> =>
  sharp([jpeg, jpeg, jpeg], { join: { animated: true } })
    .toFormat(format)
    .toBuffer();
const [gif, webp, tiff] = await Promise.all([frames('gif'), frames('webp'), frames('tiff')]);

export interface OddPicture {
  readonly name: string;
  readonly file: string;
  readonly make: Make;
  /** In pixels; undefined where it is none. */
  readonly size?: readonly [width: number, height: number];
  /** What is said of it when its header is read, as an import does; undefined where that alone shows nothing. */
  readonly refused?: RegExp;
  /** When it is decoded. */
  readonly undecodable?: RegExp;
}

const undecodable = /cannot be decoded/;
const none = (name: string, file: string, make: Make): OddPicture => ({
  name,
  file,
  make,
  refused: undecodable,
  undecodable,
});
const notAFile = (name: string, make: Make): OddPicture => ({
  name,
  file: 'a.png',
  make,
  refused: /not a file/,
  undecodable: /not a file/,
});

export const oddPictures: readonly OddPicture[] = [
  none('nothing at all', 'a.png', () => ''),
  none('a text', 'a.jpg', () => 'not a picture'),
  none('a web page', 'a.jpg', () => '<!doctype html><html>404</html>'),
  none(
    'a drawing',
    'a.png',
    () => '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/passwd"/></svg>',
  ),
  none('a document', 'a.tif', () => '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj'),
  none('an archive', 'a.webp', () => Buffer.from('PK\x03\x04\x14\0', 'latin1')),
  none('the first bytes of a PNG', 'a.png', () => png(3, 2).subarray(0, 20)),
  none('a PNG that unpacks to 400 million pixels', 'a.png', () => png(20_000, 20_000, 1)),
  none('a PNG of no width', 'a.png', () => png(0, 2)),
  {
    name: 'a JPEG cut in the middle',
    file: 'a.jpg',
    make: () => jpeg.subarray(0, Math.floor(jpeg.length * 0.8)),
    size: [400, 300],
    undecodable,
  },
  { name: 'a PNG without its last rows', file: 'a.png', make: () => png(300, 200, 100), size: [300, 200], undecodable },
  notAFile('a named pipe', namedPipe),
  notAFile('a device', (path) => symlinkSync('/dev/zero', path) as undefined),
  {
    name: 'a link to nowhere',
    file: 'a.png',
    make: (path) => symlinkSync('nowhere.png', path) as undefined,
    refused: /no such image/,
    undecodable: /no such (image|file)/,
  },
  { name: 'a JPEG under another name', file: 'a.png', make: () => jpeg, size: [400, 300] },
  { name: 'an animation', file: 'a.gif', make: () => gif, size: [400, 300] },
  { name: 'an animation of another kind', file: 'a.webp', make: () => webp, size: [400, 300] },
  { name: 'pages', file: 'a.tiff', make: () => tiff, size: [400, 300] },
];
