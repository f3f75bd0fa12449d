/** Names of images are unique per Region; moto takes one twice. */
export const createImageNames = () => {
  const names = new Map<string, string>();
  return {
    isTaken: (region: string, name: string) => names.has(`${region} ${name}`),
    register: (region: string, name: string, id: string) => names.set(`${region} ${name}`, id),
    deregister(id: string) {
      for (const [name, image] of names) if (image === id) names.delete(name);
    },
  };
};

/** Tags of a `TagSpecification` for images, as parameters of CreateTags on `id`: moto forgets them at RegisterImage. */
export const tagging = (params: URLSearchParams, id: string): URLSearchParams | null => {
  const numbers = [...params].flatMap(([key, value]) =>
    /^TagSpecification\.\d+\.ResourceType$/.test(key) && value === "image" ? [key.split(".")[1]!] : [],
  );
  const tags = [...params].flatMap(([key, value]): [string, string][] => {
    const [, number, rest] = /^TagSpecification\.(\d+)\.(Tag\.\d+\.(?:Key|Value))$/.exec(key) ?? [];
    return number && rest && numbers.includes(number) ? [[rest, value]] : [];
  });
  if (tags.length === 0) return null;
  return new URLSearchParams([["Action", "CreateTags"], ["Version", "2016-11-15"], ["ResourceId.1", id], ...tags]);
};
