/** METEOR's alignment of a caption's words with a reference's: which word stands for which. Written from how it is seen to act. */
import { stem } from 'porter2';
import type { WordNet } from './wordnet.ts';

/** The same word, one with the same stem, one that shares a synset. */
export type MatchKind = 'exact' | 'stem' | 'synonym';

export interface Match {
  readonly kind: MatchKind;
  /** Positions of the two words. */
  readonly hypothesis: number;
  readonly reference: number;
}

export interface Alignment {
  /** In the order of the reference's words. */
  readonly matches: readonly Match[];
  /** Runs of matches that stand side by side in both. */
  readonly chunks: number;
}

/** How many alignments of a reference's first words are kept. */
const BEAM = 40;

/** An alignment of the reference's words up to some position. */
interface Path {
  readonly matches: readonly Match[];
  readonly used: ReadonlySet<number>;
  readonly exact: number;
  /** Chunks that have ended: the last one, if still open, is not among them. */
  readonly ended: number;
  readonly open: boolean;
  /** How far the matches that were passed over would have moved a word. */
  readonly passed: number;
}

/** What two words are compared by. */
interface Word {
  readonly word: string;
  readonly stem: string;
  readonly synsets: ReadonlySet<string>;
}

const looked = (words: readonly string[], wordNet: WordNet): Word[] =>
  words.map((word) => ({ word, stem: stem(word), synsets: wordNet.synsets(word) }));

function kindsOf(own: Word, theirs: Word): MatchKind[] {
  if (own.word === theirs.word) return ['exact'];
  const kinds: MatchKind[] = [];
  if (own.stem === theirs.stem) kinds.push('stem');
  if (own.synsets.values().some((synset) => theirs.synsets.has(synset))) kinds.push('synonym');
  return kinds;
}

/** For each word of the reference its possible matches: exact ones, then by stem, then synonyms. */
function possible(hypothesis: readonly Word[], reference: readonly Word[]): Match[][] {
  return reference.map((theirs, at) => {
    const found = hypothesis.flatMap((own, i) =>
      kindsOf(own, theirs).map((kind): Match => ({ kind, hypothesis: i, reference: at })),
    );
    return (['exact', 'stem', 'synonym'] as const).flatMap((kind) => found.filter((match) => match.kind === kind));
  });
}

const distance = ({ hypothesis, reference }: Match): number => Math.abs(hypothesis - reference);

function extended(path: Path, match: Match, passed: number): Path {
  const last = path.matches.at(-1);
  const continues = last?.hypothesis === match.hypothesis - 1 && last.reference === match.reference - 1;
  return {
    matches: [...path.matches, match],
    used: new Set(path.used).add(match.hypothesis),
    exact: path.exact + (match.kind === 'exact' ? 1 : 0),
    ended: path.ended + (path.open && !continues ? 1 : 0),
    open: true,
    passed,
  };
}

const ended = (path: Path, passed = path.passed): Path => ({
  ...path,
  ended: path.ended + (path.open ? 1 : 0),
  open: false,
  passed,
});

/** More exact matches first, then fewer chunks, then what keeps more and nearer matches. Equal paths stay in their order. */
const better = (a: Path, b: Path): number => b.exact - a.exact || a.ended - b.ended || a.passed - b.passed;

/** All ways to go on with one word of the reference: each match in turn, and none. */
function* continuations(path: Path, matches: readonly Match[]): Generator<Path> {
  let { passed } = path;
  for (const match of matches) {
    if (path.used.has(match.hypothesis)) continue;
    yield extended(path, match, passed);
    passed += distance(match);
  }
  yield ended(path, passed);
}

/**
 * The best alignment that a beam search over the reference's words finds. Matches of words that have no other choice on either
 * side are in it from the start. Denkowski and Lavie 2011, section 2, describe the aim; what is compared, and when, is the
 * program's.
 */
export function alignWords(hypothesis: readonly string[], reference: readonly string[], wordNet: WordNet): Alignment {
  const matches = possible(looked(hypothesis, wordNet), looked(reference, wordNet));
  const counts = new Map<number, number>();
  for (const { hypothesis: i } of matches.flat()) counts.set(i, (counts.get(i) ?? 0) + 1);
  const sure = matches.map((own) => (own.length === 1 && counts.get(own[0]!.hypothesis) === 1 ? own[0]! : undefined));
  const used = new Set(sure.flatMap((match) => (match === undefined ? [] : [match.hypothesis])));
  let paths: Path[] = [{ matches: [], used, exact: 0, ended: 0, open: false, passed: 0 }];
  for (const [at, match] of sure.entries()) {
    const next = (path: Path): Iterable<Path> =>
      match === undefined ? continuations(path, matches[at]!) : [extended(path, match, path.passed)];
    paths = paths
      .flatMap((path) => [...next(path)])
      .sort(better)
      .slice(0, BEAM);
  }
  const [best] = paths.map((path) => ended(path)).sort(better);
  return { matches: best!.matches, chunks: best!.ended };
}
