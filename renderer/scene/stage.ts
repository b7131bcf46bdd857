import { Color, LinearSRGBColorSpace, Matrix4, PerspectiveCamera, Scene, Vector3, WebGLRenderer } from 'three';
import { eyeOf, fovDeg, homePose, type Pose } from './camera/pose.ts';
import { CameraRig } from './camera/rig.ts';
import { nearPlane, viewProjection } from './camera/view-projection.ts';
import { Cloud } from './cloud/cloud.ts';
import { DrawBudget } from './cloud/draw-budget.ts';
import { itemSize } from './cloud/point-size.ts';
import type { DrawnPart, Frame, Layer, Theme } from './layers/layer.ts';
import { drawnBySoftware, fit, PatientCanvas, type CanvasSize } from './patient-canvas.ts';

/** What was drawn, for tests and measurements. */
export interface StageFacts {
  frames: number;
  drawCalls: number;
  /** Time that the last frame took of the window's own loop, in ms. */
  frameMs: number;
  /** Time until the last picture stood on the screen, in ms; of a graphics card: since the picture before it. */
  pictureMs: number;
  /** Points in it. */
  drawnPoints: number;
}

/** How long nothing has moved when the picture is drawn in full. */
const settleMs = 160;

/**
 * Draws layers when something changed, and only then. Owns the renderer and the camera; while nothing moves there is no
 * loop. The context is lost now and then (a driver restarts, a laptop wakes): the next frame draws everything again.
 */
export class Stage {
  readonly rig = new CameraRig();
  readonly cloud = new Cloud();
  readonly facts: StageFacts = { frames: 0, drawCalls: 0, frameMs: 0, pictureMs: 0, drawnPoints: 0 };
  readonly frame: Frame;
  /** Called before the layers are updated. */
  onUpdate: ((frame: Frame) => void) | null = null;
  /** Called after each picture. */
  onDrawn: ((frame: Frame) => void) | null = null;
  readonly #layers: Layer[] = [];
  readonly #scene = new Scene();
  readonly #camera = new PerspectiveCamera(fovDeg, 1, nearPlane, 40);
  readonly #renderer: WebGLRenderer;
  /** Without a graphics card: see there. */
  readonly #patient: PatientCanvas | null;
  readonly #budget: DrawBudget;
  #movedAt = -Infinity;
  #settling: ReturnType<typeof setTimeout> | undefined;
  /** Ground and points are not as they were drawn last. */
  #stale = true;
  /** Points that stand in the picture's ground, where it is drawn part by part. */
  #laid = 0;
  #warm = false;
  #again = false;
  #request = 0;
  #start = 0;
  #sizeFactor = 1;
  #shownPose: Pose = homePose();

  /** @throws Error when the browser gives no WebGL 2 context */
  constructor(canvas: HTMLCanvasElement) {
    const software = drawnBySoftware();
    this.#renderer = new WebGLRenderer({ ...(software ? {} : { canvas }), antialias: false, alpha: false, stencil: false, powerPreference: 'high-performance' });
    this.#renderer.info.autoReset = false;
    // Asking for errors waits until the driver has compiled.
    this.#renderer.debug.checkShaderErrors = false;
    this.#camera.layers.enableAll();
    this.#budget = new DrawBudget(software);
    this.#patient = software ? new PatientCanvas(this.#renderer, canvas) : null;
    this.#renderer.outputColorSpace = LinearSRGBColorSpace;
    this.frame = {
      now: 0, view: viewProjection(this.rig.pose, 1, 1), pose: this.rig.pose, cloud: this.cloud, size: itemSize(1), pixelRatio: 1, moving: false, part: { from: 0, count: 0, alone: false },
    };
  }

  /** Hands the shaders of all layers to the driver; nothing is drawn before it has compiled them, so that nobody waits for it. */
  async warmUp(): Promise<void> {
    await this.#renderer.compileAsync(this.#scene, this.#camera);
    this.#warm = true;
    this.invalidate();
  }

  add(layer: Layer): void {
    layer.setScene(this.#scene);
    this.#layers.push(layer);
  }

  setTheme(theme: Theme): void {
    this.#renderer.setClearColor(new Color().setRGB(...theme.ground), 1);
    for (const layer of this.#layers) layer.setTheme(theme);
    this.invalidate();
  }

  /** @param width, height in CSS pixels */
  resize(width: number, height: number, devicePixelRatio: number): void {
    const ratio = Math.min(2, Math.max(1, devicePixelRatio));
    this.frame.pixelRatio = ratio;
    this.#camera.aspect = width / Math.max(1, height);
    this.#camera.updateProjectionMatrix();
    this.frame.view = viewProjection(this.rig.pose, width, height);
    if (this.#patient || this.frame.now === 0) this.invalidate();
    else this.drawNow();
  }

  set sizeFactor(factor: number) {
    this.#sizeFactor = factor;
    this.invalidate();
  }

  /** While false, nothing is drawn; what changed meanwhile is drawn when it becomes true. */
  set awake(on: boolean) {
    this.#awake = on;
    if (on) this.invalidate();
  }
  #awake = true;

  /** Many points are somewhere else or look otherwise: where a processor draws, a part of them is shown first. */
  touch(): void {
    this.#movedAt = performance.now();
    this.invalidate();
  }

  /** Asks for a picture at the next refresh of the screen. @param over only what lies over ground and points has changed */
  invalidate(over = false): void {
    if (!over) this.#stale = true;
    if (!this.#awake || !this.#warm) return;
    if (this.#patient?.busy) this.#again = true;
    else
      this.#request ||= requestAnimationFrame((now) => {
        this.#request = 0;
        this.#draw(now);
      });
  }

  /** Draws at once, e.g. before the canvas is read. */
  drawNow(): void {
    this.#drawHere(this.#prepare(performance.now(), true));
  }

  /**
   * Draws at a multiple of the screen's size, as large as the driver allows, and hands the canvas over while it is so.
   * @param factor 1 is the size on the screen
   */
  async enlarged<T>(factor: number, use: () => Promise<T>): Promise<T> {
    const { frame } = this;
    const ratio = frame.pixelRatio;
    const most = this.#renderer.capabilities.maxTextureSize / Math.max(frame.view.width, frame.view.height);
    frame.pixelRatio = Math.min(ratio * factor, most);
    try {
      this.drawNow();
      return await use();
    } finally {
      frame.pixelRatio = ratio;
      this.invalidate();
    }
  }

  #draw(now: number): void {
    const { moving, now: before } = this.frame;
    const busy = this.#prepare(now, false);
    if (!this.#patient) {
      if (moving && this.frame.moving) this.#took(now - before);
      return this.#drawHere(busy);
    }
    this.#again = false;
    this.#renderer.info.reset();
    const { part, cloud } = this.frame;
    const keep = !this.frame.moving && !part.alone && this.#laid >= cloud.count && !this.#stale;
    if (!part.alone) this.#laid = Math.min(cloud.count, part.from + part.count);
    const shown = part.alone || this.#laid >= cloud.count;
    this.#stale = false;
    const start = performance.now();
    this.#patient.draw(this.#scene, this.#camera, keep ? 'keep' : part.from === 0 ? 'new' : 'more', shown, this.#canvasSize, () => {
      if (!keep) this.#took(performance.now() - start);
      if (shown) this.#shown(busy || this.#again);
      else this.invalidate(true);
    });
    this.facts.frameMs = performance.now() - this.#start;
  }

  #took(ms: number): void {
    const { part, cloud } = this.frame;
    this.facts.pictureMs = ms;
    if (part.count < cloud.count || this.frame.moving) this.#budget.note(part.count, ms);
  }

  #drawHere(busy: boolean): void {
    fit(this.#renderer, this.#canvasSize);
    this.#renderer.info.reset();
    this.#renderer.render(this.#scene, this.#camera);
    this.#patient?.copy();
    this.facts.frameMs = performance.now() - this.#start;
    this.#shown(busy);
  }

  #shown(again: boolean): void {
    this.facts.frames++;
    this.facts.drawnPoints = this.frame.part.alone ? this.frame.part.count : this.cloud.count;
    this.facts.drawCalls = this.#renderer.info.render.calls;
    this.onDrawn?.(this.frame);
    if (again) this.invalidate(true);
  }

  get #canvasSize(): CanvasSize {
    return { width: this.frame.view.width, height: this.frame.view.height, ratio: this.frame.pixelRatio };
  }

  /** Brings everything up to date for a picture. @param whole with all points in any case @returns true when another is wanted after it */
  #prepare(now: number, whole: boolean): boolean {
    this.#start = performance.now();
    const { frame, rig, cloud } = this;
    frame.now = now;
    const moving = rig.update(now);
    const gliding = cloud.update(now);
    frame.pose = rig.pose;
    frame.moving = moving || gliding || rig.pose !== this.#shownPose;
    this.#shownPose = rig.pose;
    frame.view = viewProjection(rig.pose, frame.view.width, frame.view.height);
    frame.part = whole ? { from: 0, count: cloud.count, alone: false } : this.#part(now);
    frame.size = itemSize(cloud.count, this.#sizeFactor, cloud.radius);
    this.#aim(rig.pose);
    this.onUpdate?.(frame);
    let busy = frame.moving;
    for (const layer of this.#layers) busy = layer.update(frame) || busy;
    return busy;
  }

  /**
   * Which points there is time for. While something moves, a few stand for all. Where a processor draws, the rest comes a little
   * after the last motion, part by part, so that the next motion waits for one part only.
   */
  #part(now: number): DrawnPart {
    const { count } = this.cloud;
    const { moving } = this.frame;
    if (moving) this.#movedAt = now;
    const points = this.#budget.of(count);
    if (!this.#patient) return moving ? { from: 0, count: points, alone: points < count } : { from: 0, count, alone: false };
    if (moving || this.#stale || !this.#patient.fits(this.#canvasSize)) this.#laid = 0;
    const rest = this.#movedAt + settleMs - now;
    if (points < count && (moving || rest > 0)) {
      clearTimeout(this.#settling);
      if (!moving) this.#settling = setTimeout(() => this.invalidate(), rest + 1);
      return { from: 0, count: points, alone: true };
    }
    const from = this.#laid < count ? this.#laid : 0;
    return { from, count: points < count ? Math.min(points, count - from) : count, alone: false };
  }

  #aim(pose: Pose): void {
    const eye = new Vector3(...eyeOf(pose));
    this.#camera.position.copy(eye);
    this.#camera.quaternion.setFromRotationMatrix(new Matrix4().lookAt(eye, new Vector3(...pose.target), new Vector3(0, 1, 0)));
    this.#camera.updateMatrixWorld();
  }

  /** What stands at a pixel according to the layers, topmost first, or -1. */
  pick(x: number, y: number): number {
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      const item = this.#layers[i].pick?.(this.frame, x, y) ?? -1;
      if (item >= 0) return item;
    }
    return -1;
  }

  /** Objects alive on the graphics card; zero after `dispose`. */
  get memory(): { geometries: number; textures: number } {
    const { geometries, textures } = this.#renderer.info.memory;
    return { geometries, textures };
  }

  dispose(): void {
    cancelAnimationFrame(this.#request);
    clearTimeout(this.#settling);
    this.#request = -1;
    this.#patient?.dispose();
    for (const layer of this.#layers) layer.dispose();
    this.#layers.length = 0;
    this.onUpdate = this.onDrawn = null;
    this.#renderer.dispose();
  }
}
