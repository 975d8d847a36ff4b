import { countCodePoints } from "@mirage/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanFileName, contentDisposition } from "./file-names.ts";

test("[FILE-2] [S43] a name is only ever shown: no path, no control, no turned text, never empty, bounded", () => {
  expect(cleanFileName("C:\\Users\\ana\\photo of us.png")).toBe("photo of us.png");
  expect(cleanFileName("../../etc/passwd")).toBe("passwd");
  expect(cleanFileName("..∕..⁄．．／x")).toBe("x");
  expect(cleanFileName("exe.\u202egnp")).toBe("exe.gnp");
  expect(cleanFileName("a\u0000\r\nb.txt")).toBe("ab.txt");
  for (const none of ["", "/", "..", ".", " \u200b ", "\ud800"]) expect(cleanFileName(none)).toMatch(/^(file|\ufffd)$/);
  expect(cleanFileName(`${"😀".repeat(400)}.jpeg`)).toBe(`${"😀".repeat(195)}.jpeg`);
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 500 }), (name) => {
      const cleaned = cleanFileName(name);
      expect(countCodePoints(cleaned)).toBeLessThanOrEqual(200);
      expect(cleaned).not.toMatch(/[\p{Cc}/\\]/u);
      expect(cleaned.trim()).not.toBe("");
    }),
  );
});

test("[FILE-2] [S49] a header with a name stays one header, and says the name in full", () => {
  expect(contentDisposition("attachment", `Bericht "März".pdf`)).toBe(
    `attachment; filename="Bericht _Ma_rz_.pdf"; filename*=UTF-8''Bericht%20%22M%C3%A4rz%22.pdf`,
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 50 }), (name) => {
      const header = contentDisposition("inline", cleanFileName(name));
      expect(header).toMatch(/^inline; filename="[ -~]*"; filename\*=UTF-8''[\w!#$&+.^`|~%-]*$/);
      expect(decodeURIComponent(header.split("UTF-8''")[1] ?? "")).toBe(cleanFileName(name));
    }),
  );
});
