/** What a repository holds at one commit, as the hub lists it: names, sizes and digests. Nothing of it is trusted unchecked. */
import { z } from 'zod';
import { DeptError } from '../../common/errors.ts';
import { Patience } from './failures.ts';
import type { HubAccess } from './hub-access.ts';
import { isRepo, type RepoReference } from './repo-reference.ts';
import { requestText } from './request.ts';

/** By what a file is known to be whole: sha256 of its bytes, or git's sha1 of `blob <size>\0` and its bytes. */
export const digestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sha256'), hex: z.string().regex(/^[0-9a-f]{64}$/) }),
  z.object({ kind: z.literal('git'), hex: z.string().regex(/^[0-9a-f]{40}$/) }),
]);

export type Digest = z.output<typeof digestSchema>;

export const commitSchema = z.string().regex(/^[0-9a-f]{40}$/);
export const sizeSchema = z.int().nonnegative();

export interface ListedFile {
  readonly name: string;
  readonly size: number;
  readonly digest: Digest;
}

export interface Listing {
  /** The repository's name of today; it may have been asked for by an older one. */
  readonly repo: string;
  readonly commit: string;
  readonly files: ReadonlyMap<string, ListedFile>;
  /** As its model card says. */
  readonly licence: string | undefined;
}

const answerSchema = z.object({
  id: z.string().refine(isRepo, 'is the name of no repository'),
  sha: commitSchema,
  siblings: z
    .array(
      z.object({
        rfilename: z.string(),
        size: sizeSchema.optional(),
        blobId: z.string().optional(),
        lfs: z.object({ sha256: z.string(), size: sizeSchema }).optional(),
      }),
    )
    .max(50_000),
  cardData: z
    .looseObject({ license: z.union([z.string(), z.array(z.string())]).optional() })
    .nullish()
    .catch(undefined),
});

type Sibling = z.output<typeof answerSchema>['siblings'][number];

/** A listing of fifty thousand files is about this long. */
const LONGEST_LISTING = 16 * 2 ** 20;

/** A file without size and digest could not be checked: it counts as not there. */
function asListed({ rfilename: name, size, blobId, lfs }: Sibling): ListedFile | undefined {
  const digest = digestSchema.safeParse(
    lfs === undefined ? { kind: 'git', hex: blobId } : { kind: 'sha256', hex: lfs.sha256 },
  );
  const bytes = lfs?.size ?? size;
  return digest.success && bytes !== undefined ? { name, size: bytes, digest: digest.data } : undefined;
}

function parseAnswer(text: string, path: string): z.output<typeof answerSchema> {
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new DeptError('network-failed', 'The hub lists the model in a way that is not understood', {
      path,
      got:
        cause instanceof z.ZodError ? z.prettifyError({ issues: cause.issues.slice(0, 3) }) : (cause as Error).message,
      remedy: 'Check that HF_ENDPOINT is the address of a hub.',
      cause,
    });
  }
}

/** Asks for a repository's files at a revision, `main` where none is given. Throws as `request` and `Patience`. */
export async function listRepo(
  hub: HubAccess,
  { repo, revision = 'main' }: RepoReference,
  signal: AbortSignal,
): Promise<Listing> {
  const url = hubAddress(hub, `api/models/${repo}/revision/${encodeURIComponent(revision)}`);
  url.searchParams.set('blobs', 'true');
  const text = await patiently(hub, signal, () => requestText(hub, url, LONGEST_LISTING, signal));
  const { id, sha, siblings, cardData } = parseAnswer(text, `${url.origin}${url.pathname}`);
  const files = siblings.map(asListed).filter((file) => file !== undefined);
  const licence = cardData?.license;
  return {
    repo: id,
    commit: sha,
    files: new Map(files.map((file) => [file.name, file])),
    licence: Array.isArray(licence) ? licence.join(', ') : licence,
  };
}

/** An address below the endpoint, which may have a path of its own. */
export function hubAddress({ endpoint }: HubAccess, path: string): URL {
  return new URL(path, endpoint.href.endsWith('/') ? endpoint : `${endpoint.href}/`);
}

/** The address of a file at a commit: what lies there never changes. `name` is plain. */
export function fileAddress(hub: HubAccess, repo: string, commit: string, name: string): URL {
  return hubAddress(hub, `${repo}/resolve/${commit}/${name}`);
}

/** Repeats a small request as long as its failures are temporary ones. */
export async function patiently<Value>(
  hub: HubAccess,
  signal: AbortSignal,
  attempt: () => Promise<Value>,
): Promise<Value> {
  const patience = new Patience(hub, signal);
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      await patience.failed(error);
    }
  }
}
