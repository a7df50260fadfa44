/** The WebSocket: resumes after the last sequence it saw, connects again with jittered back-off, notices a silent death. */

import { guarded, report } from "./dom"
import type { Frame } from "./types"

const SILENCE_MS = 60_000 // The server says something every 20 s.
const LONGEST_WAIT_MS = 30_000

// Close codes of ours: the token is not taken; the chat is gone or not for this page.
const TOKEN_REFUSED = 4401
const GONE = 4403

interface Ears {
  address: (after: string) => Promise<string>
  frame: (frame: Frame) => void
  /** `true` once connected, `false` after a connection or an attempt was lost. */
  state: (connected: boolean, failures: number) => void
  refused: () => void
}

export class Live {
  private socket: WebSocket | undefined
  private after = ""
  private failures = 0
  private timer = 0
  private watch = 0
  private running = false

  constructor(private readonly ears: Ears) {
    addEventListener("online", guarded(() => this.running && this.now()))
    document.addEventListener("visibilitychange", guarded(() => this.running && !document.hidden && this.now()))
    // A page with an open socket cannot be kept for the Back button.
    addEventListener("pagehide", guarded(() => this.drop()))
    addEventListener("pageshow", guarded(() => this.running && this.now()))
  }

  start(after: string): void {
    this.after = after
    this.running = true
    this.now()
  }

  stop(): void {
    this.running = false
    clearTimeout(this.timer)
    this.drop()
  }

  /** Connect at once unless connected. */
  private now(): void {
    if (this.socket && this.socket.readyState < WebSocket.CLOSING) return
    clearTimeout(this.timer)
    this.connect().catch((error: unknown) => {
      report(error)
      this.later()
    })
  }

  private async connect(): Promise<void> {
    const address = await this.ears.address(this.after)
    if (!this.running) return
    this.drop()
    const socket = new WebSocket(address)
    this.socket = socket
    this.listen()
    socket.onopen = guarded(() => {
      this.failures = 0
      this.ears.state(true, 0)
    })
    socket.onmessage = guarded((event: MessageEvent<string>) => {
      this.listen()
      const frame = JSON.parse(event.data) as Frame
      this.ears.frame(frame)
      if (frame.seq) this.after = frame.seq
    })
    socket.onclose = guarded((event: CloseEvent) => {
      if (socket === this.socket) this.lost(event.code)
    })
  }

  /** Start the clock anew: a connection that stays silent is dead, whatever the browser thinks. */
  private listen(): void {
    clearTimeout(this.watch)
    this.watch = window.setTimeout(guarded(() => this.lost(0)), SILENCE_MS)
  }

  private lost(code: number): void {
    this.drop()
    if (!this.running) return
    if (code === GONE) return this.stop()
    if (code === TOKEN_REFUSED) this.ears.refused()
    this.later()
  }

  private later(): void {
    this.failures += 1
    this.ears.state(false, this.failures)
    const longest = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** (this.failures - 1))
    this.timer = window.setTimeout(guarded(() => this.now()), longest * (0.3 + 0.7 * Math.random()))
  }

  private drop(): void {
    clearTimeout(this.watch)
    const socket = this.socket
    this.socket = undefined
    socket?.close()
  }
}
