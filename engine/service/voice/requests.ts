import type { SoundFormat } from '../../audio/encode.ts';
import type { BatchItem, TakeInfo, TakeSettings, VoiceEvaluation } from '../../../electron/contract/index.ts';
import type { LiveRequest, LiveSummary } from './live-task.ts';

export interface ConvertRequest {
  model: string;
  source: string;
  settings: TakeSettings;
  /** Where takes lie. */
  folder: string;
}

export interface BatchRequest {
  model: string;
  /** Files and folders. */
  paths: string[];
  /** Folder to write to. */
  out: string;
  /** `out` is the file to write, of the one source there is. */
  single?: boolean;
  format: SoundFormat;
  sampleRateHz?: number;
  settings: TakeSettings;
}

export interface BatchSummary {
  folder: string;
  items: BatchItem[];
}

export interface EvaluateVoicesRequest {
  model: string;
  set: string;
  limit: number;
  /** Nothing of the set was learned from: all of it is held out. */
  unseen?: boolean;
}

export interface ExportVoicesRequest {
  model: string;
  out: string;
  frames: number;
}

export interface PackRequest {
  model: string;
  /** File to write. */
  out: string;
  /** Run of a vocoder that is to speak. */
  vocoder?: string;
  name?: string;
  /** Voices to keep, by name; unset: all. */
  voices?: string[];
  /** Large weights as octets: half the room. */
  small?: boolean;
}

/** Tasks of voices, for the table of all tasks. */
export interface VoiceTasks {
  convert: { input: ConvertRequest; output: TakeInfo };
  convertBatch: { input: BatchRequest; output: BatchSummary };
  liveVoices: { input: LiveRequest; output: LiveSummary };
  evaluateVoices: { input: EvaluateVoicesRequest; output: VoiceEvaluation };
  packVoices: { input: PackRequest; output: { path: string; voices: string[]; vocoder: boolean } };
  exportVoices: { input: ExportVoicesRequest; output: { folder: string; files: string[]; maxDifference: number } };
}
