/** What a map was given under this key, never what every object has (`constructor`); undefined when there is nothing. */
export const own = <V>(map: Readonly<Record<string, V>> | null | undefined, key: string): V | undefined =>
  map && Object.hasOwn(map, key) ? map[key] : undefined;
