/**
 * The application's interface, implemented: every call and stream of the contract on top of the engine. The desktop
 * application's host, the web server and the command line all stand on this.
 */
import type { Handlers, Project, Subscribers } from '../../electron/contract/index.ts';
import type { Logger } from '../core/log.ts';
import { runsFolderOf } from '../store/projects.ts';
import { compressHandlers } from './compress/handlers.ts';
import type { Core } from './core.ts';
import { DataCache } from './data-cache.ts';
import { dataHandlers } from './data.ts';
import { deviceHandlers } from './devices.ts';
import { JobBoard } from './job-board.ts';
import { jobHandlers, jobSubscribers } from './jobs.ts';
import { mapHandlers } from './map.ts';
import { openRunData } from './open-data.ts';
import { pipelineHandlers } from './pipeline/handlers.ts';
import { pointService } from './points/index.ts';
import { CurrentProject, projectHandlers } from './projects.ts';
import { continueRunsOf } from './recover.ts';
import { RunEvents } from './run-events.ts';
import { runHandlers, runSubscribers } from './runs.ts';
import { toyHandlers } from './toy.ts';
import { trainingHandlers } from './training.ts';
import { canvasHandlers } from './studio/canvas.ts';
import { galleryHandlers } from './studio/gallery.ts';
import { generateSubscribers } from './studio/generate.ts';
import { TrainedCache } from './trained-cache.ts';
import { VoiceCache } from './voice/voice-cache.ts';
import { voicesHandlers } from './voice/voices.ts';
import { prepareHandlers } from './voice/prepare.ts';
import { createWorkers } from './workers.ts';

export interface ServiceOptions {
  /** Folder of the project to open; default: the one around `near`, else the last one opened, else the sample project. */
  project?: string;
  /** A folder in or below a project. */
  near?: string;
  log: Logger;
  /** The program of the job threads; default: `job-worker.mjs` beside the running program. */
  worker?: URL;
}

export interface Service {
  readonly handlers: Handlers;
  readonly subscribers: Subscribers;
  /** The open project. */
  project(): Promise<Project>;
  /** Goes on with the trainings of the open project that a process of this machine left when it died. Never throws. */
  recover(deadPid: number): Promise<void>;
  /** Pauses what trains (with a checkpoint), cancels other jobs, and lets go of models and devices. */
  close(): Promise<void>;
}

/**
 * Starts the service. The project is opened when it is first needed; one that was named is opened at once.
 * @throws AtelierError of the project named in the options
 */
export async function createService(options: ServiceOptions): Promise<Service> {
  const { log } = options;
  const current = new CurrentProject(options, log);
  const core: Core = {
    log,
    workers: createWorkers(log, options.worker),
    jobs: new JobBoard(),
    events: new RunEvents(),
    datasets: new DataCache(),
    trained: new TrainedCache((run) => openRunData(run, log), log),
    project: () => current.get(),
    runsFolder: (project) => runsFolderOf(project.path),
  };
  if (options.project) await current.get();
  const voices = new VoiceCache();
  const training = trainingHandlers(core);
  const points = pointService(core, voices);
  return {
    handlers: {
      ...projectHandlers(current),
      ...deviceHandlers(),
      ...dataHandlers(core),
      ...training,
      ...runHandlers(core),
      ...pipelineHandlers(core),
      ...toyHandlers(),
      ...jobHandlers(core),
      ...compressHandlers(core),
      ...mapHandlers(core),
      ...prepareHandlers(core),
      ...canvasHandlers(core),
      ...galleryHandlers(core),
      ...points.handlers,
      ...voicesHandlers(core, voices),
    },
    subscribers: { ...jobSubscribers(core), ...runSubscribers(core), ...generateSubscribers(core), ...points.subscribers },
    project: core.project,
    recover: (deadPid) => continueRunsOf(deadPid, core, training),
    async close() {
      await core.jobs.close();
      await Promise.all([core.trained.close(), core.datasets.close(), points.close(), voices.close()]);
    },
  };
}
