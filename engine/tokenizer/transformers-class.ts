/**
 * What transformers 5 makes of a tokenizer.json whose folder names one of its own classes: it takes the vocabulary, the charsmap and
 * the added tokens from the file and builds everything else anew, whatever else the file says. Spaces at the end of a text, for one,
 * then count for nothing in google/flan-t5. Follows `T5Tokenizer`, `CLIPTokenizer` and `TokenizersBackend.convert_to_native_format`
 * of transformers 5.23.
 */
import { z } from 'zod';
import type { TokenizerJson } from './tokenizer-json.ts';

const METASPACE = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
const CLIP_WORDS = String.raw`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;

const sequence = z.looseObject({ normalizers: z.array(z.looseObject({ type: z.string() })) });

function charsmap(normalizer: TokenizerJson['normalizer']): TokenizerJson['normalizer'] {
  const steps = sequence.safeParse(normalizer).data?.normalizers ?? [normalizer];
  return steps.find((step) => step?.type === 'Precompiled') ?? null;
}

type Rebuild = (file: TokenizerJson) => Partial<TokenizerJson>;

const classes: Readonly<Record<string, Rebuild>> = {
  T5Tokenizer: ({ normalizer, model }) => ({
    normalizer: charsmap(normalizer),
    pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'WhitespaceSplit' }, METASPACE] },
    model: { type: 'Unigram', vocab: model.vocab, unk_id: 2 },
    decoder: METASPACE,
  }),
  CLIPTokenizer: ({ model }) => ({
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: String.raw`\s+` }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: CLIP_WORDS }, behavior: 'Removed', invert: true },
        { type: 'ByteLevel', add_prefix_space: false },
      ],
    },
    model: {
      type: 'BPE',
      vocab: model.vocab,
      merges: model.merges,
      unk_token: model.unk_token,
      end_of_word_suffix: '</w>',
    },
    decoder: { type: 'ByteLevelWords', end_of_word_suffix: '</w>' },
  }),
};

/** The file as transformers' class of this name uses it. Any other class uses it as it is. */
export function asTransformersClass(file: TokenizerJson, className: string | null | undefined): TokenizerJson {
  const name = className?.replace(/Fast$/, '') ?? '';
  return Object.hasOwn(classes, name) ? { ...file, ...classes[name]!(file) } : file;
}
