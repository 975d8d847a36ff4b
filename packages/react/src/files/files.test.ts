import { expect, test } from "vitest";
import { fitBox } from "./fit-box.ts";
import { formatSize } from "./format-size.ts";

test("[FILE-10] the place of a picture is known before it is there", () => {
  const most = { width: 400, height: 300 };
  expect(fitBox({ width: 4_000, height: 1_000 }, most)).toEqual({ width: 400, height: 100 });
  expect(fitBox({ width: 1_000, height: 4_000 }, most)).toEqual({ width: 75, height: 300 });
  expect(fitBox({ width: 80, height: 60 }, most)).toEqual({ width: 80, height: 60 });
  expect(fitBox({ width: 5_000, height: 1 }, most)).toEqual({ width: 400, height: 24 });
  expect(fitBox({}, most)).toEqual({ width: 300, height: 225 });
});

test("[FILE-10] sizes are said as people say them", () => {
  expect([0, 999, 1_000, 1_449_000, 2_000_000_000].map((size) => formatSize(size, "en"))).toEqual([
    "0 bytes",
    "999 bytes",
    "1 kB",
    "1.4 MB",
    "2 GB",
  ]);
});
