import type { RunInfo } from '../../electron/contract/index.ts';
import { client } from '../services/client.ts';
import { formatCount, formatDuration } from '../services/format.ts';
import { metricName, metricText, sortMetrics } from '../services/metric-names.ts';
import { shell } from '../services/shell.ts';
import { toast } from 'svelte-sonner';
import { askSavePath } from './ask.svelte.ts';
import { notifyError } from './notify.svelte.ts';

/** Runs something slow with a toast that says so, and then how it went. */
async function withToast(doing: string, work: () => Promise<{ title: string; description: string; reveal?: string }>): Promise<void> {
  const id = toast.loading(doing);
  try {
    const { title, description, reveal } = await work();
    toast.success(title, {
      id,
      description,
      duration: 15_000,
      action: reveal && shell ? { label: 'Show', onClick: () => void shell!.revealInFolder(reveal).catch(notifyError) } : undefined,
    });
  } catch (error) {
    toast.dismiss(id);
    notifyError(error);
  }
}

const fileName = (run: RunInfo): string => run.name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^-+|-+$/g, '') || 'run';

export async function exportRun(run: RunInfo): Promise<void> {
  const out = await askSavePath('Export encoder and decoder as ONNX', `${fileName(run)}-onnx`);
  if (!out) return;
  await withToast(`Exporting "${run.name}"`, async () => {
    const { folder, files, maxDifference } = await client.call('runs.export', { run: run.run, out });
    return { title: `Exported to ${folder}`, description: `${files.length} files; run alone they differ from the model by at most ${maxDifference.toExponential(1)}.`, reveal: folder };
  });
}

/** Encoder, decoder and listener of voices as ONNX files. */
export async function exportVoices(run: RunInfo): Promise<void> {
  const out = await askSavePath('Export the converter as ONNX', `${fileName(run)}-onnx`);
  if (!out) return;
  await withToast(`Exporting "${run.name}"`, async () => {
    const { folder, files, maxDifference } = await client.call('voices.export', { model: run.run, out });
    return { title: `Exported to ${folder}`, description: `${files.length} files; run alone they differ from the model by at most ${maxDifference.toExponential(1)}.`, reveal: folder };
  });
}

export async function evaluateRun(run: RunInfo): Promise<void> {
  await withToast(`Evaluating "${run.name}" on its test pictures`, async () => {
    const { metrics, items, seconds } = await client.call('runs.evaluate', { run: run.run });
    const text = sortMetrics(Object.keys(metrics))
      .slice(0, 6)
      .map((name) => `${metricName(name).title} ${metricText(name, metrics[name])}`)
      .join(', ');
    return { title: `${formatCount(items)} test pictures in ${formatDuration(seconds)}`, description: text };
  });
}

export async function embedRun(run: RunInfo): Promise<void> {
  const out = await askSavePath('Write the latents as a table', `${fileName(run)}.parquet`, 'parquet');
  if (!out) return;
  await withToast(`Writing the latents of "${run.name}"`, async () => {
    const { out: path, rows, columns } = await client.call('runs.embed', { run: run.run, out });
    return { title: `Wrote ${formatCount(rows)} rows`, description: `${columns.length} columns in ${path}.`, reveal: path };
  });
}
