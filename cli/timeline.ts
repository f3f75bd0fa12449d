import type { Plan } from "../functions/core/model/plan.ts";
import type { Server } from "../functions/core/model/server.ts";
import type { Moment } from "../simulator/story/played-story.ts";
import { duration, offset, type Paint } from "../terminal/format.ts";
import { cut, wrapped } from "../terminal/wrap.ts";
import { createNews } from "./news.ts";
import type { News } from "./news-of-steps.ts";
import { barsOf } from "./server-bars.ts";
import { createStages } from "./stages.ts";

/** Columns of the clock before each line of news, as in `T+00:03:12 `. */
const clockColumns = 11;

/**
 * A live view on a terminal: the news, each printed once and never cut, and under them, redrawn in place, the virtual clock, the
 * stages and a bar per server. What is redrawn is never higher than the screen.
 */
export const liveTimeline = (
  out: NodeJS.WriteStream,
  title: string,
  story: { plan: Plan; scenario: string },
  paint: Paint,
) => {
  let zero: number | null = null;
  let began: number | null = null;
  let drawn = 0;
  let servers: Server[] = [];
  const newsOf = createNews(story.plan, story.scenario);
  const stages = createStages(story.plan);

  const write = (above: string[], below: string[]) => {
    const lines = [...above, ...below].map((line) => `\x1b[2K${line}\n`).join("");
    out.write(`${drawn > 0 ? `\x1b[${drawn}A` : ""}\r${lines}\x1b[J`);
    drawn = below.length;
  };
  const view = (now: number) => {
    const [width, height] = [out.columns || 100, (out.rows || 40) - 1];
    const clock = zero === null ? `${duration((now - began!) / 1_000)} of virtual time` : offset(now, zero);
    const state = zero === null ? "making the first recovery points" : stages.line(paint);
    const head = [`${paint.cyan(clock)}  ${state}`];
    return [...head, ...barsOf(servers, Math.max(0, height - head.length), paint)].map((line) => cut(line, width));
  };
  write(
    [paint.bold(title), paint.dim(explained)].flatMap((line) => wrapped(line, out.columns || 100)),
    [],
  );

  const show = (moment: Moment) => {
    began ??= moment.at;
    if (moment.kind === "point") zero = moment.zeroAt;
    if (moment.kind === "zero") zero = moment.at;
    stages.show(moment);
    if (moment.kind === "step" && moment.servers?.length) servers = moment.servers;
    const news = newsOf(moment).flatMap((one) => linesOf(one, zero!, paint, out.columns || 100));
    write(news, view(moment.at));
  };
  return { show, end: () => write([], []) };
};

/** What a reader of every other line needs to know first. */
export const explained = "Virtual time: every clock counts from T, the start of the scenario.";

/** News as lines of a terminal or a file; `width` null: nothing is broken. */
export const linesOf = ({ at, text, mood }: News, zero: number, paint: Paint, width: number | null): string[] => {
  if (mood === "heading") return ["", ...wrapped(paint.bold(text), width ?? Number.POSITIVE_INFINITY)];
  const shown = mood ? moods[mood](paint)(text) : text;
  return wrapped(`${offset(at, zero)} ${shown}`, width ?? Number.POSITIVE_INFINITY, clockColumns);
};

const moods = {
  good: (paint: Paint) => paint.green,
  bad: (paint: Paint) => paint.red,
  person: (paint: Paint) => paint.cyan,
};
