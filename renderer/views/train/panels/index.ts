import type { Component } from 'svelte';
import type { RunInfo } from '../../../../electron/contract/index.ts';
import type { Capabilities } from '../../../services/capabilities.ts';
import AnomalyPanel from './AnomalyPanel.svelte';
import DenoisePanel from './DenoisePanel.svelte';
import DrawPanel from './DrawPanel.svelte';
import EvaluatePanel from './EvaluatePanel.svelte';
import HealthPanel from './HealthPanel.svelte';
import ManifoldPanel from './ManifoldPanel.svelte';
import MixPanel from './MixPanel.svelte';
import RatePanel from './RatePanel.svelte';
import ReconstructPanel from './ReconstructPanel.svelte';
import ResamplePanel from './ResamplePanel.svelte';
import TransferPanel from './TransferPanel.svelte';
import TraversePanel from './TraversePanel.svelte';

export type Tab = 'progress' | 'reconstructions' | 'samples' | 'latent' | 'evaluate' | 'apply';
export const tabTitles: Record<Tab, string> = { progress: 'Progress', reconstructions: 'Reconstructions', samples: 'Samples', latent: 'Latent', evaluate: 'Evaluate', apply: 'Apply' };

interface PanelEntry {
  id: string;
  tab: Tab;
  component: Component<{ run: RunInfo; can: Capabilities }>;
  /** Whether a run of such a kind has it. */
  when(can: Capabilities): boolean;
}

/** Every panel of a run's page besides its progress, in the order of the tabs; which of them a run has follows from what it can. */
const panels: readonly PanelEntry[] = [
  { id: 'reconstruct', tab: 'reconstructions', component: ReconstructPanel, when: (can) => !can.prior },
  { id: 'draw', tab: 'samples', component: DrawPanel, when: () => true },
  { id: 'traverse', tab: 'latent', component: TraversePanel, when: (can) => can.latent === 'vector' },
  { id: 'manifold', tab: 'latent', component: ManifoldPanel, when: (can) => can.latent === 'vector' },
  { id: 'health', tab: 'evaluate', component: HealthPanel, when: () => true },
  { id: 'evaluate', tab: 'evaluate', component: EvaluatePanel, when: () => true },
  { id: 'anomalies', tab: 'evaluate', component: AnomalyPanel, when: (can) => !can.prior },
  { id: 'denoise', tab: 'apply', component: DenoisePanel, when: (can) => can.denoises && !can.prior },
  { id: 'resample', tab: 'apply', component: ResamplePanel, when: (can) => can.prior },
  { id: 'transfer', tab: 'apply', component: TransferPanel, when: (can) => can.restyles && !can.prior },
  { id: 'rate', tab: 'apply', component: RatePanel, when: (can) => can.prior },
  { id: 'mix', tab: 'apply', component: MixPanel, when: (can) => can.latent === 'codes' },
];

export const panelsOf = (can: Capabilities): readonly PanelEntry[] => (can.trained ? panels.filter((panel) => panel.when(can)) : []);
