/** Two soft notes, a fourth apart: heard, but nothing to be startled by. */
const notes = [
  { hertz: 659.25, atSeconds: 0 },
  { hertz: 880, atSeconds: 0.11 },
];
const noteSeconds = 0.5;
const loudness = 0.09;

let context: AudioContext | undefined;

/**
 * Plays a short sound. Browsers keep a page silent until somebody has touched it; then it stays silent here, too.
 * Does nothing where there is no Web Audio.
 */
export function playChime(): void {
  if (typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  const audio = context;
  // What is resumed much later would sound out of nowhere.
  if (audio.state === "running") ring(audio);
  else if (navigator.userActivation?.hasBeenActive)
    audio.resume().then(
      () => ring(audio),
      () => undefined,
    );
}

function ring(audio: AudioContext): void {
  for (const { hertz, atSeconds } of notes) {
    const start = audio.currentTime + atSeconds;
    const tone = new OscillatorNode(audio, { type: "sine", frequency: hertz });
    const gain = new GainNode(audio, { gain: 0 });
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(loudness, start + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + noteSeconds);
    tone.connect(gain).connect(audio.destination);
    tone.start(start);
    tone.stop(start + noteSeconds);
  }
}
