/** The calls to the server, and the session behind them. */

import type { File_, History, Identity, Options } from "./types"
import type { Store } from "./store"

/** The server answered no. `status` is 0 where there was no answer at all. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    reason: string,
    readonly retryAfterMs = 0,
  ) {
    super(reason)
  }

  /** Worth another try with the same words. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500
  }
}

export interface Uploaded {
  ticket: string
  file: File_
}

export class Api {
  identity: Identity | undefined
  private starting: Promise<string> | undefined

  constructor(
    readonly base: string,
    private readonly store: Store,
  ) {}

  options(): Promise<Options> {
    return this.call<Options>("GET", "/config")
  }

  history(before?: string): Promise<History> {
    return this.authorised<History>("GET", before ? `/messages?before=${encodeURIComponent(before)}` : "/messages")
  }

  /** Post a message, a profile or a receipt; the same id twice is one message. */
  post(path: "/messages" | "/read" | "/typing", body: unknown): Promise<unknown> {
    return this.authorised("POST", path, body)
  }

  /** A token for this visitor: the kept one, or a new one. Calls at the same time share one request. */
  token(): Promise<string> {
    const { token, user } = this.store.read()
    if (token && user === this.identity?.user_id && !this.store.tokenIsOld) return Promise.resolve(token)
    // A token without a user goes along: what was said before signing in stays with the person.
    this.starting ??= this.start(user === undefined ? token : undefined).finally(() => (this.starting = undefined))
    return this.starting
  }

  /** Whether there is somebody to load a history for. The history of a user is not shown to whoever comes after signing out. */
  get known(): boolean {
    const { token, user } = this.store.read()
    return Boolean(this.identity || (token && user === undefined))
  }

  async liveAddress(after: string): Promise<string> {
    const address = new URL(`${this.base}/live`)
    address.protocol = address.protocol === "http:" ? "ws:" : "wss:"
    address.search = new URLSearchParams({ token: await this.token(), after }).toString()
    return address.href
  }

  /** Send a file. XMLHttpRequest because fetch tells no progress of what it sends. */
  async upload(file: File, progress: (share: number) => void, signal: AbortSignal): Promise<Uploaded> {
    const token = await this.token()
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.open("POST", `${this.base}/uploads?name=${encodeURIComponent(file.name.slice(-150) || "file")}`)
      request.setRequestHeader("Authorization", `Bearer ${token}`)
      request.setRequestHeader("Content-Type", file.type || "application/octet-stream")
      request.upload.onprogress = (event) => progress(event.total ? event.loaded / event.total : 0)
      request.onload = () => (request.status < 300 ? resolve(JSON.parse(request.responseText) as Uploaded) : reject(refusal(request.status, request.responseText)))
      request.onerror = () => reject(new Refused(0, ""))
      signal.addEventListener("abort", () => request.abort())
      request.send(file)
    })
  }

  forgetToken(): void {
    this.store.write({ token: undefined })
  }

  private async start(kept: string | undefined): Promise<string> {
    const identity = this.identity
    try {
      const answer = await this.call<{ token: string }>("POST", "/session", { token: kept, identity })
      this.store.giveToken(answer.token, identity?.user_id)
      return answer.token
    } catch (error) {
      if (!kept || !(error instanceof Refused) || error.status !== 401) throw error
      this.forgetToken()
      return this.start(undefined)
    }
  }

  /** With the visitor's token; one that is no longer taken is replaced once. */
  private async authorised<T>(method: string, path: string, body?: unknown): Promise<T> {
    const token = await this.token()
    try {
      return await this.call<T>(method, path, body, token)
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 401) throw error
      if (this.store.read().token === token) this.forgetToken()
      return this.call<T>(method, path, body, await this.token())
    }
  }

  protected async call<T>(method: string, path: string, body?: unknown, token?: string): Promise<T> {
    const headers: Record<string, string> = {}
    if (token) headers["Authorization"] = `Bearer ${token}`
    if (body !== undefined) headers["Content-Type"] = "application/json"
    let answer: Response
    try {
      // keepalive: a message outlives the page when the visitor follows a link right after sending it.
      answer = await fetch(this.base + path, { method, headers, body: body === undefined ? null : JSON.stringify(body), credentials: "omit", keepalive: body !== undefined })
    } catch {
      throw new Refused(0, "")
    }
    const text = await answer.text()
    if (!answer.ok) throw refusal(answer.status, text, answer.headers.get("Retry-After"))
    return (text ? JSON.parse(text) : {}) as T
  }
}

function refusal(status: number, text: string, retryAfter?: string | null): Refused {
  let reason = ""
  try {
    reason = String((JSON.parse(text) as { error?: { message?: string } }).error?.message ?? "")
  } catch {
    // A proxy's page: there is nothing in it to show.
  }
  return new Refused(status, reason, Number(retryAfter ?? 0) * 1000 || 0)
}
