import { type Exposure, exposureOfPoint } from "../../core/model/exposure.ts";
import { choosePoint } from "../../core/points/choose-point.ts";
import type { Kind } from "../contract.ts";

/** The pinned point, or the newest complete one that leads this way. */
export const exposure: Kind["exposure"] = async ({ store }, route, { name }, pinned): Promise<Exposure> => {
  const point = pinned
    ? await store.point(route.application, pinned)
    : choosePoint(await store.points(route.application, name), name, { kind: "latest" }, route);
  return exposureOfPoint(name, point);
};
