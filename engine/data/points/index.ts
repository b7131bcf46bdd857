export { asBits, bitsOf, countBits, emptyBits, hasBit, pointsOf, setBit } from './bits.ts';
export { columnToColour } from './columns.ts';
export { ExpressionError } from './expression.ts';
export { createPointTable, openPointTable, type GivenColumn, type PointTable, type Vectors } from './point-table.ts';
