import { openRunData } from '../open-data.ts';
import { remaining } from '../remaining.ts';
import type { TaskFunction } from '../worker-messages.ts';
import { heard } from './heard.ts';
import { withTrained } from './with-trained.ts';

/** Metrics of a split, and on request the scores of what the model draws and of its latent dimensions. */
export const evaluate: TaskFunction<'evaluate'> = ({ run, split, limit, importance, samples, extractor, learnFrom, factors, seed, step }, { log, signal, progress }) =>
  withTrained(run, step, log, async ({ folder, trained, device }) => {
    const images = await openRunData(folder, log);
    const parts = 1 + (samples || learnFrom ? 1 : 0) + (factors ? 1 : 0);
    let part = 0;
    const eta = remaining();
    const say = (fraction: number, message = 'Evaluating') => {
      const done = (part + fraction) / parts;
      heard(signal);
      progress({ progress: done, etaSec: eta(done), message });
    };
    const { scoreFactors, scoreSamples } = await import('../../training/index.ts');
    const began = performance.now();
    try {
      const result = await trained.evaluate(images, { split, limit, importanceSamples: importance, signal, onProgress: (fraction) => say(fraction) });
      const metrics = { ...result.metrics };
      const notes: string[] = [...(result.notes ?? [])];
      const add = (scores: { metrics: Record<string, number>; notes: string[] }): void => {
        Object.assign(metrics, scores.metrics);
        notes.push(...scores.notes);
      };
      if (samples || learnFrom) {
        part++;
        add(await scoreSamples(trained, images, device, { split, count: samples ?? 1000, extractor, learnFrom, seed, signal, onProgress: say }));
      }
      if (factors) {
        part++;
        add(await scoreFactors(trained, images, { split, limit, onProgress: (fraction) => say(fraction, 'Measuring disentanglement') }));
      }
      return { metrics, notes, split: result.split, items: result.items, step: result.step, seconds: (performance.now() - began) / 1000 };
    } finally {
      await images.close();
    }
  });
