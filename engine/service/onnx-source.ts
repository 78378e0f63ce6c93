/** What an ONNX export is made from. */
import type { TrainConfig } from '../contract/train-config.ts';
import type { OpenModel } from './open-model.ts';

export interface OnnxSource {
  readonly run: string;
  readonly step: number;
  /** The folder of the checkpoint. */
  readonly checkpoint: string;
  readonly config: TrainConfig;
  readonly model: OpenModel;
}
