/**
 * A linear map from latents to the three axes of the map: `position = scale * components (z - mean)`.
 * The rows of `components` are orthonormal (or zero where the latents have fewer than three directions).
 */
export interface Projection {
  /** [D] */
  mean: Float32Array;
  /** [3, D] */
  components: Float32Array;
  scale: number;
}
