/** The element of a reply that holds the list, per operation that AWS gives in pages. */
const lists: Record<string, string> = {
  DescribeImages: "imagesSet",
  DescribeInstances: "reservationSet",
  DescribeInstanceTypes: "instanceTypeSet",
  DescribeSnapshots: "snapshotSet",
  DescribeSubnets: "subnetSet",
  DescribeTags: "tagSet",
  DescribeVolumes: "volumeSet",
};

export type Listing = { head: string; items: string[]; tail: string };

/** Takes the reply of a Describe call apart; null when it has no list that comes in pages. */
export const listingOf = (operation: string, xml: string): Listing | null => {
  const name = lists[operation];
  if (!name) return null;
  const empty = xml.indexOf(`<${name}/>`);
  if (empty >= 0) {
    const [head, tail] = [xml.slice(0, empty), xml.slice(empty + name.length + 3)];
    return { head: `${head}<${name}>`, items: [], tail: `</${name}>${tail}` };
  }
  const from = xml.indexOf(`<${name}>`) + name.length + 2;
  const to = xml.lastIndexOf(`</${name}>`);
  if (from < name.length + 2 || to < from) return null;
  return { head: xml.slice(0, from), items: itemsOf(xml.slice(from, to)), tail: xml.slice(to) };
};

/** The outermost `<item>`s; those inside them stay where they are. */
const itemsOf = (xml: string): string[] => {
  const items: string[] = [];
  let depth = 0;
  let from = 0;
  for (const tag of xml.matchAll(/<(\/?)item>/g)) {
    if (!tag[1] && depth++ === 0) from = tag.index;
    if (tag[1] && --depth === 0) items.push(xml.slice(from, tag.index + tag[0].length));
  }
  return items;
};

/** The reply that has these items, and the token of the next page if there is one. */
export const replyOf = ({ head, tail }: Listing, items: string[], token: string | null): string => {
  const bare = tail.replace(/<nextToken>[^<]*<\/nextToken>|<nextToken\/>/, "");
  const next = token ? `<nextToken>${token}</nextToken>` : "";
  const end = bare.indexOf(">") + 1;
  return `${head}${items.join("")}${bare.slice(0, end)}${next}${bare.slice(end)}`;
};

const keptMax = 50;

/**
 * Gives listings page by page as AWS does: at most `MaxResults` items, or `pageMax` where that is less, and a token for
 * the rest. A listing is asked for once; its later pages are what it was then.
 */
export const createPages = (pageMax: number | null) => {
  const kept = new Map<string, Listing>();
  let count = 0;

  const page = (id: string, listing: Listing, from: number, size: number) => {
    const isLast = from + size >= listing.items.length;
    if (isLast) kept.delete(id);
    return replyOf(listing, listing.items.slice(from, from + size), isLast ? null : `${id}-${from + size}`);
  };
  const sizeOf = (params: URLSearchParams) =>
    Math.min(Number(params.get("MaxResults")) || Number.POSITIVE_INFINITY, pageMax ?? Number.POSITIVE_INFINITY);

  return {
    first(listing: Listing, params: URLSearchParams): string {
      const id = `page-${++count}`;
      kept.set(id, listing);
      if (kept.size > keptMax) kept.delete(kept.keys().next().value!);
      return page(id, listing, 0, sizeOf(params));
    },
    /** The page that a token of ours asks for, or null. */
    next(params: URLSearchParams): string | null {
      const [, id = "", from] = /^(page-\d+)-(\d+)$/.exec(params.get("NextToken") ?? "") ?? [];
      const listing = kept.get(id);
      return listing ? page(id, listing, Number(from), sizeOf(params)) : null;
    },
  };
};
