/** Writes the part of Python's pickle format (protocol 2) that state dicts need, opcode by opcode as Python's own pickler does. */

export class PickleWriter {
  readonly #parts: Buffer[] = [Buffer.from([0x80, 2])];
  /** Numbers of what may be referred to again, by what it is. */
  readonly #memo = new Map<string, number>();
  #remembered = 0;

  /** A bare opcode: `(` begins a tuple or a run of items. */
  code(opcode: '(' | '}' | ')' | 'Q' | 'R' | 'u' | 's' | 't' | '\x85' | '\x86' | '\x87' | '\x89'): this {
    return this.#append(Buffer.from(opcode, 'latin1'));
  }

  /** Gives what is on top of the stack the next number, as Python does with every object that it could meet again. */
  remember(): this {
    const number = this.#remembered;
    this.#remembered += 1;
    if (number < 0x100) return this.#append(Buffer.from([0x71, number]));
    const long = Buffer.from('r\0\0\0\0', 'latin1');
    long.writeUInt32LE(number, 1);
    return this.#append(long);
  }

  /** A whole number from 0 to 2^31 - 1, in the shortest form. */
  number(value: number): this {
    if (value < 0x100) return this.#append(Buffer.from([0x4b, value]));
    const isShort = value < 0x10000;
    const bytes = Buffer.from(isShort ? 'M\0\0' : 'J\0\0\0\0', 'latin1');
    if (isShort) bytes.writeUInt16LE(value, 1);
    else bytes.writeInt32LE(value, 1);
    return this.#append(bytes);
  }

  /** A tuple of whole numbers. */
  numbers(values: readonly number[]): this {
    if (values.length === 0) return this.code(')');
    if (values.length > 3) this.code('(');
    for (const value of values) this.number(value);
    return this.code((['\x85', '\x86', '\x87'] as const)[values.length - 1] ?? 't').remember();
  }

  /** A text of its own, even where an equal one was written before. */
  text(value: string): this {
    const bytes = Buffer.from(value);
    const head = Buffer.from('X\0\0\0\0', 'latin1');
    head.writeUInt32LE(bytes.length, 1);
    return this.#append(head, bytes).remember();
  }

  /** A text that Python has one object of: the second time only its number is written. */
  constant(value: string): this {
    return this.#once(`text ${value}`, () => this.text(value));
  }

  /** A function or class by its name. */
  global(module: string, name: string): this {
    return this.#once(`global ${module} ${name}`, () =>
      this.#append(Buffer.from(`c${module}\n${name}\n`, 'latin1')).remember(),
    );
  }

  finish(): Buffer {
    return Buffer.concat([...this.#parts, Buffer.from('.')]);
  }

  #once(key: string, write: () => this): this {
    const known = this.#memo.get(key);
    if (known === undefined) {
      this.#memo.set(key, this.#remembered);
      return write();
    }
    if (known < 0x100) return this.#append(Buffer.from([0x68, known]));
    const long = Buffer.from('j\0\0\0\0', 'latin1');
    long.writeUInt32LE(known, 1);
    return this.#append(long);
  }

  #append(...parts: readonly Buffer[]): this {
    this.#parts.push(...parts);
    return this;
  }
}
