import { WebGLRenderTarget, type Camera, type Scene, type WebGLRenderer } from 'three';
import { overlay, pointsOnly } from './layers/layer.ts';

/**
 * Whether the processor draws the picture because there is no graphics card. Chromium then also copies every picture of a WebGL
 * canvas back within the window's own loop, and there waits until it is drawn.
 */
export function drawnBySoftware(): boolean {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (!gl) return false;
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

/** Where three.js (0.187) keeps the framebuffer of a target; it has no call that gives it out. */
const framebufferKey = '__webglFramebuffer';

interface Upright {
  width: number;
  height: number;
  frame: WebGLFramebuffer;
  store: WebGLRenderbuffer;
  pixels: WebGLBuffer;
}

/** Of a canvas: CSS pixels, and device pixels to each of them. */
export interface CanvasSize {
  width: number;
  height: number;
  ratio: number;
}

/** What becomes of ground and points: kept from the picture before, drawn anew, or more points drawn to those that are there. */
export type BaseDrawing = 'keep' | 'new' | 'more';

/**
 * Draws pictures aside, on a canvas that nobody sees, and puts each into the visible one as plain pixels once it is finished, so that
 * nobody waits for it: a fence says when the pixels can be fetched. One picture is under way at a time; the caller draws the next
 * after `finished`.
 */
export class PatientCanvas {
  /** A picture is being drawn. */
  busy = false;
  readonly #renderer: WebGLRenderer;
  readonly #gl: WebGL2RenderingContext;
  readonly #seen: CanvasRenderingContext2D;
  readonly #target = new WebGLRenderTarget(1, 1);
  /** Ground and points alone, kept for the pictures in which only what lies over them is another. */
  readonly #base = new WebGLRenderTarget(1, 1);
  /** The picture with its first line on top, and the pixels on their way out. */
  #upright: Upright | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #request = 0;

  /** @param renderer of another canvas than the visible one */
  constructor(renderer: WebGLRenderer, visible: HTMLCanvasElement) {
    this.#renderer = renderer;
    this.#gl = renderer.getContext() as WebGL2RenderingContext;
    this.#seen = visible.getContext('2d', { alpha: false })!;
  }

  /**
   * Begins a picture.
   * @param shown false: only ground and points are worked on, and the canvas stays as it is
   * @param size that the canvas takes on together with the finished picture
   * @param finished called when the picture stands in the canvas
   */
  draw(scene: Scene, camera: Camera, base: BaseDrawing, shown: boolean, size: CanvasSize, finished: () => void): void {
    const gl = this.#gl;
    const renderer = this.#renderer;
    this.busy = true;
    const [width, height] = deviceSize(size);
    this.#base.setSize(width, height);
    this.#target.setSize(width, height);
    if (base !== 'keep') {
      camera.layers.set(pointsOnly);
      if (base === 'new') camera.layers.enable(0);
      renderer.autoClear = base === 'new';
      renderer.setRenderTarget(this.#base);
      renderer.render(scene, camera);
    }
    if (shown) this.#over(scene, camera, width, height);
    renderer.autoClear = true;
    camera.layers.enableAll();
    renderer.setRenderTarget(null);
    if (shown) this.#fetch();
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    const look = (): void => {
      const waiting = fence && !gl.isContextLost() && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED;
      if (waiting) this.#timer = setTimeout(look, 4);
      else this.#request = requestAnimationFrame(show);
    };
    const show = (): void => {
      gl.deleteSync(fence);
      this.busy = false;
      if (shown) this.#show();
      finished();
    };
    this.#timer = setTimeout(look, 4);
  }

  /** Puts what the renderer's own canvas shows into the visible one, at once. */
  copy(): void {
    const { domElement } = this.#renderer;
    const { canvas } = this.#seen;
    canvas.width = domElement.width;
    canvas.height = domElement.height;
    this.#seen.drawImage(domElement, 0, 0);
  }

  /** The picture: ground and points as they are, with the rest over them. */
  #over(scene: Scene, camera: Camera, width: number, height: number): void {
    const renderer = this.#renderer;
    renderer.initRenderTarget(this.#target);
    renderer.setRenderTarget(this.#target);
    this.#takeBase(width, height);
    camera.layers.set(overlay);
    renderer.autoClear = false;
    renderer.render(scene, camera);
  }

  /** The base has this size. */
  fits(size: CanvasSize): boolean {
    const [width, height] = deviceSize(size);
    return this.#base.width === width && this.#base.height === height;
  }

  #frameOf(target: WebGLRenderTarget): WebGLFramebuffer | null {
    return (this.#renderer.properties.get(target) as Record<string, WebGLFramebuffer | undefined>)[framebufferKey] ?? null;
  }

  /** Colours and depths of ground and points into the target. */
  #takeBase(width: number, height: number): void {
    const gl = this.#gl;
    const { state } = this.#renderer;
    state.bindFramebuffer(gl.READ_FRAMEBUFFER, this.#frameOf(this.#base));
    gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT, gl.NEAREST);
    state.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
  }

  /** Asks for the pixels of the target; they come while other things are done. */
  #fetch(): void {
    const gl = this.#gl;
    const { state } = this.#renderer;
    const drawn = this.#frameOf(this.#target);
    if (!drawn) return;
    const { width, height } = this.#target;
    const { frame, pixels } = this.#uprightOf(width, height);
    state.bindFramebuffer(gl.READ_FRAMEBUFFER, drawn);
    state.bindFramebuffer(gl.DRAW_FRAMEBUFFER, frame);
    gl.blitFramebuffer(0, 0, width, height, 0, height, width, 0, gl.COLOR_BUFFER_BIT, gl.NEAREST);
    state.bindFramebuffer(gl.READ_FRAMEBUFFER, frame);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, pixels);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, 0);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    state.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
    state.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
  }

  #uprightOf(width: number, height: number): Upright {
    const gl = this.#gl;
    if (this.#upright?.width === width && this.#upright.height === height) return this.#upright;
    this.#forget();
    const frame = gl.createFramebuffer(), store = gl.createRenderbuffer(), pixels = gl.createBuffer();
    gl.bindRenderbuffer(gl.RENDERBUFFER, store);
    gl.renderbufferStorage(gl.RENDERBUFFER, gl.RGBA8, width, height);
    gl.bindRenderbuffer(gl.RENDERBUFFER, null);
    this.#renderer.state.bindFramebuffer(gl.DRAW_FRAMEBUFFER, frame);
    gl.framebufferRenderbuffer(gl.DRAW_FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.RENDERBUFFER, store);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, pixels);
    gl.bufferData(gl.PIXEL_PACK_BUFFER, width * height * 4, gl.STREAM_READ);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    return (this.#upright = { width, height, frame, store, pixels });
  }

  #show(): void {
    const gl = this.#gl;
    const upright = this.#upright;
    if (!upright || gl.isContextLost()) return;
    const { width, height, pixels } = upright;
    const image = new ImageData(width, height);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, pixels);
    gl.getBufferSubData(gl.PIXEL_PACK_BUFFER, 0, image.data);
    gl.bindBuffer(gl.PIXEL_PACK_BUFFER, null);
    const { canvas } = this.#seen;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    this.#seen.putImageData(image, 0, 0);
  }

  #forget(): void {
    if (!this.#upright) return;
    this.#gl.deleteFramebuffer(this.#upright.frame);
    this.#gl.deleteRenderbuffer(this.#upright.store);
    this.#gl.deleteBuffer(this.#upright.pixels);
    this.#upright = null;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#request);
    this.#forget();
    this.#target.dispose();
    this.#base.dispose();
  }
}

const deviceSize = ({ width, height, ratio }: CanvasSize): [number, number] => [Math.max(1, Math.floor(width * ratio)), Math.max(1, Math.floor(height * ratio))];

/** Gives the canvas of a renderer its size, unless it has it: a canvas that is sized anew is empty. */
export function fit(renderer: WebGLRenderer, { width, height, ratio }: CanvasSize): void {
  const { domElement } = renderer;
  if (domElement.width === Math.floor(width * ratio) && domElement.height === Math.floor(height * ratio)) return;
  renderer.setPixelRatio(ratio);
  renderer.setSize(width, height, false);
}
