type Call = { thisValue: unknown };
type Caller = { config: { region(): Promise<string> } };

/** The Region to which each of these calls of a mock went, sorted. */
export const regionOfEach = async (calls: Call[]): Promise<string[]> =>
  (await Promise.all(calls.map(({ thisValue }) => (thisValue as Caller).config.region()))).sort();

/** Regions to which the calls of these mocks went, each once, sorted. */
export const regionsOf = async (...mocks: { calls(): Call[] }[]): Promise<string[]> => [
  ...new Set(await regionOfEach(mocks.flatMap((mock) => mock.calls()))),
];
