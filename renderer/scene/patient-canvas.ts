import { WebGLRenderTarget, type Camera, type Scene, type WebGLRenderer } from 'three';

/**
 * Whether the processor draws the picture because there is no graphics card. Chromium then also copies every picture of a canvas
 * back within the window's own loop, and there waits until it is drawn.
 */
export function drawnBySoftware(gl: WebGL2RenderingContext): boolean {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

/** Where three.js (0.187) keeps the framebuffer of a target; it has no call that gives it out. */
const framebufferKey = '__webglFramebuffer';

/** Of a canvas: CSS pixels, and device pixels to each of them. */
export interface CanvasSize {
  width: number;
  height: number;
  ratio: number;
}

/**
 * Draws pictures aside and puts each into the canvas once it is finished, so that nobody waits for it: a fence says when. One
 * picture is under way at a time; the caller draws the next after `finished`.
 */
export class PatientCanvas {
  /** A picture is being drawn. */
  busy = false;
  readonly #renderer: WebGLRenderer;
  readonly #gl: WebGL2RenderingContext;
  readonly #target = new WebGLRenderTarget(1, 1);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #request = 0;

  constructor(renderer: WebGLRenderer) {
    this.#renderer = renderer;
    this.#gl = renderer.getContext() as WebGL2RenderingContext;
  }

  /**
   * Begins a picture.
   * @param size that the canvas takes on together with the finished picture
   * @param finished called when the picture stands in the canvas
   */
  draw(scene: Scene, camera: Camera, size: CanvasSize, finished: () => void): void {
    const gl = this.#gl;
    const renderer = this.#renderer;
    this.busy = true;
    this.#target.setSize(Math.max(1, Math.floor(size.width * size.ratio)), Math.max(1, Math.floor(size.height * size.ratio)));
    renderer.setRenderTarget(this.#target);
    renderer.render(scene, camera);
    renderer.setRenderTarget(null);
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
      fit(renderer, size);
      this.#copy();
      finished();
    };
    this.#timer = setTimeout(look, 4);
  }

  #copy(): void {
    const gl = this.#gl;
    const { state, properties } = this.#renderer;
    const drawn = (properties.get(this.#target) as Record<string, WebGLFramebuffer | undefined>)[framebufferKey];
    if (!drawn) return;
    const { width, height } = this.#target;
    state.bindFramebuffer(gl.READ_FRAMEBUFFER, drawn);
    state.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
    gl.blitFramebuffer(0, 0, width, height, 0, 0, width, height, gl.COLOR_BUFFER_BIT, gl.NEAREST);
    state.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    cancelAnimationFrame(this.#request);
    this.#target.dispose();
  }
}

/** Gives the canvas its size, unless it has it: a canvas that is sized anew is empty. */
export function fit(renderer: WebGLRenderer, { width, height, ratio }: CanvasSize): void {
  const { domElement } = renderer;
  if (domElement.width === Math.floor(width * ratio) && domElement.height === Math.floor(height * ratio)) return;
  renderer.setPixelRatio(ratio);
  renderer.setSize(width, height, false);
}
