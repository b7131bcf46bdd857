#!/usr/bin/env node
import { runCommandLine } from './run-command-line.ts';

const code = await runCommandLine(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
});
// A native library may keep threads alive; nothing is left to do once what was written has left.
process.stdout.write('', () => process.exit(code));
