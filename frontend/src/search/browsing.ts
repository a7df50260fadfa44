// Whether somebody walks through conversations by keys: then a thread that opens leaves the focus where it is.

let walking = false;

export function isBrowsing(): boolean {
  return walking;
}

export function browse(on: boolean): void {
  walking = on;
}
