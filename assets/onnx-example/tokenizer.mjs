// Text to ids and back, by the tokenizer.json beside it: the parts that tokenizers of T5 have (Unigram over words marked with "▁").
// In place of T5's own table of character rules stands Unicode's NFKC, which for ordinary text is the same.
import { readFileSync } from 'node:fs';

const MARK = '▁';
const UNKNOWN_PENALTY = 10;

const normalizers = {
  Precompiled: () => (text) => text.normalize('NFKC').replace(/\p{Cc}/gu, ' '),
  NFC: () => (text) => text.normalize('NFC'),
  NFD: () => (text) => text.normalize('NFD'),
  NFKC: () => (text) => text.normalize('NFKC'),
  NFKD: () => (text) => text.normalize('NFKD'),
  StripAccents: () => (text) => text.replace(/\p{M}/gu, ''),
  Lowercase: () => (text) => text.toLowerCase(),
  Strip: () => (text) => text.trim(),
  Replace: ({ pattern, content }) => {
    const from = pattern.Regex === undefined ? pattern.String : new RegExp(pattern.Regex, 'gu');
    return (text) => text.replaceAll(from, () => content);
  },
};

/** One function of all steps of a normalizer. */
function normalizer(config) {
  if (config === null || config === undefined) return (text) => text;
  if (config.type === 'Sequence') {
    const steps = config.normalizers.map(normalizer);
    return (text) => steps.reduce((current, step) => step(current), text);
  }
  const make = normalizers[config.type];
  if (make === undefined) throw new Error(`This example has no normalizer ${config.type}`);
  return make(config);
}

/** The pieces of a word whose scores have the largest sum; characters in no piece become the unknown id. */
function unigram({ vocab, unk_id: unknown }) {
  const ids = new Map(vocab.map(([piece], id) => [piece, id]));
  const longest = vocab.reduce((most, [piece]) => Math.max(most, piece.length), 1);
  const unknownScore = vocab.reduce((least, [, score]) => Math.min(least, score), 0) - UNKNOWN_PENALTY;
  return (word) => {
    const best = [{ sum: 0 }];
    const offer = (start, end, id, score) => {
      const sum = best[start].sum + score;
      if (best[end] === undefined || sum > best[end].sum) best[end] = { sum, start, id };
    };
    for (let start = 0, width = 1; start < word.length; start += width) {
      width = word.codePointAt(start) > 0xffff ? 2 : 1;
      for (let end = start + 1; end <= Math.min(word.length, start + longest); end += 1) {
        const id = ids.get(word.slice(start, end));
        if (id !== undefined) offer(start, end, id, vocab[id][1]);
      }
      if (!ids.has(word.slice(start, start + width))) offer(start, start + width, unknown, unknownScore);
    }
    const path = [];
    for (let end = word.length; end > 0; end = best[end].start) {
      if (best[end].id !== unknown || path[0] !== unknown) path.unshift(best[end].id); // a run of unknowns is one
    }
    return path;
  };
}

/** @param {string} path of a tokenizer.json */
export function openTokenizer(path) {
  const file = JSON.parse(readFileSync(path, 'utf8'));
  if (file.model.type !== 'Unigram') throw new Error(`This example has no tokenizer of the kind ${file.model.type}`);
  const normalise = normalizer(file.normalizer);
  const piecesOf = unigram(file.model);
  const end = file.model.vocab.findIndex(([piece]) => piece === '</s>');
  const special = new Set(file.added_tokens.filter((token) => token.special).map(({ id }) => id));
  return {
    /** Ids of a text, the end of text last, at most `maxLength`. */
    encode(text, maxLength) {
      const words = normalise(text)
        .split(/\p{White_Space}+/u)
        .filter((word) => word !== '');
      const ids = words.flatMap((word) => piecesOf(MARK + word));
      return [...ids.slice(0, maxLength - 1), end];
    },
    decode(ids) {
      const pieces = ids.filter((id) => !special.has(id)).map((id) => file.model.vocab[id]?.[0] ?? '');
      return pieces.join('').replaceAll(MARK, ' ').trim();
    },
  };
}
