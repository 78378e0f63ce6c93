/** A frozen CLIP as a source of visual tokens: the cells of one layer, pooled to a smaller grid where asked for. */
import { DeptError } from '../common/errors.ts';
import { compile } from '../graph/compile.ts';
import { named } from '../graph/dim.ts';
import { input } from '../graph/sources.ts';
import { CheckpointBackbone } from '../models/backbone.ts';
import { type ImageTowerConfig, imageTower } from '../models/clip/image-tower.ts';
import { Session } from '../runtime/session.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';

/** Which of the image encoder's states become visual tokens. */
export interface VisualChoice {
  /** Layer whose output is taken, counted from 1; 'last' is before the final norm, of a ResNet before attention pooling. */
  readonly layer: number | 'last';
  /** Side of the grid that its cells are max-pooled to (adaptive, as torch's AdaptiveMaxPool2d); null: none. */
  readonly pool: number | null;
}

export interface ImageEncoderOptions extends VisualChoice {
  readonly checkpoint: Checkpoint;
  readonly config: ImageTowerConfig;
  readonly threads?: number;
}

/** What a choice comes to for one model. */
export interface VisualShape {
  /** Counted from 1. */
  readonly layer: number;
  /** Of the layer's grid, before pooling. */
  readonly side: number;
  /** Visual tokens of a picture. */
  readonly tokens: number;
  /** Of a token. */
  readonly width: number;
}

/** Throws `bad-config` for a layer or a pool that the model does not have. */
export function visualShape(config: ImageTowerConfig, { layer: chosen, pool }: VisualChoice): VisualShape {
  const { layers, grid } = imageTower(config);
  const layer = chosen === 'last' ? layers : chosen;
  if (layer < 1 || layer > layers) {
    throw new DeptError('bad-config', 'The image encoder has no such layer', {
      expected: `1 to ${layers}, or last`,
      got: String(layer),
      path: 'vision.layer',
    });
  }
  const { side, width } = grid(layer);
  if (pool !== null && pool > side) {
    throw new DeptError('bad-config', 'The visual tokens cannot be pooled to a larger grid', {
      expected: `at most ${side}`,
      got: String(pool),
      path: 'vision.pool',
    });
  }
  return { layer, side, tokens: (pool ?? side) ** 2, width };
}

/** The cells under each cell of the pooled grid, row by row: along an axis, i covers floor(i n / p) .. ceil((i + 1) n / p) - 1. */
export function poolWindows(side: number, pool: number): number[][] {
  const ranges = Array.from({ length: pool }, (_, i) => {
    const first = Math.floor((i * side) / pool);
    return Array.from({ length: Math.ceil(((i + 1) * side) / pool) - first }, (_, k) => first + k);
  });
  return ranges.flatMap((rows) => ranges.map((columns) => rows.flatMap((y) => columns.map((x) => y * side + x))));
}

/** Max over the cells of an adaptive grid. */
export function adaptiveMaxPool(tokens: Float32Array, side: number, width: number, pool: number): Float32Array {
  const pooled = new Float32Array(pool * pool * width).fill(Number.NEGATIVE_INFINITY);
  poolWindows(side, pool).forEach((cells, i) => {
    const at = i * width;
    for (const cell of cells) {
      const from = cell * width;
      for (let k = 0; k < width; k += 1) pooled[at + k] = Math.max(pooled[at + k]!, tokens[from + k]!);
    }
  });
  return pooled;
}

export class ImageEncoder {
  readonly tokens: number;
  readonly width: number;
  readonly imageSize: number;
  readonly #session: Session;
  readonly #pool: number | null;
  readonly #side: number;

  private constructor(session: Session, imageSize: number, { side, tokens, width }: VisualShape, pool: number | null) {
    this.#session = session;
    this.#pool = pool;
    this.#side = side;
    this.imageSize = imageSize;
    this.width = width;
    this.tokens = tokens;
  }

  /** @throws DeptError 'bad-config' for a layer or a pool that the model does not have. */
  static async create(options: ImageEncoderOptions): Promise<ImageEncoder> {
    const { config, checkpoint, threads, pool } = options;
    const shape = visualShape(config, options);
    const { imageSize, build } = imageTower(config);
    const pixels = input('pixels', 'float32', [named('batch'), 3, imageSize, imageSize]);
    const graph = compile(build(new CheckpointBackbone(checkpoint), pixels, shape.layer));
    const session = await Session.create(graph, threads === undefined ? {} : { threads });
    return new ImageEncoder(session, imageSize, shape, pool);
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
    const { tokens: cells, embedding } = await this.#session.run({ pixels: { data, shape } });
    const size = this.#side * this.#side * this.width;
    const embeddingWidth = embedding!.shape[1]!;
    return pictures.map((_, i) => {
      const own = (cells!.data as Float32Array).subarray(i * size, (i + 1) * size);
      const tokens = this.#pool === null ? own : adaptiveMaxPool(own, this.#side, this.width, this.#pool);
      const all = embedding!.data as Float32Array;
      return { tokens, embedding: all.subarray(i * embeddingWidth, (i + 1) * embeddingWidth) };
    });
  }

  async release(): Promise<void> {
    await this.#session.release();
  }
}
