import type { Plan } from "../functions/core/model/plan.ts";
import { isAnswer, isProof } from "../simulator/machines/runs.ts";
import type { Decision, Moment } from "../simulator/story/played-story.ts";
import { duration, offset } from "../terminal/format.ts";
import { type News, namedRun, type Step, stepNews } from "./news-of-steps.ts";

/**
 * Turns what happens into what a reader has to know, in order, each thing once. Until it is known when time 0 will be nothing
 * is given: all times count from there.
 */
export const createNews = (plan: Plan, scenario: string) => {
  let zero: number | null = null;
  let hasBegun = false;
  let lostAt: number | null = null;
  const early: News[] = [];
  const held: News[] = [];
  const steps = stepNews(plan);

  const ofUsers = (at: number, region: string | null): News[] => {
    const before = lostAt;
    lostAt = region === null ? (before ?? at) : null;
    if (region === null) return before === null ? [{ at, text: "users: no Region serves them", mood: "bad" }] : [];
    if (before === null) return [];
    const text = `users: served again, by ${region}, after ${duration((at - before) / 1_000)}`;
    return [{ at, text, mood: "good" }];
  };

  const newsAbout = (moment: Moment): News[] => {
    const { at } = moment;
    if (moment.kind === "point") return [{ at, text: `copied: ${moment.text}` }];
    if (moment.kind === "fault") return [{ at, text: `fault: ${moment.text}`, mood: "bad" }];
    if (moment.kind === "person") return [{ at, text: `person: ${moment.text}`, mood: "person" }];
    if (moment.kind === "users") return ofUsers(at, moment.region);
    if (moment.kind === "decision") return ofDecision(moment.decision);
    if (moment.kind === "run") return isReported(moment) ? steps.ended(moment.execution) : [];
    return moment.kind === "step" && isReported(moment) ? steps.step(moment) : [];
  };

  /** A run starts before detect has replied with the decision that started it: its news wait for that, but not for long. */
  const inOrder = (moment: Moment, news: News[]): News[] => {
    if (held.length === 0 && !startsByItself(moment, news)) return news;
    const isDecided = moment.kind === "decision" && news.length > 0;
    held[isDecided ? "unshift" : "push"](...news);
    const since = Math.min(...held.map(({ at }) => at));
    return isDecided || moment.at - since > replyMillisecondsMax ? held.splice(0) : [];
  };

  /** What is to be printed now. */
  return (moment: Moment): News[] => {
    if (moment.kind === "point") zero = moment.zeroAt;
    if (moment.kind === "zero") zero = moment.at;
    const news = inOrder(moment, newsAbout(moment));
    if (zero === null) {
      early.push(...news);
      return [];
    }
    const begins = !hasBegun && moment.at >= zero && (news.length > 0 || moment.kind === "zero");
    hasBegun ||= begins;
    const heading: News[] = begins ? [{ at: zero, text: `The scenario begins: ${scenario}`, mood: "heading" }] : [];
    return [...early.splice(0), ...heading, ...news].map((news) => ({ ...news, text: clocked(news.text, zero!) }));
  };
};

/** Detect replies within seconds after it has started a run. */
const replyMillisecondsMax = 5_000;
const startsByItself = (moment: Moment, news: News[]) =>
  moment.kind === "step" && !namedRun(moment.execution) && news.some(({ mood }) => mood === "heading");

/** Passes of the schedule, what carries an answer, and the daily proof of rights are no news. */
const isReported = ({ execution }: Step | Extract<Moment, { kind: "run" }>) =>
  !isAnswer(execution) && !isProof(execution) && (execution.machine === "failover" || namedRun(execution));

/** That a run is under way is told by the run. */
const ofDecision = ({ at, action, code, because }: Decision): News[] =>
  code === "RunInProgress" ? [] : [{ at, text: `decision: ${action} · ${code} · ${because}` }];

/** A text with its times of the virtual day told by the one clock of the rehearsal. */
export const clocked = (text: string, zero: number) =>
  text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (iso) => offset(Date.parse(iso), zero));
