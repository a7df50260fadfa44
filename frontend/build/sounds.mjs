// The sound of a notification: two soft tones, made here so that nobody's rights are in it. 16-bit mono WAV.
const RATE = 16_000;
const SECONDS = 0.42;
const TONES = [
  { hertz: 659.26, from: 0 },
  { hertz: 987.77, from: 0.11 },
];
const LOUDNESS = 0.22;

export function sounds(output) {
  const samples = Int16Array.from({ length: RATE * SECONDS }, (_, index) => Math.round(at(index / RATE) * 32_767));
  output.addHashed("notice.wav", Buffer.concat([head(samples.byteLength), Buffer.from(samples.buffer)]));
}

/** Each tone begins softly and dies away; a little of its octave makes it a bell. */
function at(second) {
  return TONES.reduce((sum, { hertz, from }) => {
    const t = second - from;
    if (t < 0) return sum;
    const strength = Math.min(1, t / 0.008) * Math.exp(-t * 11) * Math.min(1, (SECONDS - second) / 0.03);
    const wave = Math.sin(2 * Math.PI * hertz * t) + 0.25 * Math.sin(4 * Math.PI * hertz * t);
    return sum + LOUDNESS * strength * wave;
  }, 0);
}

function head(bytes) {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + bytes, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(bytes, 40);
  return head;
}
