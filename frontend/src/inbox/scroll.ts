// A scrolled area that stays at its end while it grows, unless its reader has scrolled up.

const NEAR_PIXELS = 48;

export class EndKeeper {
  /** Whether the newest is in view. */
  atEnd = true;
  private readonly observer = new ResizeObserver(() => this.atEnd && this.toEnd());

  constructor(
    private readonly area: HTMLElement,
    content: HTMLElement,
  ) {
    this.observer.observe(area);
    this.observer.observe(content);
  }

  stop(): void {
    this.observer.disconnect();
  }

  /** Take note of where the reader is. */
  scrolled(): void {
    this.atEnd = this.area.scrollHeight - this.area.scrollTop - this.area.clientHeight < NEAR_PIXELS;
  }

  toEnd(): void {
    this.atEnd = true;
    this.area.scrollTop = this.area.scrollHeight;
  }

  /** Change what is above without moving what is read. */
  anchored(change: () => void): void {
    const below = this.area.scrollHeight - this.area.scrollTop;
    change();
    this.area.scrollTop = this.area.scrollHeight - below;
  }
}
