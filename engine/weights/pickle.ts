/**
 * The part of Python's pickle format (protocol 2) that torch's state dicts are written in. Nothing is executed: a pickle may
 * name only what the caller knows, and every opcode that is not here is refused.
 */
import { DeptError } from '../common/errors.ts';

/** None, booleans, whole numbers, texts, tuples and lists, dicts, and whatever the caller makes of names and identifiers. */
export type Unpickled = unknown;

/** A Python name that the pickle may use. */
export class KnownName {
  /** What calling it gives; null where it may only be mentioned. */
  readonly call: ((args: readonly Unpickled[]) => Unpickled) | null;

  constructor(call: KnownName['call'] = null) {
    this.call = call;
  }
}

export interface PickleVocabulary {
  /** By `module.name`. */
  readonly names: ReadonlyMap<string, KnownName>;
  /** Whether an object of this class may be there as its attributes alone. None may unless this says so. */
  readonly isPlainClass?: (name: string) => boolean;
  /** The object that a persistent identifier stands for. */
  readonly persistent: (identifier: Unpickled) => Unpickled;
}

/**
 * Objects, and items that are put into them: a few for each tensor of a state dict. Some bytes of a pickle can stand for a copy
 * of all that was there before.
 */
const MAX_ITEMS = 1_000_000;
/** Opcodes that make tuples, lists and dicts. */
const CONTAINERS = 't\x85\x86\x87)]}';

/** A Python dict or OrderedDict. */
export type Dict = Map<Unpickled, Unpickled>;

/** An object of a class that is not run: its attributes by name. */
export class PlainObject extends Map<Unpickled, Unpickled> {}

const PLAIN_CLASS = new KnownName();
const MARK = Symbol('mark');

class Machine {
  readonly #bytes: Buffer;
  readonly #vocabulary: PickleVocabulary;
  readonly #path: string;
  readonly #stack: Unpickled[] = [];
  readonly #memo = new Map<number, Unpickled>();
  #at = 0;
  #items = 0;

  constructor(bytes: Buffer, vocabulary: PickleVocabulary, path: string) {
    this.#bytes = bytes;
    this.#vocabulary = vocabulary;
    this.#path = path;
  }

  #broken(message: string): DeptError {
    return new DeptError('bad-file', `Not a valid pickle: ${message}`, { path: this.#path });
  }

  #refused(code: string): DeptError {
    const hex = code.charCodeAt(0).toString(16).padStart(2, '0');
    return new DeptError('unsupported', `The pickle has an opcode that is refused: 0x${hex}`, { path: this.#path });
  }

  /** Called before so many more are made. */
  #count(items: number): void {
    this.#items += items;
    if (this.#items > MAX_ITEMS) throw this.#broken(`it makes more than ${MAX_ITEMS} objects`);
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw this.#broken('it ends too early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #byte(): number {
    return this.#take(1)[0]!;
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw this.#broken('it ends too early');
    const line = this.#take(end - this.#at).toString('utf8');
    this.#at += 1;
    return line;
  }

  #pop(): Unpickled {
    if (this.#stack.length === 0 || this.#stack.at(-1) === MARK) throw this.#broken('something is missing');
    return this.#stack.pop();
  }

  #popMark(): Unpickled[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at < 0) throw this.#broken('something is missing');
    return this.#stack.splice(at).slice(1);
  }

  #dict(): Dict {
    const value = this.#stack.at(-1);
    if (!(value instanceof Map)) throw this.#broken('items without a dict');
    return value as Dict;
  }

  #setItems(items: readonly Unpickled[]): void {
    if (items.length % 2 !== 0) throw this.#broken('a key without a value');
    const dict = this.#dict();
    this.#count(items.length);
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  }

  #append(items: readonly Unpickled[]): void {
    const list = this.#stack.at(-1);
    if (!Array.isArray(list)) throw this.#broken('items without a list');
    this.#count(items.length);
    for (const item of items) list.push(item);
  }

  #name(name: string): KnownName {
    const known = this.#vocabulary.names.get(name);
    if (known !== undefined) return known;
    if (this.#vocabulary.isPlainClass?.(name)) return PLAIN_CLASS;
    throw new DeptError('unsupported', `The file wants to use Python's "${name.slice(0, 100)}", which is refused`, {
      path: this.#path,
      expected: [...this.#vocabulary.names.keys()].join(', '),
      remedy: 'Load it in Python, if you trust its source, and save the tensors alone as safetensors.',
    });
  }

  #call(callee: Unpickled, args: Unpickled): Unpickled {
    if (!(callee instanceof KnownName) || callee.call === null || !Array.isArray(args)) {
      throw this.#broken('a call of what cannot be called');
    }
    this.#count(1);
    return callee.call(args);
  }

  #object(callee: Unpickled, args: Unpickled): PlainObject {
    if (callee !== PLAIN_CLASS) throw this.#refused('\x81');
    if (!Array.isArray(args) || args.length > 0) throw this.#broken('an object that cannot be made');
    this.#count(1);
    return new PlainObject();
  }

  /** Attributes are kept of plain objects only; those of a dict, such as a state dict's _metadata, are not used. */
  #setAttributes(attributes: Unpickled): void {
    const target = this.#dict();
    if (!(target instanceof PlainObject)) return;
    if (!(attributes instanceof Map)) throw this.#broken('attributes without names');
    this.#count(attributes.size);
    for (const [name, value] of attributes) target.set(name, value);
  }

  #recall(index: number): Unpickled {
    if (!this.#memo.has(index)) throw this.#broken('it refers to what is not there');
    return this.#memo.get(index);
  }

  #remember(index: number): void {
    const value = this.#pop();
    this.#memo.set(index, value);
    this.#stack.push(value);
  }

  /** A whole number of up to 8 bytes, little-endian, two's complement. */
  #long(length: number): number {
    if (length > 8) throw this.#broken('a number is too large');
    const bytes = this.#take(length);
    const value = bytes.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    const signed = Number(BigInt.asIntN(8 * length, value));
    if (!Number.isSafeInteger(signed)) throw this.#broken('a number is too large');
    return signed;
  }

  /** What an opcode puts on the stack, by its code. */
  readonly #pushes: Readonly<Record<string, () => Unpickled>> = {
    '(': () => MARK,
    N: () => null,
    '\x88': () => true,
    '\x89': () => false,
    J: () => this.#take(4).readInt32LE(),
    K: () => this.#byte(),
    M: () => this.#take(2).readUInt16LE(),
    G: () => this.#take(8).readDoubleBE(),
    '\x8a': () => this.#long(this.#byte()),
    X: () => this.#take(this.#take(4).readUInt32LE()).toString('utf8'),
    ')': () => [],
    ']': () => [],
    '}': () => new Map(),
    t: () => this.#popMark(),
    '\x85': () => [this.#pop()],
    '\x86': () => [this.#pop(), this.#pop()].reverse(),
    '\x87': () => [this.#pop(), this.#pop(), this.#pop()].reverse(),
    c: () => this.#name(`${this.#line()}.${this.#line()}`),
    h: () => this.#recall(this.#byte()),
    j: () => this.#recall(this.#take(4).readUInt32LE()),
    Q: () => this.#vocabulary.persistent(this.#pop()),
    R: () => {
      const args = this.#pop();
      return this.#call(this.#pop(), args);
    },
    '\x81': () => {
      const args = this.#pop();
      return this.#object(this.#pop(), args);
    },
  };

  /** What an opcode does to what is on the stack, by its code. */
  readonly #effects: Readonly<Record<string, () => void>> = {
    q: () => this.#remember(this.#byte()),
    r: () => this.#remember(this.#take(4).readUInt32LE()),
    s: () => {
      const value = this.#pop();
      this.#setItems([this.#pop(), value]);
    },
    u: () => this.#setItems(this.#popMark()),
    a: () => this.#append([this.#pop()]),
    e: () => this.#append(this.#popMark()),
    b: () => this.#setAttributes(this.#pop()),
  };

  run(): { readonly value: Unpickled; readonly length: number } {
    if (this.#byte() !== 0x80 || this.#byte() !== 2) throw this.#broken('it is not of protocol 2');
    for (;;) {
      const code = String.fromCharCode(this.#byte());
      if (code === '.') return { value: this.#pop(), length: this.#at };
      const effect = this.#effects[code];
      if (effect !== undefined) effect();
      else {
        const push = this.#pushes[code];
        if (push === undefined) throw this.#refused(code);
        if (CONTAINERS.includes(code)) this.#count(1);
        this.#stack.push(push());
      }
    }
  }
}

/**
 * The one object of a pickle, and how many of the bytes are its own. Errors: `bad-file`, `unsupported` (a name or an opcode that is
 * not known), and the caller's.
 */
export function unpickle(
  bytes: Buffer,
  vocabulary: PickleVocabulary,
  path: string,
): { readonly value: Unpickled; readonly length: number } {
  return new Machine(bytes, vocabulary, path).run();
}
