/** adapter_config.json of a checkpoint: what the tensors beside it are, under the names that DePT's authors use. */
import type { TrainConfig } from '../contract/train-config.ts';
import type { OpenModel } from './open-model.ts';

export function adapterConfig(config: TrainConfig, { clipT5, vision }: OpenModel): Record<string, unknown> {
  const { method, language } = config;
  const { width, heads, encoderLayers } = clipT5.config;
  const common = {
    base_model_name_or_path: language.model,
    inference_mode: true,
    revision: null,
    tokenizer_name_or_path: language.model,
    num_attention_heads: heads,
    num_layers: encoderLayers,
    num_transformer_submodules: 1,
    num_virtual_tokens: method.promptLength,
    prompt_tuning_init:
      method.promptInit === 'text' ? 'TEXT' : method.promptInit === 'vocabulary' ? 'SAMPLE_VOCAB' : 'RANDOM',
    prompt_tuning_init_text: method.promptInit === 'text' ? method.initText : null,
    task_type: 'SEQ_2_SEQ_LM',
    token_dim: width,
    vision_model: vision.choice.model,
    vision_layer: vision.choice.layer,
    vision_pool: vision.choice.pool,
    vision_resize: vision.choice.resize,
    vision_projection: config.vision.projection,
  };
  if (method.name === 'prompt-tuning') return { ...common, peft_type: 'PROMPT_TUNING' };
  return {
    ...common,
    peft_type: 'PROMPT_TUNING_LORA',
    bias: 'none',
    hidden_size: width,
    init_lora_weights: true,
    load_lora_embedding_B: true,
    load_lora_embeddings: true,
    lora_alpha: method.alpha,
    max_length: config.maxTextLength,
    r: method.rank,
    save_lora_embeddings: true,
  };
}
