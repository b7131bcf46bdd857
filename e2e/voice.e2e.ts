/** Someone with a voice: tries the sample, converts it, listens, loops, hears codes, listens blind, records, converts a folder, exports. */
import AxeBuilder from '@axe-core/playwright';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coloursOf, untilReady, watchLongTasks } from './support/acts.ts';
import { allowance, watchNoise } from './support/noise.ts';
import { expect, launchApp, root, test, type Launched } from './support/app.ts';

test.describe.configure({ mode: 'serial', timeout: 600_000 });
const folder = join(root, 'test-results', 'screens');
const samples = join(root, 'assets', 'voices', 'samples');
let atelier: Launched;

test.beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  // A tone instead of a microphone; whether it may be heard is still asked of the application.
  atelier = await launchApp({ args: ['--use-fake-device-for-media-stream'] });
  await untilReady(atelier.page);
});
test.afterAll(() => atelier.close());

async function record(name: string): Promise<void> {
  const { page } = atelier;
  await page.screenshot({ path: join(folder, `voice-${name}.png`) });
  const before = atelier.complaints.length;
  const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
  // To read the styles of shadow roots axe copies them into a document of its own, where the policy refuses them: not the page's fault.
  atelier.complaints.splice(before, Infinity, ...atelier.complaints.slice(before).filter((text) => !text.startsWith('Refused to apply inline style')));
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}
const takes = (): string[] => readdirSync(join(atelier.home, 'sample', 'takes'));
/** What the dialogs of the system would answer. */
const answerSave = (path: string): Promise<void> =>
  atelier.app.evaluate(({ dialog }, filePath) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
  }, path);

test('the place opens by its key, shows the voices that ship, and each can be heard', async () => {
  const { page } = atelier;
  await page.keyboard.press('4');
  await expect(page.getByTestId('voice-try')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('voice-cards').getByRole('radio')).toHaveCount(4);
  await expect(page.getByTestId('voice-convert')).toBeDisabled();
  await record('empty');
  await page.getByTestId('voice-hear-kal').click();
  await expect(page.getByTestId('voice-hear-kal')).toHaveAttribute('aria-label', 'Stop kal', { timeout: 30_000 });
  await page.getByTestId('voice-hear-kal').click();
  await expect(page.getByTestId('voice-hear-kal')).toHaveAttribute('aria-label', 'Hear kal');
});

test('the sample is converted: a take under the source, in sync, with its scores', async () => {
  const { page } = atelier;
  await page.getByTestId('voice-try').click();
  await expect(page.getByTestId('voice-source')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('voice-card-kal').click();
  const look = await watchLongTasks(page);
  const noise = watchNoise(atelier.app.process().pid!);
  await page.getByTestId('voice-convert').click();
  await expect(page.getByTestId('voice-converting')).toBeVisible();
  await expect(page.getByTestId('voice-take')).toHaveCount(1, { timeout: 300_000 });
  const row = page.getByTestId('voice-take-row');
  await expect(row).toHaveCount(1);
  await expect(row.locator('[data-score="Heard as"]')).toHaveText('kal');
  expect(Number(await row.locator('[data-score="Target"]').textContent())).toBeGreaterThan(0.5);
  expect(Number(await row.locator('[data-score="Melody"]').textContent())).toBeGreaterThan(0.6);
  expect(takes()).toHaveLength(1);
  await expect.poll(() => coloursOf(page.getByTestId('voice-take').getByRole('img').nth(1)), { timeout: 30_000 }).toBeGreaterThan(40);
  await expect.poll(() => coloursOf(page.getByTestId('voice-source').getByRole('img').nth(0))).toBeGreaterThan(2);
  const { tasks } = await look();
  const moments = await noise();
  for (const { from, ms } of tasks) expect(ms, 'no task holds the window').toBeLessThan(200 * allowance(moments, from, from + ms));
  await record('take');
});

test('it plays, the original takes over at the same moment, a loop holds, Space stops', async () => {
  const { page } = atelier;
  const clock = async (): Promise<number> => Number(/(\d+):([\d.]+)/.exec((await page.getByTestId('voice-clock').textContent())!)![2]);
  await page.getByTestId('voice-take-play').click();
  await expect(page.getByTestId('voice-take-play')).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(clock).toBeGreaterThan(0.2);
  await page.keyboard.press('x');
  await expect(page.getByTestId('voice-source-play')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('voice-take-play')).toHaveAttribute('aria-pressed', 'false');
  expect(await clock()).toBeGreaterThan(0.2);

  // A loop by the mouse on the waveform, from about a quarter to a half.
  const wave = (await page.getByTestId('voice-take').getByRole('img').first().boundingBox())!;
  await page.mouse.move(wave.x + wave.width * 0.25, wave.y + 30);
  await page.mouse.down();
  await page.mouse.move(wave.x + wave.width * 0.5, wave.y + 30, { steps: 6 });
  await page.mouse.up();
  const range = page.getByTestId('voice-loop-range');
  await expect(range).toHaveText(/^\d\.\d\d–\d\.\d\d s$/);
  const [from, to] = (await range.textContent())!.split(/[– ]/).map(Number);
  expect(to - from).toBeGreaterThan(0.5);
  if ((await page.getByTestId('voice-play').getAttribute('aria-pressed')) === 'false') await page.keyboard.press('Space');
  const seen: number[] = [];
  for (let i = 0; i < 30; i++) {
    seen.push(await clock());
    await page.waitForTimeout(100);
  }
  expect(Math.min(...seen.slice(2))).toBeGreaterThanOrEqual(from - 0.11);
  expect(Math.max(...seen.slice(2))).toBeLessThanOrEqual(to + 0.11);
  expect(seen.some((sec, i) => i > 0 && sec < seen[i - 1]), 'it came round').toBe(true);
  await record('loop');
  await page.keyboard.press('Space');
  await expect(page.getByTestId('voice-play')).toHaveAttribute('aria-pressed', 'false');
  await page.keyboard.press('Escape');
  await expect(range).toHaveText('');
});

test('codes are chosen with the keys and heard in each voice', async () => {
  const { page } = atelier;
  const lane = page.getByTestId('voice-codes').first();
  await lane.focus();
  for (let i = 0; i < 12; i++) await page.keyboard.press('ArrowRight');
  await expect(lane).toHaveAttribute('aria-valuetext', /^code \d+(, \d+)* at 0\.\d\d seconds$/);
  // Each voice says it for a moment only: what is marked is written down as it comes.
  const heard = await page.evaluateHandle(() => {
    const names: string[] = [];
    const look = (): void => document.querySelectorAll('[data-testid="voice-code-bar"] .voice.on').forEach((button) => names.includes(button.textContent.trim()) || names.push(button.textContent.trim()));
    new MutationObserver(look).observe(document.querySelector('[data-testid="voice-code-bar"]')!, { subtree: true, attributes: true, attributeFilter: ['class'] });
    return names;
  });
  await page.getByTestId('voice-hear-code').click();
  await expect.poll(() => heard.jsonValue(), { timeout: 60_000 }).toEqual(['slt', 'awb', 'rms', 'kal']);
  await page.keyboard.press('Escape');
  await lane.focus();
  await page.keyboard.press('ArrowRight');
  for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowRight');
  await expect(lane).toHaveAttribute('aria-valuetext', /^6 codes at/);
  for (let i = 0; i < 5; i++) await page.keyboard.press('+');
  await record('codes');
  for (let i = 0; i < 5; i++) await page.keyboard.press('-');
});

test('a second take with other settings, and both are told apart blind', async () => {
  const { page } = atelier;
  await page.getByTestId('voice-card-awb').click();
  await page.getByTestId('voice-pitch-auto').click();
  await page.getByTestId('voice-pitch').fill('-3');
  await page.getByTestId('voice-pitch').press('Enter');
  await page.getByTestId('voice-formant').fill('1');
  await page.getByTestId('voice-formant').press('Enter');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByTestId('voice-take')).toHaveCount(2, { timeout: 300_000 });
  await expect(page.getByTestId('voice-take-row').first()).toContainText('pitch -3 st, formant +1 st');

  await page.getByTestId('voice-blind').click();
  for (const letter of ['A', 'B', 'X']) {
    await page.getByTestId(`blind-${letter}`).click();
    await expect(page.getByTestId(`blind-${letter}`)).toHaveAttribute('aria-pressed', 'true');
    // The stage behind does not give it away.
    await expect(page.locator('[data-testid$="-play"][aria-label^="Stop "]')).toHaveCount(0);
    await expect(page.getByTestId(`blind-name-${letter}`)).toBeEmpty();
  }
  await record('blind');
  await page.getByTestId('blind-say-A').click();
  await expect(page.getByTestId('blind-result')).toHaveText(/^(Right|Not so): X was [AB]\.$/);
  const named = await Promise.all(['A', 'B', 'X'].map((letter) => page.getByTestId(`blind-name-${letter}`).textContent()));
  expect(new Set(named.slice(0, 2)).size).toBe(2);
  expect(named.slice(0, 2)).toContain(named[2]);
  await expect(page.getByTestId('blind-tally')).toContainText(/[01] of 1 right/);
  await page.getByTestId('blind-next').click();
  await expect(page.getByTestId('blind-name-A')).toBeEmpty();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('blind-dialog')).toBeHidden();
});

test('a take is exported in each kind of file, removed, and brought back', async () => {
  const { page } = atelier;
  const out = mkdtempSync(join(tmpdir(), 'atelier-takes-'));
  for (const [format, magic] of [['wav', 'RIFF'], ['flac', 'fLaC'], ['mp3', null]] as const) {
    const path = join(out, `take.${format}`);
    await answerSave(path);
    await page.getByTestId('voice-take-save').first().click();
    await page.getByTestId('save-format').click();
    await page.getByRole('option', { name: new RegExp(format, 'i') }).click();
    await page.getByTestId('save-go').click();
    await expect(page.getByTestId('save-take')).toBeHidden({ timeout: 30_000 });
    const bytes = readFileSync(path);
    if (magic) expect(bytes.toString('latin1', 0, 4)).toBe(magic);
    else expect(bytes[0] === 0xff || bytes.toString('latin1', 0, 3) === 'ID3').toBe(true);
    expect(statSync(path).size).toBeGreaterThan(20_000);
  }
  await page.getByTestId('voice-take-remove').first().click();
  await expect(page.getByTestId('voice-take-row')).toHaveCount(1);
  expect(takes()).toHaveLength(1);
  await page.getByRole('button', { name: 'Undo', exact: true }).last().click();
  await expect(page.getByTestId('voice-take-row')).toHaveCount(2);
});

test('a folder is converted as a whole, and what cannot be read is told', async () => {
  const { page } = atelier;
  const recordings = join(mkdtempSync(join(tmpdir(), 'atelier-batch-')), 'talks');
  mkdirSync(recordings);
  copyFileSync(join(samples, 'rms.wav'), join(recordings, 'one.wav'));
  writeFileSync(join(recordings, 'two.wav'), 'not a sound at all, but a text');
  await page.getByTestId('voice-batch').click();
  await page.locator('#batch-from').fill(recordings);
  await page.getByTestId('batch-start').click();
  await expect(page.getByTestId('batch-item')).toHaveCount(2, { timeout: 300_000 });
  await expect(page.getByTestId('batch')).toContainText('1 failed');
  await expect(page.getByTestId('batch-item').nth(1)).toContainText('two.wav');
  expect(readdirSync(`${recordings} as awb`).sort()).toEqual(['one.wav', 'takes.json']);
  await record('batch');
  await page.getByTestId('batch-dialog').getByRole('button', { name: 'Close' }).first().click();
});

test('a recording from the microphone lands on the stage', async () => {
  const { page } = atelier;
  await page.getByTestId('voice-record').click();
  await expect(page.getByTestId('record-start')).toBeEnabled({ timeout: 30_000 });
  await expect.poll(async () => Number(await page.getByRole('meter', { name: 'Level of the microphone' }).getAttribute('aria-valuenow')), { timeout: 20_000 }).toBeGreaterThan(-40);
  await page.getByTestId('record-start').click();
  await expect(page.getByTestId('record-clock')).toHaveText(/^0:0[2-9]/, { timeout: 30_000 });
  await record('recording');
  await page.getByTestId('record-stop').click();
  await expect(page.getByTestId('voice-source').getByRole('heading')).toHaveText(/^Recording /, { timeout: 60_000 });
  await expect(page.getByTestId('record-dialog')).toBeHidden();
  await expect(page.getByTestId('voice-takes')).toBeHidden();
  const [file] = readdirSync(join(atelier.home, 'sample', 'sources')).filter((name) => name.startsWith('Recording'));
  expect(statSync(join(atelier.home, 'sample', 'sources', file)).size).toBeGreaterThan(2 * 22_050);
});

test('a refused microphone and one that is missing are told with a way out', async () => {
  const { page } = atelier;
  await atelier.app.evaluate(({ session }) => {
    session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
    session.defaultSession.setPermissionCheckHandler(() => false);
  });
  await page.getByTestId('voice-record').click();
  await expect(page.getByTestId('record-error')).toContainText('The microphone was refused', { timeout: 30_000 });
  await record('refused');
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('Requested device not found', 'NotFoundError'));
  });
  await page.getByTestId('record-again').click();
  await expect(page.getByTestId('record-error')).toContainText('No microphone was found');
  await page.keyboard.press('Escape');
});

test('what is no sound is refused by name, and the stage stays', async () => {
  const { page } = atelier;
  await page.getByTestId('voice-file').setInputFiles({ name: 'notes.wav', mimeType: 'audio/wav', buffer: Buffer.from('not a sound at all, but a text') });
  await expect(page.getByText(/is not a sound/)).toBeVisible({ timeout: 30_000 });
  expect(readdirSync(join(atelier.home, 'sample', 'sources')).filter((name) => name.startsWith('notes'))).toEqual([]);
  await expect(page.getByTestId('voice-source')).toBeVisible();
  await page.getByTestId('voice-file').setInputFiles({ name: 'memo.m4a', mimeType: 'audio/mp4', buffer: Buffer.from('\0\0\0\x20ftypM4A \0\0\0\0 and then nothing of use', 'latin1') });
  await expect(page.getByText(/"memo.m4a" cannot be decoded/)).toBeVisible({ timeout: 30_000 });
});

test('AAC is read by the window itself', async () => {
  const { page } = atelier;
  // A frame of silence (AAC-LC, mono, 44.1 kHz, 1024 samples) with its ADTS header, sixty times.
  const frame = Buffer.from('fff1504001bffc00c800802380', 'hex');
  await page.getByTestId('voice-file').setInputFiles({ name: 'pause.aac', mimeType: 'audio/aac', buffer: Buffer.concat(Array<Buffer>(60).fill(frame)) });
  await expect(page.getByTestId('voice-source').getByRole('heading')).toHaveText('pause.wav', { timeout: 60_000 });
  await expect(page.getByTestId('voice-source')).toContainText('1.4 s');
  await expect(page.getByTestId('voice-warning')).toContainText('Hardly any voice');
});

test('codes and voices stand in the map, and play when they are chosen', async () => {
  const { page } = atelier;
  await page.getByText('About these voices').click();
  await page.getByTestId('voice-map').click();
  await expect(page.getByTestId('map-run')).toContainText('Sounds of', { timeout: 60_000 });
  await expect(page.getByTestId('map-layout')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('map-search').fill('Code 7');
  await page.getByRole('option').first().click();
  const sound = page.getByTestId('map-inspector').locator('audio');
  await expect(sound).toBeVisible({ timeout: 60_000 });
  await expect.poll(() => sound.evaluate((audio: HTMLAudioElement) => audio.currentTime), { timeout: 30_000 }).toBeGreaterThan(0);
  await record('map');
  await page.keyboard.press('4');
});

test('own recordings are looked through, and a training on them is heard at every look', async () => {
  const { page } = atelier;
  const recordings = join(mkdtempSync(join(tmpdir(), 'atelier-voices-')), 'two people');
  for (const name of ['awb', 'slt']) {
    mkdirSync(join(recordings, name), { recursive: true });
    for (const take of ['a', 'b', 'c']) copyFileSync(join(samples, `${name}.wav`), join(recordings, name, `${take}.wav`));
  }
  writeFileSync(join(recordings, 'slt', 'd.wav'), 'not a sound at all, but a text');
  await page.getByTestId('voice-train').click();
  await page.getByTestId('voices-folder').fill(recordings);
  await page.getByTestId('voices-prepare').click();
  await expect(page.getByTestId('voices-speakers')).toContainText('awb', { timeout: 300_000 });
  await expect(page.getByTestId('voices-speakers').getByRole('row')).toHaveCount(3);
  await expect(page.getByTestId('voices-warnings')).toContainText('d.wav');
  await record('prepared');
  await page.getByTestId('voices-train').click();
  await expect(page.getByTestId('run-page')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('voice-previews')).toContainText('Nothing to hear yet');
  await expect(page.getByTestId('job-line')).toContainText('Voices of two people');

  // What two looks would have left.
  const [run] = readdirSync(join(atelier.home, 'sample', 'runs')).filter((name) => name.includes('voices'));
  for (const step of ['00000100', '00000200']) {
    const look = join(atelier.home, 'sample', 'runs', run, 'previews', step);
    mkdirSync(look, { recursive: true });
    copyFileSync(join(samples, 'awb.wav'), join(look, 'slt as awb.wav'));
  }
  await page.getByTestId('job-cancel').click();
  await expect(page.getByTestId('job-line')).not.toContainText('Voices of two people', { timeout: 300_000 });
  await page.reload();
  await untilReady(page);
  await page.getByTestId('place-train').click();
  await page.getByTestId('run-row').filter({ hasText: 'Voices of two people' }).click();
  const preview = page.getByTestId('voice-preview');
  await expect(preview).toHaveText('slt as awb', { timeout: 30_000 });
  await expect(page.getByTestId('voice-previews')).toContainText('step 200');
  await preview.click();
  await expect(preview).toHaveAttribute('aria-pressed', 'true', { timeout: 20_000 });
  await page.getByTestId('voice-previews').getByRole('slider').press('ArrowLeft');
  await expect(page.getByTestId('voice-previews')).toContainText('step 100', { timeout: 20_000 });
  await record('run');
  await page.keyboard.press('4');
});

test('large and in the other theme it is as legible, and nothing complained', async () => {
  const { page } = atelier;
  await page.getByTestId('voice-sources').getByRole('button', { name: /takes/ }).click();
  await expect(page.getByTestId('voice-take')).toHaveCount(1, { timeout: 30_000 });
  await atelier.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0].setContentSize(1920, 1080));
  await page.getByTestId('theme').click();
  await expect.poll(() => coloursOf(page.getByTestId('voice-take').getByRole('img').nth(1)), { timeout: 30_000 }).toBeGreaterThan(40);
  await record('large');
  expect(atelier.complaints).toEqual([]);
});
