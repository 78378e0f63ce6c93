/** A throw-away process that decodes one picture with whatever sharp loads. Exit code 0: it can be trusted in a process like this. */
import sharp from 'sharp';

/** 8 x 8, all of one colour. */
const picture = Buffer.from(
  '/9j/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAIAAgDAREAAhEBAxEB/8QAFAABAAAAAAAAAAAAAAAAAAAACP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAVAQEBAAAAAAAAAAAAAAAAAAAGB//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AD0cII//2Q==',
  'base64',
);
const expected = [0x0e, 0x68, 0x73] as const;
/** JPEG rounds. */
const TOLERANCE = 3;

const { data, info } = await sharp(picture)
  .resize(4, 4, { kernel: 'cubic' })
  .removeAlpha()
  .raw()
  .toBuffer({ resolveWithObject: true });
const isRight =
  info.width === 4 &&
  info.height === 4 &&
  info.channels === 3 &&
  data.every((value, index) => Math.abs(value - expected[index % 3]!) <= TOLERANCE);
process.exit(isRight ? 0 : 1);
