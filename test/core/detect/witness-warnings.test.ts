import { expect, it } from "vitest";
import { witnessWarnings } from "../../../functions/core/detect/witness-warnings.ts";

const vote = (state: "healthy" | "unhealthy" | "cannot-tell", because: string) => ({
  state,
  because,
  at: "",
  since: "",
  lastHealthyAt: null,
  checkedAt: "",
});

it("a witness that names nothing that exists gets a warning; a silent one, or one with a real target, gets none", () => {
  const votes = {
    errors: vote("cannot-tell", "alarm shop-5xx does not exist"),
    route53: vote("cannot-tell", "TXT _lifeboat-shop.shop.example.com: ENOTFOUND"),
    dark: vote("cannot-tell", "no answer within 3 s"),
    canary: vote("unhealthy", "no answer (ENOTFOUND)"),
    afar: vote("unhealthy", "from us-east-1: no answer (ENOTFOUND)"),
    slow: vote("unhealthy", "no answer (ETIMEDOUT)"),
  };
  expect(witnessWarnings({ votes })).toEqual([
    "witness errors can never vote: alarm shop-5xx does not exist",
    "witness route53 can never vote: TXT _lifeboat-shop.shop.example.com: ENOTFOUND",
    "witness canary queries a name that does not exist: no answer (ENOTFOUND)",
    "witness afar queries a name that does not exist: from us-east-1: no answer (ENOTFOUND)",
  ]);
  expect(witnessWarnings(null)).toEqual([]);
});
