import { access, cp, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Handlers, Project } from '../../electron/contract/index.ts';
import { assetPath } from '../core/assets.ts';
import { AtelierError, toAtelierError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { userFolder } from '../core/user-folder.ts';
import { createProject, forgetProject, openProject, openSampleProject, recentProjects } from '../store/projects.ts';

type Projects = Pick<Handlers, 'projects.current' | 'projects.recent' | 'projects.open' | 'projects.create' | 'projects.forget'>;

/** The project that is open; found out when first asked for. */
export class CurrentProject {
  readonly #options: { project?: string; near?: string };
  readonly #log: Logger;
  #open: Promise<Project> | null = null;

  constructor(options: { project?: string; near?: string }, log: Logger) {
    this.#options = options;
    this.#log = log;
  }

  get(): Promise<Project> {
    if (!this.#open) {
      this.#open = this.#find();
      this.#open.catch(() => (this.#open = null));
    }
    return this.#open;
  }

  /** Another project becomes the open one; when it cannot be opened the former stays. */
  async change(opening: Promise<Project>): Promise<Project> {
    const project = await opening;
    this.#open = Promise.resolve(project);
    return project;
  }

  async #find(): Promise<Project> {
    const { project, near } = this.#options;
    if (project) return openProject(project);
    const around = near ? await projectAround(near) : null;
    if (around) return openProject(around);
    for (const recent of await recentProjects()) {
      try {
        return await openProject(recent.path);
      } catch (error) {
        this.#log.warn(toAtelierError(error, `opening ${recent.path}`).message);
      }
    }
    return openSample(this.#log);
  }
}

export function projectHandlers(current: CurrentProject): Projects {
  return {
    'projects.current': () => current.get(),
    'projects.recent': () => recentProjects(),
    'projects.open': ({ path }) => current.change(openProject(path)),
    'projects.create': ({ path, name }) => current.change(createProject(path, name)),
    async 'projects.forget'({ path }) {
      const open = await current.get();
      if (open.path === resolve(path)) throw new AtelierError('bad-input', `"${open.name}" is open.`, 'Open another project first.');
      return forgetProject(path);
    },
  };
}

/** The nearest folder upwards that is a project. */
async function projectAround(folder: string): Promise<string | null> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (await exists(join(at, 'project.json'))) return at;
    if (dirname(at) === at) return null;
  }
}

/**
 * Opens the sample project of the user's folder. At the first start it is copied there from the application's files, which
 * cannot be written to; where none ships, an empty one is made.
 */
export async function openSample(log: Logger): Promise<Project> {
  const target = userFolder('sample');
  if (!(await exists(target))) {
    const partial = `${target}.partial-${process.pid}`;
    try {
      await cp(assetPath('sample'), partial, { recursive: true });
      await rename(partial, target);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      const problem = toAtelierError(error, 'copying the sample project');
      if (problem.code === 'disk-full' || problem.code === 'no-permission') throw problem;
      log.debug(problem.message); // another process was quicker, or no sample ships with this tree
    }
  }
  return openSampleProject();
}

const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false);
