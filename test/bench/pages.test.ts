import { describe, expect, it } from "vitest";
import { createPages, listingOf } from "../../bench/proxy/pages.ts";

const reply = (ids: string[]) =>
  `<?xml?><DescribeSnapshotsResponse><requestId>r</requestId><snapshotSet>${ids
    .map((id) => `<item><snapshotId>${id}</snapshotId><tagSet><item><key>a</key></item></tagSet></item>`)
    .join("")}</snapshotSet></DescribeSnapshotsResponse>`;
const idsOf = (xml: string) => [...xml.matchAll(/<snapshotId>([^<]+)/g)].map(([, id]) => id);
const tokenOf = (xml: string) => /<nextToken>([^<]+)/.exec(xml)?.[1];
const asked = (params: Record<string, string>) => new URLSearchParams(params);
const five = listingOf("DescribeSnapshots", reply(["a", "b", "c", "d", "e"]))!;

describe("a listing", () => {
  it("has the outermost items only", () => {
    expect(five.items).toHaveLength(5);
    expect(five.items[0]).toContain("<tagSet><item>");
  });

  it("is empty where the reply has an empty element", () => {
    const xml = "<R><snapshotSet/></R>";
    expect(createPages(null).first(listingOf("DescribeSnapshots", xml)!, asked({}))).toBe(
      "<R><snapshotSet></snapshotSet></R>",
    );
  });

  it("is none for operations that AWS does not give in pages", () => {
    expect(listingOf("DescribeKeyPairs", reply(["a"]))).toBeNull();
  });
});

describe("pages", () => {
  it("give everything at once when no size is asked for", () => {
    const first = createPages(null).first(five, asked({}));
    expect([idsOf(first), tokenOf(first)]).toEqual([["a", "b", "c", "d", "e"], undefined]);
  });

  it("are as large as asked, each with the token of the next", () => {
    const pages = createPages(null);
    const first = pages.first(five, asked({ MaxResults: "2" }));
    const second = pages.next(asked({ MaxResults: "2", NextToken: tokenOf(first)! }))!;
    const third = pages.next(asked({ MaxResults: "2", NextToken: tokenOf(second)! }))!;
    expect([first, second, third].map(idsOf)).toEqual([["a", "b"], ["c", "d"], ["e"]]);
    expect(tokenOf(third)).toBeUndefined();
  });

  it("are never larger than the regime allows", () => {
    const first = createPages(3).first(five, asked({ MaxResults: "1000" }));
    expect(idsOf(first)).toEqual(["a", "b", "c"]);
    expect(idsOf(createPages(3).first(five, asked({})))).toHaveLength(3);
  });

  it("know no token that is not theirs", () => {
    expect(createPages(null).next(asked({ NextToken: "page-9-1000" }))).toBeNull();
    expect(createPages(null).next(asked({}))).toBeNull();
  });
});
