import { sensorRegions } from "../../functions/core/detect/sensors.ts";
import { homeOf, protectedOf } from "../../functions/core/model/direction.ts";
import type { Plan } from "../../functions/core/model/plan.ts";
import { createLambda } from "../machines/lambda.ts";
import { eventAge, knownOf, type Playing } from "./simulation.ts";

/** Between rotations, as they are deployed, seconds. */
const rotateEvery = 6 * 3_600;
/** Between looks whether a failover would work, as they are deployed, seconds. */
const lookEvery = 3_600;
const minute = 60;
/** Applications of one Region tick one after the other, seconds. */
const apart = 0.7;

/** Seconds between passes of a plan; 0 when it protects nothing. */
export const replicateSeconds = ({ protect }: Plan) =>
  protect.length > 0 ? Math.min(...protect.map(({ everySeconds }) => everySeconds)) : 0;

/** The second of the minute at which a schedule of one minute comes: that of its creation, so the seed draws it. */
const phaseOf = ({ world }: Playing, name: string) => Math.floor(world.random.fork(`phase ${name}`).between(0, minute));

/** Every schedule that is deployed for the plans: passes, ticks, sweeps, and the sensors in their Regions. */
export const startClock = (playing: Playing) => {
  for (const [index, plan] of playing.plans.entries()) {
    const { application } = plan;
    const late = (index * apart) % minute;
    const passes = replicateSeconds(plan);
    if (passes > 0) {
      playing.every(passes, 5, () => playing.schedule(plan, "replicate"));
      playing.every(rotateEvery, 600, () => playing.schedule(plan, "rotate"));
    }
    playing.every(minute, phaseOf(playing, "Detect") + late, () => void playing.detect(plan, { application }));
    playing.every(300, phaseOf(playing, "close") + late, () => {
      // a sweep of an application that protects nothing has something to do only while a run holds its lease, or is untold
      const { row, untold } = knownOf(playing, plan);
      if (passes > 0 || row?.run || untold.length > 0) playing.schedule(plan, "close");
    });
    startLooks(playing, plan, late);
  }
  startSensors(playing);
};

/** The look of each hour has a container and draws of its own: with it nothing else comes at another moment. */
const startLooks = (playing: Playing, plan: Plan, late: number) => {
  const { stage, world, functions } = playing;
  const { recovery } = plan.regions;
  const place = stage.placeOf(recovery, recovery, recovery, world.random.fork("readiness"));
  const lambda = createLambda(functions, place);
  playing.every(lookEvery, lookEvery / 2 + phaseOf(playing, "Readiness") + late, () => {
    if (!place.isDown())
      void lambda.deliver("Readiness", { application: plan.application }, eventAge.readiness).catch(() => null);
  });
};

const startSensors = (playing: Playing) => {
  const { plans, world } = playing;
  for (const [index, plan] of plans.entries())
    for (const region of sensorRegions(plan)) {
      const lambda = playing.lambdaIn(region, homeOf(plan));
      const invoke = (name: string) =>
        void lambda.deliver(name, { application: plan.application }, eventAge.sensor).catch(() => null);
      const isDown = () => world.faults.isRegionDown(region, Date.now());
      const late = (index * apart) % minute;
      playing.every(minute, phaseOf(playing, `Sense ${region}`) + late, () => {
        if (!isDown() && !isSilenced(playing, plan, region)) invoke("Sense");
      });
      if (region === protectedOf(plan))
        playing.every(minute, phaseOf(playing, "Guard") + late, () => {
          if (!isDown()) invoke("Guard");
        });
    }
};

/** Whether the scenario keeps the Region from being heard. */
const isSilenced = ({ world }: Playing, { application, detect }: Plan, region: string) => {
  const witness = detect.witnesses.find((one) => one.kind === "silence" && one.region === region);
  return witness !== undefined && world.faults.witness(witness.name, Date.now(), application) === "unhealthy";
};
