import { randomInt } from "node:crypto";

const moods = [
  "Amber Bold Brave Bright Calm Clever Cosy Curious Daring Eager Early Fair Gentle Golden Happy",
  "Humble Jolly Keen Kind Lively Lucky Mellow Merry Misty Nimble Noble Patient Polite Proud Quick",
  "Quiet Rapid Silver Steady Sunny Swift Tidy Warm Wise Witty",
].flatMap((line) => line.split(" "));
const animals = [
  "Badger Beaver Bison Crane Deer Dolphin Eagle Falcon Finch Fox Gecko Hare Heron Ibex Jay Kestrel",
  "Koala Lark Lemur Lynx Marten Mole Moose Newt Otter Owl Panda Puffin Raven Robin Salmon Seal",
  "Sparrow Stork Swan Tiger Turtle Walrus Wren Yak",
].flatMap((line) => line.split(" "));

/** A friendly name for someone who gave none, as "Quiet Otter 42". */
export function makeGuestName(pick: (below: number) => number = randomInt): string {
  return `${moods[pick(moods.length)]} ${animals[pick(animals.length)]} ${10 + pick(90)}`;
}
