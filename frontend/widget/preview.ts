/** The widget on its settings page: looks and words without a server behind them. */

import { Api } from "./api"
import { Chat } from "./chat"
import { guarded } from "./dom"
import { Store } from "./store"
import type { History, Options } from "./types"

class Rehearsal extends Api {
  override token(): Promise<string> {
    return Promise.resolve("")
  }

  override get known(): boolean {
    return false
  }

  override liveAddress(): Promise<string> {
    return new Promise(() => undefined)
  }

  protected override call<T>(): Promise<T> {
    return Promise.resolve({ seq: "", messages: [], before: null } satisfies History as T)
  }
}

/** Show these options, and each later choice that the settings page sends. */
export function preview(options: Options): void {
  let chat: Chat | undefined
  const show = (chosen: Options): void => {
    chat?.panel.host.remove()
    const store = new Store(`preview.${Math.random()}`)
    chat = new Chat(new Rehearsal("", store), store, { ...chosen, require_identity: false, preview: true })
    chat.mount()
    chat.panel.open(false)
  }
  addEventListener("message", guarded((event: MessageEvent<{ ismessenger?: Options }>) => {
    if (event.origin === location.origin && event.data.ismessenger) show(event.data.ismessenger)
  }))
  show(options)
}
