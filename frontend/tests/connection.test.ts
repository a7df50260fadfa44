import assert from "node:assert/strict";
import { mock, test } from "node:test";

const sockets: EventTarget[] = [];
Object.assign(globalThis, {
  window: new EventTarget(),
  document: new EventTarget(),
  WebSocket: class extends EventTarget {
    constructor() {
      super();
      sockets.push(this);
    }
  },
});
mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
const { Connection } = await import("../src/live/connection");

const fail = () => sockets.at(-1)?.dispatchEvent(Object.assign(new Event("close"), { code: 1006 }));

test("a network that comes back while an attempt still fails is tried at once", () => {
  new Connection({ address: () => "ws://nowhere", message: () => {}, state: () => {} }).start();
  for (let lost = 0; lost < 9; lost++) {
    fail();
    mock.timers.tick(30_000);
  }
  assert.equal(sockets.length, 10);
  window.dispatchEvent(new Event("online"));
  fail();
  mock.timers.tick(400);
  assert.equal(sockets.length, 11);
});
