/** What travels between the widget and its server. Field names are the protocol: add, never rename. */

export interface Options {
  title: string
  greeting: string
  colour: string
  icon: "bubble" | "question" | "smile" | "spark"
  position: "left" | "right"
  language: string
  pre_chat: Question[]
  hide_branding: boolean
  online_hours: string
  file_upload: boolean
  emoji: boolean
  sound: boolean
  require_identity: boolean
  text_length: number
  file_bytes: number
  product: string
  /** On its settings page the widget never fills the frame. */
  preview?: boolean
}

export interface Question {
  kind: "name" | "email" | "phone"
  required: boolean
}

export interface Identity {
  user_id: string
  hash: string
  name?: string | undefined
  first_name?: string | undefined
  last_name?: string | undefined
  email?: string | undefined
  phone?: string | undefined
  language?: string | undefined
}

export type Profile = Partial<Record<"name" | "email" | "phone" | "language", string>>

export interface Button {
  kind: "reply" | "url" | "phone"
  title: string
  value: string
}

export interface Row {
  title: string
  description?: string | null
  payload?: string | null
}

export interface Card {
  title: string
  subtitle?: string | null
  image_url?: string | null
  buttons?: Button[]
}

export interface File_ {
  type: "attachment"
  kind: "image" | "video" | "audio" | "file"
  url?: string | null
  mime?: string | null
  file_name?: string | null
  size?: number | null
  caption?: string | null
}

export type Content =
  | { type: "text"; text: string; payload?: string | null }
  | File_
  | { type: "location"; latitude: number; longitude: number; title?: string | null; address?: string | null }
  | { type: "contact"; name: string; phones?: string[]; emails?: string[] }
  | { type: "quick_reply"; title: string; replies: { title: string; payload?: string | null }[] }
  | { type: "buttons"; text: string; buttons: Button[] }
  | { type: "list"; text: string; button?: string; sections: { title?: string | null; rows: Row[] }[] }
  | ({ type: "card" } & Card)
  | { type: "carousel"; cards: Card[] }
  | { type: "template" | "custom_payload" | "unsupported" }

/** `sending`, `failed` of the visitor's own messages are known here only; the rest comes from the server. */
export type Status = "sending" | "sent" | "delivered" | "read" | "failed"

export interface Message {
  id?: number
  client_id?: string | null
  from: "visitor" | "agent" | "bot"
  name?: string | null
  at: string
  content: Content
  status: Status
}

export interface History {
  seq: string
  messages: Message[]
  before: string | null
}

export interface Frame {
  seq?: string
  messages?: Message[]
  typing?: { name?: string | null }
  refresh?: boolean
}

/** What the visitor sends; kept until the server has taken it. */
export interface Draft {
  id: string
  at: string
  text: string
  payload?: string | undefined
  attachment?: string
  /** The uploaded file as the server described it, to show it until it comes back. */
  file?: File_
}
