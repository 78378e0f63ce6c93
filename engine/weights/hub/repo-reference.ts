/** Names of repositories on the hub, as people write and paste them. */
import { DeptError } from '../../common/errors.ts';

export interface RepoReference {
  /** `owner/name`, or the name alone for the few that were there before owners were. */
  readonly repo: string;
  /** Branch, tag or commit, where the address named one. */
  readonly revision?: string;
}

const PART = '[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?';
const REPO = new RegExp(`^(?:${PART}/)?${PART}$`);
const REVISION = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,198}[A-Za-z0-9])?$/;

/** Whether the hub can have a repository, or a revision, of this name; what passes needs no escaping and climbs nowhere. */
export function isRepo(text: string): boolean {
  return REPO.test(text) && !/\.\.|--/.test(text);
}

function isRevision(text: string): boolean {
  return REVISION.test(text) && !/\.\.|\/\//.test(text);
}

/** Throws `bad-input`. */
export function checkRevision(revision: string): void {
  if (isRevision(revision)) return;
  throw new DeptError('bad-input', 'This is not the name of a revision', {
    expected: 'a branch, a tag or a commit, such as main',
    got: `'${revision}'`,
  });
}

function badReference(got: string): DeptError {
  return new DeptError('bad-input', 'This is not the name of a model on the Hugging Face Hub', {
    expected: 'owner/name, such as google-t5/t5-base, or the address of its page on huggingface.co',
    got,
  });
}

/** An address can hold a password or a token: what is shown of it ends before the query and leaves the user out. */
function shownAddress({ protocol, host, pathname }: URL): string {
  return `'${protocol}//${host}${pathname}'`;
}

/** Pages of a repository: `owner/name`, `owner/name/tree/main`, `.../blob/<revision>/<file>`, `.../resolve/<revision>/<file>`. */
function parseAddress(url: URL, hosts: readonly string[]): RepoReference {
  const words = url.pathname.split('/').filter((word) => word !== '');
  const page = words.findIndex((word) => ['tree', 'blob', 'resolve'].includes(word));
  const repo = (page < 0 ? words : words.slice(0, page)).join('/');
  const revision = page < 0 ? undefined : words[page + 1];
  const known = hosts.includes(url.host) && /^https?:$/.test(url.protocol);
  if (!known || !isRepo(repo) || ['datasets', 'spaces'].includes(words[0]!)) throw badReference(shownAddress(url));
  return { repo, ...(revision !== undefined && { revision }) };
}

/**
 * Understands `t5-base`, `google-t5/t5-base`, `hf.co/google-t5/t5-base` and addresses of a repository's pages. `host` is
 * that of the hub which is asked, where it is another than huggingface.co. Throws `bad-input`.
 */
export function parseRepo(text: string, host = 'huggingface.co'): RepoReference {
  const trimmed = text.trim();
  const hosts = ['huggingface.co', 'hf.co', 'www.huggingface.co', host];
  const bare = hosts.some((known) => trimmed.startsWith(`${known}/`));
  if (!bare && isRepo(trimmed)) return { repo: trimmed };
  const url = URL.parse(bare ? `https://${trimmed}` : trimmed);
  if (url !== null && url.host !== '') return parseAddress(url, hosts);
  throw badReference(`'${trimmed.slice(0, 200)}'`);
}
