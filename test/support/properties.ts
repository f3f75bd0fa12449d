import fc from "fast-check";

/** Every run tries the same values, so that a red one means a changed tree; `PROPERTY_SEED=7 npm test` tries others. */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });
