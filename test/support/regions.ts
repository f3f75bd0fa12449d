type Mock = { calls(): { thisValue: unknown }[] };
type Caller = { config: { region(): Promise<string> } };

/** Regions to which the calls of these mocks went, each once, sorted. */
export const regionsOf = async (...mocks: Mock[]): Promise<string[]> => {
  const calls = mocks.flatMap((mock) => mock.calls());
  const regions = await Promise.all(calls.map(({ thisValue }) => (thisValue as Caller).config.region()));
  return [...new Set(regions)].sort();
};
