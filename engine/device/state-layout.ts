import type { Shape } from '../core/axes.ts';
import { AtelierError } from '../core/errors.ts';
import { sizeOf } from '../core/axes.ts';
import { inverseOrder, isSorted, permuteArray } from '../graph/arrays.ts';
import { stateOrder } from '../graph/trace.ts';
import type { Target } from '../graph/trace.ts';
import type { HostArray, TensorSpec } from './types.ts';

/** Row-major values as they lie on the device; always a copy. */
export function toDeviceOrder(values: HostArray, shape: Shape, target: Target): HostArray {
  const order = stateOrder(shape.length, target);
  return isSorted(order) ? values.slice() : permuteArray(values as Float32Array, shape, order);
}

/** Values as they lie on the device, row-major; always a copy. */
export function fromDeviceOrder(values: HostArray, shape: Shape, target: Target): HostArray {
  const order = stateOrder(shape.length, target);
  if (isSorted(order)) return values.slice();
  return permuteArray(values as Float32Array, order.map((l) => shape[l]), inverseOrder(order));
}

/** @throws AtelierError 'bad-input' where the values do not fit */
export function checkValues(where: string, name: string, spec: TensorSpec | undefined, values: HostArray | undefined): asserts values is HostArray {
  if (!spec) throw new AtelierError('bad-input', `${where}: there is no tensor named "${name}".`, 'Check the name against the ones it was made with.');
  if (!values) throw new AtelierError('bad-input', `${where}: "${name}" is missing.`, `Give ${sizeOf(spec.shape)} values of type ${spec.dtype}, shape [${spec.shape.join(', ')}].`);
  const fits = spec.dtype === 'float32' ? values instanceof Float32Array : values instanceof Int32Array;
  if (!fits || values.length !== sizeOf(spec.shape)) {
    throw new AtelierError(
      'bad-input',
      `${where}: "${name}" wants ${spec.dtype} [${spec.shape.join(', ')}], ${sizeOf(spec.shape)} values; it got ${values.constructor.name} with ${values.length}.`,
      'Check the shape of the data against the model.',
    );
  }
}
