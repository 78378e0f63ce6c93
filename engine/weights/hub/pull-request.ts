/** What somebody wants to have downloaded. */
import { checkName } from '../../common/names.ts';
import { checkRevision, parseRepo, type RepoReference } from './repo-reference.ts';

export interface PullRequest {
  /** A repository, or the address of one: see `parseRepo`. */
  readonly repo: string;
  /** Branch, tag or commit; missing: what the address names, else `main`. */
  readonly revision?: string | undefined;
  /** In the library; missing: the repository's own. */
  readonly name?: string | undefined;
}

export interface ReadRequest {
  readonly name: string;
  readonly requested: RepoReference;
}

/** What is asked for, and the name that it is to have. Throws `bad-input`. */
export function readRequest({ repo: text, revision, name }: PullRequest, host?: string): ReadRequest {
  const { repo, revision: named } = parseRepo(text, host);
  const chosen = revision ?? named;
  if (chosen !== undefined) checkRevision(chosen);
  const own = name ?? repo.split('/').at(-1)!;
  checkName(own, 'model');
  return { name: own, requested: { repo, ...(chosen !== undefined && { revision: chosen }) } };
}
