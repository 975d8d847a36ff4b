const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
const idLength = 24;

/** Makes an id that no other client makes: 24 characters, about 124 bits. */
export function createId(random: () => number): string {
  let id = "";
  for (let index = 0; index < idLength; index++) id += alphabet[Math.floor(random() * alphabet.length)];
  return id;
}

/** Random numbers from 0 up to 1 that cannot be guessed and do not repeat between tabs. */
export function secureRandom(): number {
  const [word = 0] = crypto.getRandomValues(new Uint32Array(1));
  return word / 2 ** 32;
}
