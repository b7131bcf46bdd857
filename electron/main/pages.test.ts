import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { contentPolicy, findPage, isOurPage, withNonce } from './pages.ts';

let root = '';
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pages-'));
  root = join(folder, 'renderer');
  await mkdir(join(root, 'assets'), { recursive: true });
  await mkdir(join(folder, 'renderer-secrets'));
  await writeFile(join(root, 'index.html'), '<head></head>');
  await writeFile(join(root, 'assets', 'a b.js'), '1');
  await writeFile(join(root, 'assets', 'notes.txt'), 'not served');
  await writeFile(join(root, '.hidden.json'), '{}');
  await writeFile(join(folder, 'secret.json'), '{}');
  await writeFile(join(folder, 'renderer-secrets', 'secret.json'), '{}');
  await symlink(join(folder, 'secret.json'), join(root, 'assets', 'link.json'));
});

test.each([
  ['app://atelier/', 'index.html'],
  ['app://atelier/index.html?theme=dark#train', 'index.html'],
  ['app://atelier/assets/a%20b.js', 'assets/a b.js'],
])('%s is served', async (address, file) => {
  expect((await findPage(root, address))?.file).toBe(join(root, file));
});

test.each([
  ['app://atelier/../secret.json', 'dots'],
  ['app://atelier/..%2fsecret.json', 'an encoded slash'],
  ['app://atelier/%2e%2e/secret.json', 'encoded dots'],
  ['app://atelier/assets/..%2f..%2fsecret.json', 'dots further down'],
  ['app://atelier/..%5csecret.json', 'a backslash'],
  ['app://atelier/..%2frenderer-secrets/secret.json', 'a neighbour of the same beginning'],
  ['app://atelier/assets/link.json', 'a link that leads out'],
  ['app://atelier/.hidden.json', 'a hidden file'],
  ['app://atelier/assets/notes.txt', 'a type that is not ours'],
  ['app://atelier/assets', 'a folder'],
  ['app://atelier/index.html%00.js', 'a zero byte'],
  ['app://atelier/%E0%A4%A', 'broken encoding'],
  ['app://elsewhere/index.html', 'another host'],
  ['file:///etc/passwd', 'another scheme'],
  ['not an address', 'no address'],
])('%s is refused: %s', async (address) => {
  expect(await findPage(root, address)).toBeNull();
});

test('only the exact host counts as our page', () => {
  expect(isOurPage('app://atelier/index.html')).toBe(true);
  for (const other of ['app://atelier.example/', 'https://atelier/', 'app://user@elsewhere/', 'about:blank', '']) expect(isOurPage(other)).toBe(false);
});

test('the policy forbids inline code and everything remote', () => {
  const policy = contentPolicy('abc');
  expect(policy).toContain("style-src 'self' 'nonce-abc'");
  expect(policy).not.toMatch(/script-src[^;]*unsafe-(inline|eval)/);
  expect(policy).not.toMatch(/https?:|\*/);
});

test('a page carries its nonce', () => {
  expect(withNonce('<!doctype html><html><head><title>x</title></head>', 'n1')).toContain('<meta property="csp-nonce" nonce="n1" />');
});
