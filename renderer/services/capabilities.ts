import type { CodecInfo, FamilyInfo, PriorInfo, RunInfo } from '../../electron/contract/index.ts';

/** What can be done with a run, by what its kind says of itself and by its settings. */
export interface Capabilities {
  /** It has weights to use. */
  trained: boolean;
  /** It draws codes of another model. */
  prior: boolean;
  latent: 'vector' | 'codes';
  byClass: boolean;
  denoises: boolean;
  /** Draws a picture again in the style of a class. */
  restyles: boolean;
  /** The finest grid of codes, of a prior. */
  grid: { width: number; height: number } | null;
}

export function capabilitiesOf(run: RunInfo, kind: FamilyInfo | PriorInfo | null, byClass: boolean): Capabilities {
  const family = kind && 'latent' in kind ? kind : null;
  return {
    trained: run.step > 0,
    prior: run.codec !== undefined,
    latent: run.codec ? 'codes' : (family?.latent ?? 'vector'),
    byClass,
    denoises: typeof run.config.denoise === 'number' && run.config.denoise > 0,
    restyles: (family as { restyles?: boolean } | null)?.restyles === true,
    grid: run.codec ? finest(run.codec) : null,
  };
}

/** Of several grids of codes the last is the finest. */
function finest(codec: CodecInfo): { width: number; height: number } {
  const { width, height } = codec.grids?.at(-1) ?? codec;
  return { width, height };
}

/** Whether a run learns voices, or the sound of them: it is heard, not seen, and its codes are no grid. */
export const isVoiceRun = ({ family }: Pick<RunInfo, 'family'>): boolean => family === 'voice-converter' || family === 'vocoder';
