/* The charts of the page. */
export { Sparkline } from "./sparkline";
