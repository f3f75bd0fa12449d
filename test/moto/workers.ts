/** Test files at once, each with a moto of its own: the flow mostly waits, the others mostly work. */
export const workers = 2;
