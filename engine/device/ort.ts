import type * as Ort from 'onnxruntime-node';
import { AtelierError } from '../core/errors.ts';

let loading: Promise<typeof Ort> | undefined;

/** ONNX Runtime, loaded when first needed: idle programs do not pay for it. */
export function onnxRuntime(): Promise<typeof Ort> {
  loading ??= import('onnxruntime-node').then(
    (module) => (module as unknown as { default?: typeof Ort }).default ?? module,
    (cause: unknown) => {
      loading = undefined;
      throw new AtelierError('unavailable', `ONNX Runtime could not be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, 'Install the application again; on Linux check that glibc is 2.28 or newer.', { cause });
    },
  );
  return loading;
}
