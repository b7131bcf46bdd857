import { easeInOut } from '../easing.ts';
import { flown, homePose, mixed, normalised, type Pose } from './pose.ts';

export type CameraMode = 'orbit' | 'fly' | 'turntable';

/** Keys held for flying; each -1, 0 or 1. */
export interface Thrust {
  right: number;
  up: number;
  forward: number;
}

const focusMs = 400;
const turntableRadPerSec = 0.16;
const flyUnitsPerSec = 0.9;

/** Moves the pose over time. Knows nothing of three.js; `update` says whether there is more to come. */
export class CameraRig {
  pose: Pose = homePose();
  mode: CameraMode = 'orbit';
  /** False under prefers-reduced-motion: the camera jumps, the turntable stands. */
  motion = true;
  readonly thrust: Thrust = { right: 0, up: 0, forward: 0 };
  #flight: { from: Pose; to: Pose; start: number } | null = null;
  #last = 0;

  /** Sets the pose by hand; a flight under way ends here. */
  set(pose: Pose): void {
    this.#flight = null;
    this.pose = normalised(pose);
  }

  /** Glides to a pose in 400 ms. @param now in ms */
  glideTo(pose: Pose, now: number): void {
    if (this.motion) this.#flight = { from: this.pose, to: normalised(pose), start: now };
    else this.set(pose);
  }

  /** @returns true while the camera moves by itself */
  update(now: number): boolean {
    const seconds = Math.min(0.05, (now - this.#last) / 1000);
    this.#last = now;
    if (this.#flight) {
      const t = Math.min(1, (now - this.#flight.start) / focusMs);
      this.pose = mixed(this.#flight.from, this.#flight.to, easeInOut(t));
      if (t < 1) return true;
      this.pose = this.#flight.to;
      this.#flight = null;
    }
    const { right, up, forward } = this.thrust;
    if (right || up || forward) {
      const speed = flyUnitsPerSec * seconds;
      this.pose = flown(this.pose, right * speed, up * speed, forward * speed);
      return true;
    }
    if (this.mode === 'turntable' && this.motion) {
      this.pose = { ...this.pose, yaw: this.pose.yaw + turntableRadPerSec * seconds };
      return true;
    }
    return false;
  }
}
