/** Makes the icons of all platforms from icon.svg: `node assets/icons/make-icons.ts`. */
import { join } from 'node:path';
import sharp from 'sharp';
import { writeAtomic } from '../../engine/common/files.ts';

/** Windows' sizes; each entry is a PNG, which its icon files take since Vista. */
const icoSizes = [16, 24, 32, 48, 64, 128, 256];

/** Apple's types for PNGs of these sizes; the last three are for screens of double density. */
const icnsTypes = { ic07: 128, ic08: 256, ic09: 512, ic11: 32, ic12: 64, ic13: 256 } as const;

const folder = import.meta.dirname;

/** With all four channels: older readers of icon files take no palettes. */
async function png(size: number): Promise<Buffer> {
  const source = sharp(join(folder, 'icon.svg'), { density: 288 });
  return source.resize(size, size).ensureAlpha().png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer();
}

/** Header, a 16-byte entry for each picture, the pictures. */
export function ico(pictures: readonly { readonly size: number; readonly data: Buffer }[]): Buffer {
  const head = Buffer.alloc(6 + 16 * pictures.length);
  head.writeUInt16LE(1, 2); // an icon
  head.writeUInt16LE(pictures.length, 4);
  let offset = head.length;
  for (const [index, { size, data }] of pictures.entries()) {
    const entry = 6 + 16 * index;
    head.writeUInt8(size % 256, entry); // 0 stands for 256
    head.writeUInt8(size % 256, entry + 1);
    head.writeUInt16LE(1, entry + 4); // planes
    head.writeUInt16LE(32, entry + 6); // bits of a pixel
    head.writeUInt32LE(data.length, entry + 8);
    head.writeUInt32LE(offset, entry + 12);
    offset += data.length;
  }
  return Buffer.concat([head, ...pictures.map(({ data }) => data)]);
}

/** `icns`, the file's length, then each picture behind its type and its length with these eight bytes. */
export function icns(pictures: readonly { readonly type: string; readonly data: Buffer }[]): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32BE(data.length + 8, 4);
    return Buffer.concat([head, data]);
  };
  return chunk('icns', Buffer.concat(pictures.map(({ type, data }) => chunk(type, data))));
}

if (import.meta.main) {
  const icoPictures = icoSizes.map(async (size) => ({ size, data: await png(size) }));
  const icnsPictures = Object.entries(icnsTypes).map(async ([type, size]) => ({ type, data: await png(size) }));
  writeAtomic(join(folder, 'icon.png'), await png(512));
  writeAtomic(join(folder, 'icon.ico'), ico(await Promise.all(icoPictures)));
  writeAtomic(join(folder, 'icon.icns'), icns(await Promise.all(icnsPictures)));
}
