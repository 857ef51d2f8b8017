/* Colours and patterns on a canvas. What a style sheet calls --accent is known to an element only, so a chart has
 * an element with the class for each ink (chart.css), and asks the browser what came of it. */

export type Ink = "main" | "band" | "bad" | "text" | "grid" | "ground" | `state${number}`;

export const INKS: readonly Ink[] = ["main", "band", "bad", "text", "grid", "ground"];

export function inkClass(ink: Ink): string {
  return `ink ink-${ink}`;
}

/* What is drawn over the ground of a pattern, in a cell of SIZE: so states differ without colours. */
const SIZE = 8;
const STROKES: readonly ((c: CanvasRenderingContext2D) => void)[] = [
  () => {},
  (c) => line(c, 0, SIZE, SIZE, 0),
  (c) => line(c, 0, SIZE / 2, SIZE, SIZE / 2),
  (c) => c.rect(2, 2, 3, 3),
  (c) => line(c, 0, 0, SIZE, SIZE),
  (c) => line(c, SIZE / 2, 0, SIZE / 2, SIZE),
  (c) => (line(c, 0, SIZE, SIZE, 0), line(c, 0, 0, SIZE, SIZE)),
];

function line(c: CanvasRenderingContext2D, x: number, y: number, toX: number, toY: number): void {
  c.moveTo(x, y);
  c.lineTo(toX, toY);
}

export function pattern(colour: string, ground: string, which: number): CanvasPattern | string {
  const cell = document.createElement("canvas");
  cell.width = cell.height = SIZE;
  const c = cell.getContext("2d");
  if (!c) return colour;
  c.fillStyle = colour;
  c.fillRect(0, 0, SIZE, SIZE);
  c.strokeStyle = c.fillStyle = ground;
  c.beginPath();
  STROKES[which % STROKES.length]!(c);
  c.stroke();
  return c.createPattern(cell, "repeat") ?? colour;
}
