/* Many messages, few pictures: what came is kept as it comes, and told to the views once a frame. A tab that
 * nobody sees gets no frames and is told each second, so that it is right when somebody looks. */
export class Pulse {
  private readonly due = new Set<() => void>();
  private waiting = false;

  /* Calls `tell` once, soon, however often it is asked for until then. */
  soon(tell: () => void): void {
    this.due.add(tell);
    if (this.waiting) return;
    this.waiting = true;
    if (document.hidden) setTimeout(() => this.beat(), 1000);
    else requestAnimationFrame(() => this.beat());
  }

  private beat(): void {
    this.waiting = false;
    const due = [...this.due];
    this.due.clear();
    for (const tell of due) tell();
  }
}
