import { readdirSync, readFileSync } from "node:fs";

/**
 * Files of the tree that the simulator plays: machines and scenarios. The bundled command line carries them in itself:
 * there infra/bundle-cli.ts puts another module into the place of this one.
 */
export const shippedText = (file: URL): string => readFileSync(file, "utf8");
export const shippedNames = (folder: URL): string[] => readdirSync(folder);
