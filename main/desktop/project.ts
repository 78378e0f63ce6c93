/** The program's own name, version and place on the web, as package.json has them. */
import { z } from 'zod';
import manifest from '../../package.json' with { type: 'json' };

const projectSchema = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
  /** Missing: this build knows of no place to look for a newer one. */
  repository: z.object({ url: z.string().regex(/^git\+https:\/\/github\.com\/[\w.-]+\/[\w.-]+\.git$/) }).optional(),
});

const { version, dependencies, repository } = projectSchema.parse(manifest);

export const APP_NAME = 'DePT Studio';
export const APP_ID = 'io.github.dept-studio';
export const APP_VERSION = version;
export const ONNX_RUNTIME_VERSION = dependencies['onnxruntime-node']!;

export interface ProjectPlace {
  /** The project's page; documentation and releases lie below it. */
  readonly page: string;
  /** The newest release, as JSON. */
  readonly feed: string;
}

/** Where a project of this git address is found. */
export function placeOf(repositoryUrl: string): ProjectPlace {
  const path = repositoryUrl.replace(/^git\+https:\/\/github\.com\//, '').replace(/\.git$/, '');
  return { page: `https://github.com/${path}`, feed: `https://api.github.com/repos/${path}/releases/latest` };
}

export const projectPlace: ProjectPlace | undefined = repository && placeOf(repository.url);
