/** Ends the process once everything is written: an open socket would keep it for minutes. */
export const endWith = async (code: number): Promise<never> => {
  await Promise.all([process.stdout, process.stderr].map(drained));
  process.exit(code);
};

const drained = (stream: NodeJS.WriteStream) => new Promise((resolve) => stream.write("", resolve));
