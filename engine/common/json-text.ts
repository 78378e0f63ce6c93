/** JSON texts from outside: `JSON.parse` takes what those who read the value would break on. */

/** What is meant is nested a few times; whatever goes through a value by recursion runs out of stack at some thousands. */
export const MAX_NESTING = 100;

/** The index behind the text in quotes that begins at `start`. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json[end - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
  }
  return json.length;
}

/** How deep lists and objects are nested, and how many keys the outermost object is written with. Reads no further than `MAX_NESTING`. */
function shapeOf(json: string): { readonly depth: number; readonly keys: number } {
  let [depth, deepest, keys] = [0, 0, 0];
  for (let at = 0; at < json.length && deepest <= MAX_NESTING; ) {
    const code = json.charCodeAt(at);
    if (code === 0x22) {
      at = endOfString(json, at);
      continue;
    }
    if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    else if (code === 0x3a && depth === 1) keys += 1;
    if (depth > deepest) deepest = depth;
    at += 1;
  }
  return { depth: deepest, keys };
}

/** Whether there are so many brackets that a look at the nesting is worth its time: a line of a table has a few. */
function hasManyBrackets(json: string): boolean {
  let count = 0;
  for (const bracket of '[{') {
    for (let at = json.indexOf(bracket); at !== -1; at = json.indexOf(bracket, at + 1)) {
      count += 1;
      if (count > MAX_NESTING) return true;
    }
  }
  return false;
}

/** `JSON.parse` without nesting that was made to break whoever reads it. Throws SyntaxError. */
export function parseJsonText(json: string): unknown {
  if (hasManyBrackets(json) && shapeOf(json).depth > MAX_NESTING) {
    throw new SyntaxError(`lists and objects nested more than ${MAX_NESTING} times`);
  }
  return JSON.parse(json) as unknown;
}

/** How many keys the outermost object is written with: of one that comes twice `JSON.parse` keeps the last and says nothing. */
export function countKeys(json: string): number {
  return shapeOf(json).keys;
}
