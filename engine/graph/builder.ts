import { equalLists, permuteArray, product, range } from './arrays.ts';
import type { NumericArray } from './arrays.ts';
import type { AttributeValue, ElementType, OnnxNode, OnnxTensor } from './onnx-writer.ts';

interface Attributes {
  [name: string]: AttributeValue;
}

/**
 * Collects the nodes and initializers of one ONNX graph. Equal nodes are made once (common-subexpression elimination);
 * reshapes and transposes of each other collapse, and those of initializers are done here, on the host.
 */
export class GraphBuilder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, OnnxTensor>();
  /** Extents of the graph's inputs. */
  readonly inputs = new Map<string, readonly number[]>();
  /** Number of columns of each product made by `gemm`. */
  readonly columns = new Map<string, number>();
  /** The node a value comes from; graph inputs and initializers have none. */
  readonly producer = new Map<string, OnnxNode>();
  private readonly known = new Map<string, string[]>();
  private counter = 0;

  private fresh(): string {
    return `_${this.counter++}`;
  }

  /** Adds a node, or finds an equal one. @returns the names of its outputs */
  emitMany(op: string, inputs: string[], count: number, attributes: Attributes = {}, domain = ''): string[] {
    const key = `${domain}|${op}|${inputs.join(',')}|${count}|${JSON.stringify(attributes)}`;
    const old = this.known.get(key);
    if (old) return old;
    const outputs = range(count).map(() => this.fresh());
    const node: OnnxNode = { op, inputs, outputs, attributes, domain };
    this.nodes.push(node);
    for (const output of outputs) this.producer.set(output, node);
    this.known.set(key, outputs);
    return outputs;
  }

  emit(op: string, inputs: string[], attributes: Attributes = {}, domain = ''): string {
    return this.emitMany(op, inputs, 1, attributes, domain)[0];
  }

  initializer(type: ElementType, dims: readonly number[], data: NumericArray): string {
    const key = data.length <= 64 ? `init|${type}|${dims.join(',')}|${Array.from(data as Float32Array, (v) => (Object.is(v, -0) ? '-0' : String(v))).join(',')}` : undefined;
    const old = key && this.known.get(key);
    if (old) return old[0];
    const name = this.fresh();
    this.initializers.set(name, { type, dims: [...dims], data });
    if (key) this.known.set(key, [name]);
    return name;
  }

  /** A list of integers as the shape and axis inputs of operators want it. */
  ints(values: readonly number[]): string {
    return this.initializer('int64', [values.length], BigInt64Array.from(values, (v) => BigInt(v)));
  }

  /** A list of indices, kept once however long. */
  table(type: 'int32' | 'int64', values: Int32Array): string {
    const key = `table|${type}|${values.length}|${hash(values)}`;
    const old = this.known.get(key);
    if (old) return old[0];
    const name = this.fresh();
    this.initializers.set(name, { type, dims: [values.length], data: arrayOf(type, values) });
    this.known.set(key, [name]);
    return name;
  }

  scalar(value: number, type: ElementType = 'float32', rank = 0): string {
    return this.initializer(type, new Array<number>(rank).fill(1), arrayOf(type, [value]));
  }

  reshape(value: string, dims: readonly number[]): string {
    const constant = this.initializers.get(value);
    if (constant) return equalLists(constant.dims, dims) ? value : this.shareInitializer(value, constant, dims);
    const node = this.producer.get(value);
    const source = node?.op === 'Reshape' ? node.inputs[0] : value;
    return this.emit('Reshape', [source, this.ints(dims)]);
  }

  /** `dims` are those of `value`; axis p of the result is axis `order[p]` of it. */
  transpose(value: string, dims: readonly number[], order: readonly number[]): string {
    if (equalLists(order, range(order.length))) return value;
    const constant = this.initializers.get(value);
    if (constant) {
      const name = this.initializer(constant.type, order.map((l) => dims[l]), permuteArray(constant.data as Float32Array, dims, order));
      return name;
    }
    const node = this.producer.get(value);
    if (node?.op === 'Transpose') {
      const before = node.attributes.perm as readonly number[];
      const whole = order.map((p) => before[p]);
      return equalLists(whole, range(whole.length)) ? node.inputs[0] : this.emit('Transpose', [node.inputs[0]], { perm: whole });
    }
    return this.emit('Transpose', [value], { perm: [...order] });
  }

  slice(value: string, axes: readonly number[], begins: readonly number[], ends: readonly number[], steps?: readonly number[]): string {
    const inputs = [value, this.ints(begins), this.ints(ends), this.ints(axes)];
    if (steps?.some((s) => s !== 1)) inputs.push(this.ints(steps));
    return this.emit('Slice', inputs);
  }

  concat(values: string[], axis: number): string {
    return values.length === 1 ? values[0] : this.emit('Concat', values, { axis });
  }

  /** a (rows by inner) times b (inner by columns), either given transposed. */
  gemm(a: string, b: string, columns: number, transposed: { a?: boolean; b?: boolean } = {}): string {
    const value = this.emit('Gemm', [a, b], { transA: transposed.a ? 1 : 0, transB: transposed.b ? 1 : 0 });
    this.columns.set(value, columns);
    return value;
  }

  cast(value: string, from: ElementType, to: ElementType): string {
    const codes: Record<ElementType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };
    return from === to ? value : this.emit('Cast', [value], { to: codes[to] });
  }

  private shareInitializer(value: string, constant: OnnxTensor, dims: readonly number[]): string {
    if (product(dims) <= 64) return this.initializer(constant.type, dims, constant.data as Float32Array);
    const key = `reshape-init|${value}|${dims.join(',')}`;
    const old = this.known.get(key);
    if (old) return old[0];
    const name = this.initializer(constant.type, dims, constant.data as Float32Array);
    this.known.set(key, [name]);
    return name;
  }
}

/** Two 32-bit hashes (FNV-1a, and its mirror from the end) of a list. */
function hash(values: Int32Array): string {
  let a = 0x811c9dc5;
  let b = 0x811c9dc5;
  for (let i = 0; i < values.length; i++) {
    a = Math.imul(a ^ values[i], 0x01000193);
    b = Math.imul(b ^ values[values.length - 1 - i], 0x01000193) ^ (b >>> 15);
  }
  return `${a}.${b}`;
}

/** Host data in the element type's array. */
export function arrayOf(type: ElementType, values: ArrayLike<number | boolean | bigint>): NumericArray {
  const list = values as ArrayLike<number>;
  if (type === 'float32') return list instanceof Float32Array ? list : Float32Array.from(list, Number);
  if (type === 'int32') return list instanceof Int32Array ? list : Int32Array.from(list, Number);
  if (type === 'int64') return BigInt64Array.from(list as ArrayLike<unknown> as ArrayLike<bigint>, (v) => BigInt(v));
  return Uint8Array.from(list, (v) => (v ? 1 : 0));
}
