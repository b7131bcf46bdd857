/**
 * Writes ONNX models: the few protobuf messages of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) that a
 * graph needs, in their binary form. Field numbers are those of that file.
 */
export type ElementType = 'float32' | 'int32' | 'int64' | 'bool';
export type AttributeValue = number | string | readonly number[] | { float: number };

export interface OnnxNode {
  op: string;
  inputs: string[];
  outputs: string[];
  attributes: Record<string, AttributeValue>;
  domain?: string;
}

export interface OnnxTensor {
  type: ElementType;
  dims: readonly number[];
  data: ArrayBufferView;
}

export interface OnnxValue {
  name: string;
  type: ElementType;
  /** -1 where a side may be of any length. */
  dims: readonly number[];
}

export interface OnnxModel {
  name: string;
  nodes: readonly OnnxNode[];
  initializers: ReadonlyMap<string, OnnxTensor>;
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  metadata?: Record<string, string>;
}

/** The operator set every graph is written in; 18 is the first with all reductions taking their axes as an input. */
const OPSET = 18;
const IR_VERSION = 9;
const ELEMENT_CODE: Record<ElementType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };
const text = new TextEncoder();

class Message {
  private readonly parts: Uint8Array[] = [];
  private length = 0;

  private raw(bytes: Uint8Array): void {
    this.parts.push(bytes);
    this.length += bytes.length;
  }

  private varint(value: number): void {
    let v = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    do {
      const low = Number(v & 127n);
      v >>= 7n;
      bytes.push(v ? low | 128 : low);
    } while (v);
    this.raw(Uint8Array.from(bytes));
  }

  int(field: number, value: number): this {
    this.varint(field << 3);
    this.varint(value);
    return this;
  }

  float(field: number, value: number): this {
    this.varint((field << 3) | 5);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.raw(bytes);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.varint((field << 3) | 2);
    this.varint(value.length);
    this.raw(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }

  finish(): Uint8Array {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }
}

function tensorMessage(name: string, tensor: OnnxTensor): Message {
  const m = new Message();
  for (const d of tensor.dims) m.int(1, d);
  const { buffer, byteOffset, byteLength } = tensor.data;
  return m.int(2, ELEMENT_CODE[tensor.type]).string(8, name).bytes(9, new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
}

function attributeMessage(name: string, value: AttributeValue): Message {
  const m = new Message().string(1, name);
  if (typeof value === 'number') return m.int(3, value).int(20, 2);
  if (typeof value === 'string') return m.string(4, value).int(20, 3);
  if ('float' in value) return m.float(2, value.float).int(20, 1);
  for (const v of value) m.int(8, v);
  return m.int(20, 7);
}

function nodeMessage(node: OnnxNode): Message {
  const m = new Message();
  for (const input of node.inputs) m.string(1, input);
  for (const output of node.outputs) m.string(2, output);
  m.string(3, node.outputs[0]).string(4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) m.message(5, attributeMessage(name, value));
  if (node.domain) m.string(7, node.domain);
  return m;
}

function valueMessage(value: OnnxValue): Message {
  const shape = new Message();
  for (const d of value.dims) shape.message(1, d < 0 ? new Message() : new Message().int(1, d));
  const type = new Message().message(1, new Message().int(1, ELEMENT_CODE[value.type]).message(2, shape));
  return new Message().string(1, value.name).message(2, type);
}

/** The model as the bytes of an `.onnx` file. */
export function writeOnnx(model: OnnxModel): Uint8Array {
  const graph = new Message();
  for (const node of model.nodes) graph.message(1, nodeMessage(node));
  graph.string(2, model.name);
  for (const [name, tensor] of model.initializers) graph.message(5, tensorMessage(name, tensor));
  for (const input of model.inputs) graph.message(11, valueMessage(input));
  for (const output of model.outputs) graph.message(12, valueMessage(output));
  const out = new Message().int(1, IR_VERSION).string(2, 'latent-atelier').message(7, graph);
  out.message(8, new Message().string(1, '').int(2, OPSET));
  if (model.nodes.some((n) => n.domain === 'com.microsoft')) out.message(8, new Message().string(1, 'com.microsoft').int(2, 1));
  for (const [key, value] of Object.entries(model.metadata ?? {})) out.message(14, new Message().string(1, key).string(2, value));
  return out.finish();
}
