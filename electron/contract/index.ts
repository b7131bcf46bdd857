/**
 * The application's interface, once: each call and stream by name, with the schema of its input and the type of its
 * answer. The client of the renderer, the allow-list of the preload, the validation in the host and the web server all
 * follow from these two tables.
 */
import { data } from './data.ts';
import { devices } from './devices.ts';
import { exploreCalls } from './explore.ts';
import type { EventOf, InputOf, OutputOf, ParsedInputOf } from './define.ts';
import { jobs, jobStreams } from './jobs.ts';
import { layoutCalls, layoutStreams } from './layouts.ts';
import { map } from './map.ts';
import { pipelines } from './pipeline.ts';
import { pointCalls } from './points.ts';
import { projects } from './projects.ts';
import { runs, runStreams } from './runs.ts';
import { toy } from './toy.ts';
import { voice } from './voice.ts';
import { studio, studioStreams } from './studio.ts';
import { tableCalls } from './tables.ts';
import { styles } from './styles.ts';
import { voices } from './voices.ts';

export const calls = {
  ...projects,
  ...devices,
  ...data,
  ...runs,
  ...styles,
  ...pipelines, ...toy,
  ...jobs,
  ...map,
  ...studio,
  ...pointCalls,
  ...layoutCalls,
  ...exploreCalls,
  ...tableCalls,
  ...voices,
  ...voice,
};
export const streams = {
  ...jobStreams,
  ...runStreams,
  ...studioStreams,
  ...layoutStreams,
};

export type Calls = typeof calls;
export type Streams = typeof streams;
export type CallName = keyof Calls;
export type StreamName = keyof Streams;

/** The part of an AbortSignal that both Node and browsers have. */
export interface Cancellation {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
}

/** What `engine/service` implements. */
export type Handlers = {
  [N in CallName]: (input: ParsedInputOf<Calls[N]>, signal: Cancellation) => Promise<OutputOf<Calls[N]>>;
};
export type Subscribers = {
  [N in StreamName]: (input: ParsedInputOf<Streams[N]>, emit: (event: EventOf<Streams[N]>) => void) => () => void;
};

/** What the renderer holds, whatever the transport. Calls reject with `ErrorValue`-shaped errors. */
export interface Client {
  call<N extends CallName>(name: N, input: InputOf<Calls[N]>): Promise<OutputOf<Calls[N]>>;
  subscribe<N extends StreamName>(name: N, input: InputOf<Streams[N]>, on: (event: EventOf<Streams[N]>) => void): () => void;
}

export type { EventOf, InputOf, OutputOf, ParsedInputOf } from './define.ts';
export type { CallSpec, ErrorValue, Picture, Sheet, StreamSpec } from './define.ts';
export type { ClassCount, DataItem, DataPage, DatasetInfo } from './data.ts';
export type { DeviceInfo, Devices, EngineInfo } from './devices.ts';
export type { JobInfo, JobState } from './jobs.ts';
export type { InverseReport, PathDecoded, PlaceDecoded } from './explore.ts';
export type { LayoutFrame, LayoutInfo, LayoutQuality } from './layouts.ts';
export type { Decoded, MapFrame, MapInfo, MapItem } from './map.ts';
export type { PipelineChoice, PipelineInfo, PipelinePlan, PipelineStage, StageKind } from './pipeline.ts';
export type { Category, Cell, Checked, Cluster, ColumnPart, LeftOut, PointColumn, PointItem, PointSet, PointSource, RowPage } from './points.ts';
export type { Project } from './projects.ts';
export type {
  AnomalyItem, AnomalyReport, CodeGridInfo, CodecInfo, Diagnosis, Estimate, FamilyInfo, FamilyPreset, Health, HealthCheck, MetricRow, PictureCodes, PriorInfo, RunEvent, RunInfo, RunPreview, RunStatus, TrainingPlan,
} from './runs.ts';
export type { VoiceSetInfo, VoiceSpeaker } from './voice.ts';
export type { CanvasDocument, CanvasDocumentInfo, CanvasGrid, CanvasInfo, GalleryItem, GenerateEvent, Recipe } from './studio.ts';
export type { Exported, SavedEntry, TableEntry } from './tables.ts';
export type { Transferred, TransferFigures, TransferScore } from './styles.ts';
export type { AudioClip, BatchItem, BatchState, Take, TakeInfo, TakeScores, TakeSettings, Voice, VoiceEvaluation, VoiceMap, VoiceModelInfo, VoicePreset, VoicePreviews, VoiceSource, VoiceSourceInfo } from './voices.ts';
export { importOptions } from './data.ts';
export { pipelineRequest } from './pipeline.ts';
export { mostPoints } from './points.ts';
export { trainingPlan, trainRequest } from './runs.ts';
