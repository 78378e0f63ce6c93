/** A frozen CLIP as a source of visual tokens: patch states of one layer, pooled to a smaller grid where asked for. */
import { DeptError } from '../common/errors.ts';
import { compile } from '../graph/compile.ts';
import { named } from '../graph/dim.ts';
import { slice } from '../graph/ops/structure.ts';
import { input } from '../graph/sources.ts';
import { CheckpointBackbone } from '../models/backbone.ts';
import { type ClipConfig, patchCount } from '../models/clip/config.ts';
import { imageEmbedding, visionStates } from '../models/clip/vision.ts';
import { Session } from '../runtime/session.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';

/** Which of the image encoder's states become visual tokens. */
export interface VisualChoice {
  /** Layer whose output is taken, counted from 1; 'last' is the one before the final norm. */
  readonly layer: number | 'last';
  /** Side of the grid that patch tokens are max-pooled to (adaptive, as torch's AdaptiveMaxPool2d); null: none. */
  readonly pool: number | null;
}

export interface ImageEncoderOptions extends VisualChoice {
  readonly checkpoint: Checkpoint;
  readonly config: ClipConfig;
  readonly threads?: number;
}

/** Throws `bad-config` for a layer or a pool that the model does not have. */
export function checkVisualChoice(config: ClipConfig, { layer, pool }: VisualChoice): void {
  const { layers } = config.vision;
  const side = Math.sqrt(patchCount(config));
  if (layer !== 'last' && (layer < 1 || layer > layers)) {
    throw new DeptError('bad-config', 'The image encoder has no such layer', {
      expected: `1 to ${layers}, or last`,
      got: String(layer),
      path: 'vision.layer',
    });
  }
  if (pool !== null && pool > side) {
    throw new DeptError('bad-config', 'The visual tokens cannot be pooled to a larger grid', {
      expected: `at most ${side}`,
      got: String(pool),
      path: 'vision.pool',
    });
  }
}

/** Max over the cells of an adaptive grid: cell i covers floor(i n / p) .. ceil((i + 1) n / p) - 1. */
export function adaptiveMaxPool(tokens: Float32Array, side: number, width: number, pool: number): Float32Array {
  const pooled = new Float32Array(pool * pool * width).fill(Number.NEGATIVE_INFINITY);
  const range = (i: number): [number, number] => [Math.floor((i * side) / pool), Math.ceil(((i + 1) * side) / pool)];
  for (let row = 0; row < pool; row += 1) {
    for (let column = 0; column < pool; column += 1) {
      const at = (row * pool + column) * width;
      const [[top, bottom], [left, right]] = [range(row), range(column)];
      for (let y = top; y < bottom; y += 1) {
        for (let x = left; x < right; x += 1) {
          const from = (y * side + x) * width;
          for (let k = 0; k < width; k += 1) pooled[at + k] = Math.max(pooled[at + k]!, tokens[from + k]!);
        }
      }
    }
  }
  return pooled;
}

export class ImageEncoder {
  readonly tokens: number;
  readonly width: number;
  readonly imageSize: number;
  readonly #session: Session;
  readonly #pool: number | null;
  readonly #side: number;

  private constructor(session: Session, { config, pool }: ImageEncoderOptions) {
    this.#session = session;
    this.#pool = pool;
    this.#side = Math.sqrt(patchCount(config));
    this.imageSize = config.vision.imageSize;
    this.width = config.vision.width;
    this.tokens = (pool ?? this.#side) ** 2;
  }

  /** @throws DeptError 'bad-config' for a layer or a pool that the model does not have. */
  static async create(options: ImageEncoderOptions): Promise<ImageEncoder> {
    const { config, checkpoint, threads } = options;
    checkVisualChoice(config, options);
    const layer = options.layer === 'last' ? config.vision.layers : options.layer;
    const side = Math.sqrt(patchCount(config));
    const { imageSize } = config.vision;
    const pixels = input('pixels', 'float32', [named('batch'), 3, imageSize, imageSize]);
    const backbone = new CheckpointBackbone(checkpoint);
    const states = visionStates(backbone, config, pixels);
    const patches = slice(states[layer]!, 1, 1, side * side + 1);
    const graph = compile({ patches, embedding: imageEmbedding(backbone, config, states.at(-1)!) });
    return new ImageEncoder(await Session.create(graph, threads === undefined ? {} : { threads }), options);
  }

  /** Visual tokens [tokens * width] and the (unnormalised) CLIP embedding of each picture [3 * size * size]. */
  async encode(
    pictures: readonly Float32Array[],
  ): Promise<{ readonly tokens: Float32Array; readonly embedding: Float32Array }[]> {
    const area = 3 * this.imageSize * this.imageSize;
    const data = new Float32Array(pictures.length * area);
    pictures.forEach((picture, i) => {
      data.set(picture, i * area);
    });
    const shape = [pictures.length, 3, this.imageSize, this.imageSize];
    const { patches, embedding } = await this.#session.run({ pixels: { data, shape } });
    const size = this.#side * this.#side * this.width;
    const embeddingWidth = embedding!.shape[1]!;
    return pictures.map((_, i) => {
      const own = (patches!.data as Float32Array).subarray(i * size, (i + 1) * size);
      const tokens = this.#pool === null ? own : adaptiveMaxPool(own, this.#side, this.width, this.#pool);
      const all = embedding!.data as Float32Array;
      return { tokens, embedding: all.subarray(i * embeddingWidth, (i + 1) * embeddingWidth) };
    });
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
