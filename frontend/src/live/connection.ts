// One WebSocket that comes back by itself: after the last position seen, with growing and scattered pauses.

const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 30_000;
const TICK_MS = 5_000;
const SLEPT_MS = 20_000;
/** The server closes with this code when the session ended: coming back is of no use. */
const SIGNED_OUT = 4401;
/** What the member may see is not what it was: the page has to be asked for again. */
const CHANGED = 4403;
/** The workspace of this page is not open in the browser any more. */
const ELSEWHERE = 4409;

export type State = "connecting" | "open" | "waiting" | "signed-out" | "elsewhere" | "changed" | "stopped";

const ENDS: Record<number, State> = { [SIGNED_OUT]: "signed-out", [CHANGED]: "changed", [ELSEWHERE]: "elsewhere" };

/** How long to wait before attempt number `attempt` (from 0): doubling, between half and the whole of it by chance. */
export function pause(attempt: number, chance: number = Math.random()): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.5 + chance / 2);
}

export interface Listener {
  address(): string;
  message(text: string): void;
  state(state: State): void;
}

export class Connection {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastTick = Date.now();

  constructor(private readonly listener: Listener) {
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("offline", () => this.lost());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
    setInterval(() => this.tick(), TICK_MS);
  }

  start(): void {
    if (this.socket === null && this.timer === undefined) this.connect();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.drop();
    this.listener.state("stopped");
  }

  /** Send if the line is open, and say whether it was. */
  send(value: object): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(value));
    return true;
  }

  private connect(): void {
    this.timer = undefined;
    this.listener.state("connecting");
    const socket = new WebSocket(this.listener.address());
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.attempt = 0;
      this.listener.state("open");
    });
    socket.addEventListener("message", (event) => this.listener.message(String(event.data)));
    socket.addEventListener("close", (event) => socket === this.socket && this.closed(event.code));
  }

  private closed(code: number): void {
    this.socket = null;
    const end = ENDS[code];
    if (end) {
      this.listener.state(end);
      return;
    }
    this.listener.state("waiting");
    this.timer = setTimeout(() => this.connect(), pause(this.attempt++));
  }

  /** There is no network: the connection is dead and may take minutes to notice. */
  private lost(): void {
    if (this.socket === null) return;
    this.drop();
    this.listener.state("waiting");
    this.timer = setTimeout(() => this.connect(), pause(this.attempt++));
  }

  /** There is a network again, or somebody looks: do not wait out the pause. */
  private hurry(): void {
    this.attempt = 0;
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.connect();
  }

  /** A timer that comes much too late means that the machine slept: its connection may be dead without knowing. */
  private tick(): void {
    const now = Date.now();
    const slept = now - this.lastTick > TICK_MS + SLEPT_MS;
    this.lastTick = now;
    if (!slept || this.socket === null) return;
    this.drop();
    this.connect();
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}
