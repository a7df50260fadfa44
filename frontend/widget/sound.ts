/** Two short notes for a new message. Browsers stay silent until the visitor has touched the page. */

let context: AudioContext | undefined

/** To be called from a click or a key. */
export function unlock(): void {
  context ??= new AudioContext()
  if (context.state === "suspended") context.resume().catch(() => undefined)
}

export function chime(): void {
  if (context?.state !== "running") return
  const start = context.currentTime
  note(context, 660, start)
  note(context, 880, start + 0.12)
}

function note(audio: AudioContext, hertz: number, at: number): void {
  const oscillator = audio.createOscillator()
  const volume = audio.createGain()
  oscillator.frequency.value = hertz
  volume.gain.setValueAtTime(0.0001, at)
  volume.gain.exponentialRampToValueAtTime(0.08, at + 0.02)
  volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.25)
  oscillator.connect(volume).connect(audio.destination)
  oscillator.start(at)
  oscillator.stop(at + 0.26)
}
