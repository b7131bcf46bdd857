import type { z } from 'zod';

/** An error as a value; it crosses every transport in this form. Mirrors `ErrorValue` of the engine. */
export interface ErrorValue {
  code: string;
  message: string;
  remedy: string;
}

/** One request with one answer. `Output` is a phantom type: answers come from our own process and are not re-validated. */
export interface CallSpec<Input extends z.ZodType = z.ZodType, Output = unknown> {
  readonly type: 'call';
  readonly input: Input;
  readonly output?: Output;
}

/** A subscription that sends events until it is closed. */
export interface StreamSpec<Input extends z.ZodType = z.ZodType, Event = unknown> {
  readonly type: 'stream';
  readonly input: Input;
  readonly event?: Event;
}

export const call = <Output>() => <Input extends z.ZodType>(input: Input): CallSpec<Input, Output> => ({ type: 'call', input });
export const stream = <Event>() => <Input extends z.ZodType>(input: Input): StreamSpec<Input, Event> => ({ type: 'stream', input });

export type InputOf<S> = S extends { input: infer I extends z.ZodType } ? z.input<I> : never;
export type ParsedInputOf<S> = S extends { input: infer I extends z.ZodType } ? z.output<I> : never;
export type OutputOf<S> = S extends CallSpec<z.ZodType, infer O> ? O : never;
export type EventOf<S> = S extends StreamSpec<z.ZodType, infer E> ? E : never;

/** An encoded picture; `bytes` is a whole file. */
export interface Picture {
  mime: 'image/png' | 'image/webp';
  width: number;
  height: number;
  bytes: Uint8Array;
}

/** Many equal pictures in one, row by row: item i stands at column i % columns, row floor(i / columns). */
export interface Sheet extends Picture {
  cellWidth: number;
  cellHeight: number;
  columns: number;
  count: number;
}
