import { expect, launchApp, test, type Launched } from './support/app.ts';
import { dropPaths, finishImport, startTraining, untilReady } from './support/acts.ts';
import { makePictures } from './support/pictures.ts';

test.describe.configure({ mode: 'serial' });

let atelier: Launched;
test.beforeAll(async () => {
  atelier = await launchApp();
  await untilReady(atelier.page);
});
test.afterAll(() => atelier.close());

/** Process id of the engine, as the system knows it. */
function enginePid(): Promise<number> {
  return atelier.app.evaluate(({ app }) => app.getAppMetrics().find((metric) => metric.type === 'Utility' && metric.name === 'Latent Atelier engine')?.pid ?? 0);
}

test('an idle engine is small', async () => {
  const bytes = await atelier.app.evaluate(({ app }) => {
    const engine = app.getAppMetrics().find((metric) => metric.name === 'Latent Atelier engine');
    return (engine?.memory.workingSetSize ?? 0) * 1024;
  });
  process.stdout.write(`    idle engine: ${Math.round(bytes / 2 ** 20)} MiB\n`);
  expect(bytes).toBeGreaterThan(0);
  expect(bytes).toBeLessThan(400 * 2 ** 20);
});

test('the engine is killed while it trains: the window stays, the engine comes back and goes on with the run', async () => {
  const { page } = atelier;
  const { folder } = await makePictures(20);
  await dropPaths(page, [folder]);
  await finishImport(page, folder, { sizePx: 32 });
  await startTraining(page, { data: 'shapes', name: 'Power cut', steps: 400, config: { hidden: 16, residualHidden: 8, codes: 32, codeSize: 8 } });
  await expect(page.getByTestId('recon-canvas')).toBeVisible({ timeout: 90_000 });
  const scrubbed = page.getByTestId('run-page');
  await expect(scrubbed).toContainText(/step 2\d|step [3-9]\d/i, { timeout: 90_000 });

  const before = await enginePid();
  expect(before).toBeGreaterThan(0);
  process.kill(before, 'SIGKILL');
  await expect.poll(enginePid, { timeout: 30_000 }).not.toBe(before);
  await untilReady(page);
  expect(await enginePid()).toBeGreaterThan(0);

  await expect(scrubbed).toHaveAttribute('data-status', 'running', { timeout: 60_000 });
  await expect(scrubbed).toHaveAttribute('data-status', 'finished', { timeout: 150_000 });
});

test('nonsense on the port of the engine is answered with an error and survived', async () => {
  const { page } = atelier;
  const answers = await page.evaluate(
    () =>
      new Promise<unknown[]>((resolve) => {
        const got: unknown[] = [];
        window.addEventListener('message', (event) => {
          const port = event.data === 'atelier.engine-port' ? event.ports[0] : undefined;
          if (!port) return;
          port.onmessage = ({ data }: MessageEvent) => {
            got.push(data);
            if (got.filter((each) => (each as { id: number }).id > 9e6).length === 3) resolve(got);
          };
          for (const nonsense of [null, 7, 'text', {}, { type: 'call' }, [1, 2]]) port.postMessage(nonsense);
          port.postMessage({ type: 'call', id: 9000001, name: 'no.such.call', input: {} });
          port.postMessage({ type: 'call', id: 9000002, name: 'data.page', input: { ref: 7, limit: -1 } });
          port.postMessage({ type: 'call', id: 9000003, name: 'engine.info', input: {} });
        });
        (globalThis as unknown as { atelier: { connectEngine(): void } }).atelier.connectEngine();
      }),
  );
  const byId = new Map((answers as { id: number; type: string; error?: { code: string; remedy: string } }[]).map((answer) => [answer.id, answer]));
  expect(byId.get(9000001)?.type).toBe('error');
  expect(byId.get(9000002)?.error?.code).toBe('bad-input');
  expect(byId.get(9000002)?.error?.remedy).not.toBe('');
  expect(byId.get(9000003)?.type).toBe('result');
});
